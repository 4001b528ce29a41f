"""What a line of the audit is about, by its name instead of the id that the audit keeps."""

import re
from collections.abc import Callable, Sequence

from bot.cards.gpu_say import PROVIDERS, code_of
from bot.cards.i18n import words
from bot.cards.items import item_by_id
from bot.cards.say import place_words
from bot.cards.text import Mrkdwn, esc, joined, mention, one_line
from bot.domain.audit import Entry
from bot.domain.fleet import Provider
from bot.domain.ids import ChannelId, UserId

SUBJECT = 60
"""Characters of a thing that is none of these."""

PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_PROVIDER = f"({'|'.join(p.value for p in Provider)})"

Said = Callable[[re.Match[str], str], Mrkdwn]


def subject_words(entry: Entry, lang: str) -> Mrkdwn:
    """A channel, person, experiment, evidence item, GPU, digest, price or the workspace."""
    if entry.subject == entry.actor:  # what is refused to somebody wherever they ask
        return Mrkdwn("owroute")
    for pattern, said in _KINDS:
        if found := pattern.fullmatch(entry.subject):
            return said(found, lang)
    return esc(one_line(entry.subject, SUBJECT))


def _item(found: re.Match[str], lang: str) -> Mrkdwn:
    return joined(" · ", found[1], one_line(item_by_id(found[2], lang), SUBJECT))


def _gpu(found: re.Match[str], lang: str) -> Mrkdwn:
    """A machine by its name and its provider's id: several may have one name.

    One that was entered by hand has only its name; no other such one has it at the same time.
    """
    if found[1] == Provider.MANUAL:
        return code_of(found[4] or found[2])
    names = dict.fromkeys(text for text in (found[4], found[2]) if text)
    named = joined(" · ", *(code_of(text) for text in names))
    return words(lang).audit.of_provider(named, _provider(found[1]))


def _kind(found: re.Match[str], lang: str) -> Mrkdwn:
    return words(lang).audit.of_provider(code_of(found[2]), _provider(found[1]))


def _digest(found: re.Match[str], lang: str) -> Mrkdwn:
    say = words(lang).audit
    place = place_words(ChannelId(found[1]), lang) if found[1] else say.workspace()
    return say.of_week(place, found[2])


def _provider(value: str) -> str:
    return PROVIDERS.get(Provider(value), value)


_KINDS: Sequence[tuple[re.Pattern[str], Said]] = (
    (re.compile(r"T[A-Z0-9]+"), lambda _, lang: words(lang).audit.workspace()),
    (PERSON, lambda found, _: mention(UserId(found[0]))),
    (re.compile(r"[CDG][A-Z0-9]{2,}"), lambda found, lang: place_words(ChannelId(found[0]), lang)),
    (re.compile(r"(OW-\d+) ([a-z_]+)"), _item),
    (re.compile(_PROVIDER + r":(.+?):(\d+)(?: (.+))?", re.DOTALL), _gpu),
    (re.compile(_PROVIDER + r" (.+)", re.DOTALL), _kind),
    (re.compile(r"digest:T\w+:(?:([CDG]\w+):)?(\d{4}-W\d\d)(?::\w+)?"), _digest),
)
"""The forms of what the audit keeps, and how each reads."""
