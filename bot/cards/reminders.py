"""The evidence reminder of a channel: who still owes what, with the buttons that end it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bot.cards import ids, say
from bot.cards.blocks import actions, button, context, headline, option, overflow, section
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.items import item_name
from bot.cards.text import Mrkdwn, bold, joined, mention, moment, one_line
from bot.domain.delivery import Block, Message
from bot.domain.ids import UserId
from bot.domain.reminders import SNOOZE_UNTIL, Listing, Owed

LISTED = 15
"""Experiments in one message, quiet ones included; the rest is counted."""

MOST_TEXT = 9_300
"""Slack refuses blocks that are too long together: then some stand there without their menu."""

NAMED = 4
"""Items that are named to a person; the rest is counted."""

TASK = 80


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder, and the experiments that somebody is asked about in it."""

    message: Message
    asked: tuple[Owed, ...]


def reminder(found: Listing, lead: UserId | None, lang: str) -> Reminder:
    """Each experiment with its owner, and the lead's name where owners were asked often enough."""
    say_ = words(lang).reminders
    head = say_.title(len(found.asked)) if found.asked else say_.nobody_asked()
    brief = [_short(x, lead, lang) for x in found.asked[:LISTED]]
    brief += [_quiet(x, lang) for x in found.quiet[: LISTED - len(brief)]]
    shown = _room(brief)
    asked, rest = found.asked[:shown], len(found.asked) + len(found.quiet) - shown
    blocks = [section(bold(head)), *_drawn(asked, brief[:shown], lead, lang)]
    if rest:
        blocks.append(context(say_.more(rest)))
    lines = [_line(x, lead, lang) for x in asked]
    return Reminder(Message(joined("\n", head, *lines), tuple(blocks)), asked)


def _room(brief: Sequence[Block]) -> int:
    """How many of them one message holds."""
    sizes = accumulate(map(_size, brief))
    return sum(size <= MOST_TEXT for size in sizes)


def _drawn(
    asked: Sequence[Owed], brief: Sequence[Block], lead: UserId | None, lang: str
) -> list[Block]:
    """Each with its menu, as far as all of them fit so; else with its button alone."""
    room = MOST_TEXT - sum(map(_size, brief))
    blocks: list[Block] = []
    for n, x in enumerate(asked):
        whole = _asked(x, lead, lang)
        room -= sum(map(_size, whole)) - _size(brief[n])
        if room < 0:
            return [*blocks, *brief[n:]]
        blocks += whole
    return [*blocks, *brief[len(asked) :]]


def _size(block: Block) -> int:
    return len(json.dumps(block, ensure_ascii=False))


def _short(x: Owed, lead: UserId | None, lang: str) -> Block:
    text = joined(" · ", bold(x.label), *_words(x, lead, lang))
    return section(text, accessory=_attach(x, lang))


def _asked(x: Owed, lead: UserId | None, lang: str) -> list[Block]:
    title = headline("hourglass_flowing_sand", x.label, one_line(x.task, TASK))
    return [title, section(joined("\n", *_words(x, lead, lang))), _buttons(x, lang)]


def _words(x: Owed, lead: UserId | None, lang: str) -> list[Mrkdwn]:
    """Who is asked for what; nobody is named twice."""
    say_, asked = words(lang).reminders, x.asked()
    lines = [
        say_.asks(mention(who), say.some_of([item_name(e, lang) for e in items], lang, NAMED))
        for who, items in asked.items()
    ]
    if x.known.names_lead and lead is not None and lead not in asked:
        lines.append(say_.lead(mention(lead), n=x.known.times))
    return lines


def _line(x: Owed, lead: UserId | None, lang: str) -> Mrkdwn:
    return joined(" · ", x.label, *_words(x, lead, lang))


def _buttons(x: Owed, lang: str) -> Block:
    say_ = words(lang).reminders
    hour = SNOOZE_UNTIL.strftime("%H:%M").lstrip("0")
    options = (
        (say_.tomorrow(hour), ids.SNOOZE_DAY),
        (say_.week(), ids.SNOOZE_WEEK),
        (say_.assign(), ids.CHANGE_OWNER),
        (say_.mute(), ids.MUTE),
        (say_.checklist(), ids.CHECKLIST),
    )
    return actions([_attach(x, lang), _menu(x, options)])


def _attach(x: Owed, lang: str) -> Block:
    say_, ref = words(lang).reminders, PlanRef(e=x.experiment, r=x.revision)
    return button(say_.attach(), ids.ATTACH, value=ref.dump(), says=say_.attach_to(x.label))


def _quiet(x: Owed, lang: str) -> Block:
    say_, until = words(lang).reminders, x.known.snoozed_until
    if x.known.muted or until is None:
        text, back = say_.muted(bold(x.label)), say_.unmute()
    else:
        text, back = say_.snoozed(bold(x.label), moment(until)), say_.wake()
    options = ((back, ids.WAKE), (say_.checklist(), ids.CHECKLIST))
    return section(text, accessory=_menu(x, options))


def _menu(x: Owed, options: Iterable[tuple[Mrkdwn, str]]) -> Block:
    return overflow(
        ids.REMIND_MORE,
        [
            option(text, PlanRef(e=x.experiment, r=x.revision, choice=choice).dump())
            for text, choice in options
        ],
    )
