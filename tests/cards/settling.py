"""Reminders and settings: of channels, people, new plans and prices; audit and first message."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import time
from decimal import Decimal
from typing import Any

from bot.cards import audit, greeting, personal, settings_defaults, workspace_prices
from bot.domain.audit import Entry
from bot.domain.delivery import Message
from bot.domain.digest_when import DigestMode, WeekTime
from bot.domain.fleet import Provider
from bot.domain.personal import Mute, Own
from bot.domain.reminders import NIGHT, ReminderRules
from bot.domain.schedule import QuietHours, WorkHours
from bot.domain.watch import SetPrice
from bot.domain.workspace import Person
from tests.cards.reminding import ADA, GRACE, HERE, LIN, REMINDING, opened
from tests.forms.filling import NOW

PERSON = Person(
    HERE.team, ADA, HERE.team, "Ada", "en-US", "Europe/London", False, False, False, False, NOW
)
OWN = Own(
    tz="Asia/Tokyo",
    usual=False,
    quiet=QuietHours(time(19), time(9)),
    mutes=frozenset({Mute.EVIDENCE}),
)
DEFAULTS = {
    "privacy": "private_docs",
    "needs_service_api": "no",
    "stop_after": "6",
    "providers_allowed": "runpod, aws",
    "max_hourly": "2.50",
}
SET = SetPrice(Provider.RUNPOD, "H100 SXM *<!channel>*", Decimal("0.000001"), GRACE, NOW)
WORKING = replace(
    HERE,
    lead=LIN,
    hours=WorkHours(time(8), time(17, 30)),
    digest=DigestMode.ALWAYS,
    digest_at=WeekTime(5, time(16)),
)
TZ = ('{"tz": "UTC"}', '{"tz": "Europe/Berlin"}')
RULES = ReminderRules()
ENTRIES = [
    Entry(12, NOW, GRACE, "channel.settings", HERE.channel, *TZ),
    Entry(
        11, NOW, LIN, "workspace.settings", HERE.team, '{"ops": ""}', f'{{"ops": "{HERE.channel}"}}'
    ),
    Entry(10, NOW, ADA, "plan.owner_changed", "OW-12", ADA, LIN),
    Entry(9, NOW, GRACE, "evidence.waived", "OW-12 model_card_license", "missing", "waived"),
    Entry(8, NOW, LIN, "gpu.shutdown_set", "runpod:pod1:1 ow-12-ada", "", NOW.isoformat()),
    Entry(7, NOW, GRACE, "workspace.price", "runpod H100 SXM", "", "0.000001"),
    Entry(6, NOW, None, "gpu.stop_time", "runpod:pod1:1 ow-12-ada", "", ""),
    Entry(5, NOW, ADA, "plan.submitted", "OW-12 <!channel> `x` \u202e", "", "y" * 400),
    Entry(4, NOW, ADA, "channel.settings", HERE.channel, "tz=`UTC`", "as it was kept" * 20),
    Entry(3, NOW, ADA, "plan.of_long_ago", "OW-1", "<!here>", "y" * 400),
]


def prices(lang: str, *, some: bool = True) -> Mapping[str, Any]:
    lacking = [(Provider.VAST, "RTX 5090")] if some else []
    return workspace_prices.prices_modal(
        workspace_prices.Prices([SET] if some else [], lacking), lang
    )


def greeted(lang: str, *, known: bool) -> Message:
    here = replace(HERE, lead=LIN if known else None)
    return greeting.greeting(here, LIN if known else None, ReminderRules().cadence(here), lang)


SETTLING: dict[str, Callable[[str], Message | Mapping[str, Any]]] = {
    **REMINDING,
    "settings_working": lambda lang: opened(lang, leads=True, here=WORKING),
    "settings_mine": lambda lang: personal.personal_modal(PERSON, NIGHT, lang),
    "settings_mine_own": lambda lang: personal.personal_modal(
        replace(PERSON, own=OWN, tz=None), None, lang
    ),
    "settings_defaults": lambda lang: settings_defaults.defaults_modal(
        {"privacy": "public", "stop_after": "office"}, DEFAULTS, lang, HERE.channel
    ),
    "workspace_defaults": lambda lang: settings_defaults.defaults_modal(DEFAULTS, {}, lang),
    "workspace_prices": prices,
    "workspace_prices_none": lambda lang: prices(lang, some=False),
    "workspace_price_changed": lambda lang: workspace_prices.price_note(GRACE, None, SET, lang),
    "audit": lambda lang: audit.audit_page(ENTRIES, lang, RULES, more=True),
    "audit_long": lambda lang: audit.audit_page(ENTRIES * 9, lang, RULES, more=False),
    "audit_end": lambda lang: audit.audit_page([], lang, RULES, more=False),
    "greeting": lambda lang: greeted(lang, known=True),
    "greeting_unknown": lambda lang: greeted(lang, known=False),
}
