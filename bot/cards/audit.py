"""Who did what, a page at a time, for admins."""

from collections.abc import Sequence
from itertools import accumulate

from bot.cards import ids
from bot.cards.audit_say import did, what_changed
from bot.cards.blocks import actions, button, context, section
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, bold, joined, mention, moment
from bot.domain.audit import Entry
from bot.domain.delivery import Message
from bot.domain.reminders import ReminderRules

PAGE = 20
LONG = 6000
"""Characters after which a page ends early; an entry alone may be longer."""


def audit_page(entries: Sequence[Entry], lang: str, rules: ReminderRules, *, more: bool) -> Message:
    """One page, newest first; `more`: there are older ones behind a button."""
    say = words(lang).audit
    if not entries:
        return Message(say.nothing(), (section(say.nothing()),))
    lines = [_line(entry, lang, rules) for entry in entries]
    shown = max(1, sum(size <= LONG for size in accumulate(map(len, lines))))
    last = str(entries[shown - 1].id)
    older = button(say.older(), ids.OPEN_AUDIT, value=last, says=say.older_says())
    blocks = [
        section(bold(say.title())),
        *(section(line) for line in lines[:shown]),
        *([actions([older])] if more or shown < len(entries) else []),
        context(say.intro()),
    ]
    return Message(say.title(), tuple(blocks))


def _line(entry: Entry, lang: str, rules: ReminderRules) -> Mrkdwn:
    say = words(lang).audit
    who = mention(entry.actor) if entry.actor else say.itself()
    line = say.line(moment(entry.at), who, did(entry, lang))
    return joined("\n", line, *(Mrkdwn(f"• {x}") for x in what_changed(entry, lang, rules)))
