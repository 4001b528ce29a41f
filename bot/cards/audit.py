"""Who did what, a page at a time, for admins."""

from collections.abc import Sequence

from bot.cards import ids
from bot.cards.blocks import actions, button, context, section
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, bold, code, joined, mention, moment, one_line
from bot.domain.audit import Entry
from bot.domain.delivery import Message

PAGE = 20
SUBJECT, DETAIL = 60, 90
"""Characters of what it was done to, and of what it was before and after."""


def audit_page(entries: Sequence[Entry], lang: str, *, more: bool) -> Message:
    """One page, newest first; `more`: there are older ones behind a button."""
    say = words(lang).audit
    if not entries:
        return Message(say.nothing(), (section(say.nothing()),))
    lines = [_line(entry, lang) for entry in entries]
    older = button(say.older(), ids.OPEN_AUDIT, value=str(entries[-1].id), says=say.older_says())
    blocks = [
        section(bold(say.title())),
        *(section(line) for line in lines),
        *([actions([older])] if more else []),
        context(say.intro()),
    ]
    return Message(say.title(), tuple(blocks))


def _line(entry: Entry, lang: str) -> Mrkdwn:
    say = words(lang).audit
    who = mention(entry.actor) if entry.actor else say.itself()
    subject = code(one_line(entry.subject, SUBJECT))
    line = say.line(moment(entry.at), who, code(entry.action), subject)
    told = [one_line(text, DETAIL) for text in (entry.before, entry.after)]
    if not any(told):
        return line
    return joined("\n", line, joined(" → ", *(code(text) if text else "–" for text in told)))
