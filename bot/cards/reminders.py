"""The evidence reminder of a channel: who still owes what, with the buttons that end it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import accumulate
from types import MappingProxyType

from babel.dates import format_date

from bot.cards import ids, say
from bot.cards.blocks import actions, button, context, headline, option, overflow, section
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.items import item_name
from bot.cards.text import Mrkdwn, bold, esc, joined, mention, one_line
from bot.domain.delivery import Block, Message
from bot.domain.ids import UserId
from bot.domain.reminders import SNOOZE_UNTIL, Listing, Owed, OwedItem
from bot.domain.schedule import Cadence, zone_of

LISTED = 15
"""Experiments in one message, quiet ones included; the rest is counted."""

MOST_TEXT = 9_300
"""Slack refuses blocks that are too long together: then some stand there without their menu."""

NAMED = 4
"""Items that are named to a person; the rest is counted."""

TASK = 80
NAME = 60

Silent = Mapping[UserId, str]
"""Who is named without being notified, by the name to show."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder, and the experiments that somebody is asked about in it."""

    message: Message
    asked: tuple[Owed, ...]


def reminder(
    found: Listing,
    lead: UserId | None,
    lang: str,
    cadence: Cadence,
    silent: Silent = MappingProxyType({}),
) -> Reminder:
    """Each experiment with its owner; the lead, once, where owners were asked often enough."""
    say_ = words(lang).reminders
    lacks = found.beyond_lacks or any(x.lacks for x in found.asked)
    title, total = say_.title if lacks else say_.title_claims, len(found.asked) + found.beyond_asked
    head = title(total) if total else say_.nobody_asked()
    lines = [_Line(x, _words(x, lang, silent)) for x in found.asked[:LISTED]]
    brief = [_short(line, lang) for line in lines]
    brief += [_quiet(x, cadence.zone, lang) for x in found.quiet[: LISTED - len(brief)]]
    sizes = [_size(block) for block in brief]
    shown = _room(sizes)
    asked, rest = found.asked[:shown], total + len(found.quiet) + found.beyond_quiet - shown
    led = _led(asked, lead, lang, silent)
    drawn = _drawn(lines[:shown], brief[:shown], sizes[:shown], lang)
    blocks = [section(bold(head)), *drawn, *map(section, led)]
    if rest:
        blocks.append(context(say_.more(rest)))
    blocks.append(context(_when(cadence, lang)))
    text = joined("\n", head, *(line.text for line in lines[:shown]), *led)
    return Reminder(Message(text, tuple(blocks)), asked)


@dataclass(frozen=True, slots=True)
class _Line:
    """An experiment, and who is asked for what of it: in words once, shown in several forms."""

    x: Owed
    told: Sequence[Mrkdwn]

    @property
    def text(self) -> Mrkdwn:
        return joined(" · ", self.x.label, *self.told)


def _room(sizes: Sequence[int]) -> int:
    """How many of them one message holds."""
    return sum(size <= MOST_TEXT for size in accumulate(sizes))


def _drawn(
    asked: Sequence[_Line], brief: Sequence[Block], sizes: Sequence[int], lang: str
) -> list[Block]:
    """Each with its menu, as far as all of them fit so; else with its button alone."""
    room = MOST_TEXT - sum(sizes)
    blocks: list[Block] = []
    for n, line in enumerate(asked):
        whole = _asked(line, lang)
        room -= sum(map(_size, whole)) - sizes[n]
        if room < 0:
            return [*blocks, *brief[n:]]
        blocks += whole
    return [*blocks, *brief[len(asked) :]]


def _size(block: Block) -> int:
    return len(json.dumps(block, ensure_ascii=False))


def _led(asked: Sequence[Owed], lead: UserId | None, lang: str, silent: Silent) -> list[Mrkdwn]:
    """The lead's lines, of what others were asked for often enough: not given, or not accepted."""
    say_, late = words(lang).reminders, [x for x in asked if x.known.names_lead]
    theirs = [x.label for x in late if x.lacks and lead not in x.asked()]
    claims = [x.label for x in late if not x.lacks and lead not in x.asked()]
    told = ((say_.lead, theirs), (say_.lead_claims, claims))
    return [
        tell(_who(lead, silent), say.some_of(labels, lang, NAMED), len(labels))
        for tell, labels in told
        if lead is not None and labels
    ]


