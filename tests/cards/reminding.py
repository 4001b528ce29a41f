"""Reminders and channel settings to show."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from bot.cards import reminders, settings, settings_said
from bot.cards import workspace as workspace_cards
from bot.domain.delivery import Message
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.reminders import Listing, Owed, OwedItem, ReminderRules, Reminding
from bot.domain.watch import NO_CAP, MonthlyCap, Watching
from bot.domain.workspace import Channel
from tests.cards.made import COLAB, RENTED, STOPPED, checklist, planned
from tests.forms.filling import NOW

ADA, LIN, GRACE = UserId("U0ADA00001"), UserId("U0LIN00001"), UserId("U0GRACE001")
HERE = Channel(TeamId("T1"), ChannelId("C0MLLAB0001"), tz="Europe/Berlin")
RULES = ReminderRules()
CAP = MonthlyCap(Decimal("49.90"), stops=True)
WATCHING = Watching(
    HERE.team, default_stop=time(20), ops=ChannelId("C0OPS000001"), members_stop=True
)
DAY = timedelta(days=1)
HELD = workspace_cards.Settled(WATCHING, CAP, (ADA, LIN))


def owed(lang: str, number: int = 12, **changes: Any) -> Owed:
    """A running experiment with all its evidence missing."""
    x = planned(RENTED | STOPPED if number % 2 else COLAB, lang)
    items = tuple(OwedItem(e.item, e.label) for e in checklist(x) if e.counts)
    plain = Owed(ExperimentId(number), number, 3, ADA, x.shown.card.task, NOW - 3 * DAY, items)
    return replace(plain, **changes)


def several(lang: str) -> Listing:
    """Two owners, an assignee, a lead who is named, and two that are quiet."""
    one, two = owed(lang), owed(lang, 13, owner=LIN, known=Reminding(times=3))
    items = (*one.items[:2], replace(one.items[2], assignee=GRACE))
    return Listing(
        asked=(replace(one, items=items, task="notes *for* <a> course"), two),
        quiet=(
            owed(lang, 14, known=Reminding(1, snoozed_until=NOW + DAY)),
            owed(lang, 15, known=Reminding(2, muted=True)),
        ),
    )


def drawn(found: Listing, lead: UserId | None, lang: str) -> Message:
    return reminders.reminder(found, lead, lang, RULES.cadence(HERE)).message


def many(lang: str) -> Listing:
    return Listing(tuple(owed(lang, n) for n in range(1, 40)), ())


def opened(lang: str, *, leads: bool, here: Channel = HERE) -> Mapping[str, Any]:
    return settings.settings_modal(here, CAP, RULES, lang, zone=here.tz, leads=leads)


def changed(lang: str) -> Message:
    after = replace(
        HERE, language="zh_CN", tz="Asia/Shanghai", remind_at=time(9), weekends=True,
        remind_every=timedelta(hours=4), muted=True, lead=LIN,
    )  # fmt: skip
    return settings_said.changed_note(GRACE, (HERE, NO_CAP), (after, CAP), RULES, lang)


def workspace(lang: str) -> Mapping[str, Any]:
    return workspace_cards.workspace_modal(HELD, lang)


def workspace_changed(lang: str) -> Message:
    before = workspace_cards.Settled(Watching(HERE.team))
    return workspace_cards.changed_note(GRACE, before, HELD, lang)


OWN = replace(HERE, language="zh_CN", remind_every=3 * DAY, remind_at=time(9, 30), lead=LIN)

REMINDING: dict[str, Callable[[str], Message | Mapping[str, Any]]] = {
    "reminder": lambda lang: drawn(Listing((owed(lang),), ()), None, lang),
    "reminder_several": lambda lang: drawn(several(lang), GRACE, lang),
    "reminder_many": lambda lang: drawn(many(lang), None, lang),
    "reminder_quiet": lambda lang: drawn(Listing((), several(lang).quiet), None, lang),
    "settings": lambda lang: opened(lang, leads=False),
    "settings_admin": lambda lang: opened(lang, leads=True, here=OWN),
    "settings_changed": changed,
    "settings_read": lambda lang: settings_said.settings_read(OWN, CAP, RULES, lang),
    "workspace": workspace,
    "workspace_changed": workspace_changed,
}