def _when(cadence: Cadence, lang: str) -> Mrkdwn:
    """When reminders come, in whose time, and where to change it."""
    say_, zone = words(lang).reminders, place_of(cadence.zone)
    return say_.at_hour(hour_of(cadence.hour), zone) if cadence.days else say_.in_zone(zone)


def place_of(zone: str) -> str:
    """The city that a time zone is named after, such as New York."""
    return zone.rpartition("/")[2].replace("_", " ")


def hour_of(at: time) -> str:
    """An hour of the day, such as 9:00."""
    return f"{at.hour}:{at.minute:02}"


def _short(line: _Line, lang: str) -> Block:
    x = line.x
    text = joined(" · ", bold(x.label), *line.told)
    return section(text, accessory=_attach(x, lang) if x.lacks else _open(x, lang))


def _asked(line: _Line, lang: str) -> list[Block]:
    x = line.x
    title = headline("hourglass_flowing_sand", x.label, one_line(x.task, TASK))
    return [title, section(joined("\n", *line.told)), _buttons(x, lang)]


def _words(x: Owed, lang: str, silent: Silent) -> list[Mrkdwn]:
    """Who is asked for what; nobody is named twice."""
    say_, asked = words(lang).reminders, x.asked()
    return [say_.asks(_who(who, silent), _owes(items, lang)) for who, items in asked.items()]


def _who(user: UserId, silent: Silent) -> Mrkdwn:
    """A mention; of who is not to be disturbed only the name."""
    return esc(one_line(silent[user], NAME)) if user in silent else mention(user)


def _owes(items: Sequence[OwedItem], lang: str) -> Mrkdwn:
    """What is not there, and apart from it what is and only waits for Accept."""
    absent = [item_name(e, lang) for e in items if not e.claimed]
    claims = [item_name(e, lang) for e in items if e.claimed]
    told = [say.some_of(absent, lang, NAMED)] if absent else []
    if claims:
        names = say.some_of(claims, lang, NAMED)
        told.append(words(lang).reminders.claims(len(claims), names))
    return joined(" · ", *told)


def _buttons(x: Owed, lang: str) -> Block:
    say_ = words(lang).reminders
    options = (
        (say_.tomorrow(hour_of(SNOOZE_UNTIL)), ids.SNOOZE_DAY),
        (say_.week(), ids.SNOOZE_WEEK),
        (say_.assign(), ids.CHANGE_OWNER),
        (say_.waive(), ids.WAIVE_CHOICE),
        (say_.mute(), ids.MUTE),
    )
    row = [*([_attach(x, lang)] if x.lacks else []), *([_open(x, lang)] if x.waits else [])]
    return actions([*row, _menu(x, options)])


def _attach(x: Owed, lang: str) -> Block:
    say_, ref = words(lang).reminders, PlanRef(e=x.experiment, r=x.revision)
    return button(say_.attach(), ids.ATTACH, value=ref.dump(), says=say_.attach_to(x.label))


def _open(x: Owed, lang: str) -> Block:
    say_, ref = words(lang).reminders, PlanRef(e=x.experiment, r=x.revision)
    return button(
        say_.checklist(), ids.OPEN_EVIDENCE, value=ref.dump(), says=say_.checklist_of(x.label)
    )


def _quiet(x: Owed, zone: str, lang: str) -> Block:
    say_, until = words(lang).reminders, x.known.snoozed_until
    if x.known.muted or until is None:
        text, back = say_.muted(bold(x.label)), say_.unmute()
    else:
        text, back = _snoozed(x, until, zone, lang), say_.wake()
    options = ((back, ids.WAKE), (say_.checklist(), ids.CHECKLIST))
    return section(text, accessory=_menu(x, options))


def _snoozed(x: Owed, until: datetime, zone: str, lang: str) -> Mrkdwn:
    """Until which day and hour of the channel: the same words for every reader, and on any day."""
    local = until.astimezone(zone_of(zone))
    day = format_date(local.date(), "EEE d MMM" if lang == "en" else "M月d日 EEE", locale=lang)
    hour, place = hour_of(local.time()), place_of(zone)
    return words(lang).reminders.snoozed(bold(x.label), joined(" ", day, hour), place)


def _menu(x: Owed, options: Iterable[tuple[Mrkdwn, str]]) -> Block:
    return overflow(
        ids.REMIND_MORE,
        [
            option(text, PlanRef(e=x.experiment, r=x.revision, choice=choice).dump())
            for text, choice in options
        ],
    )
