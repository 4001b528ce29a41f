"""Evidence items in the reader's language: what they are called and ask for, and our own words.

A decision is written in its planner's language; who reads a checklist may have another one. An item
that a team's own rules add or rename keeps the words that it has there.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Protocol

from bot.cards import say
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, unescaped
from bot.domain.evidence_fields import FIELDS
from bot.domain.workspace import LANGUAGES
from engine.contract import LicenseDecision, Route

GAP = "@@"
"""Stands for the value of a sentence."""


class Named(Protocol):
    """An item by the engine's id, with the name it was given when it was decided."""

    @property
    def item(self) -> str:
        """The engine's id."""

    @property
    def label(self) -> str:
        """Its name in the planner's language."""


class Described(Named, Protocol):
    """One that also says what to write."""

    @property
    def template(self) -> str:
        """What to write, in the planner's language."""


def item_name(e: Named, lang: str) -> str:
    """What an item is called."""
    return _said("name", e.item, e.label, lang)


def item_by_id(item: str, lang: str) -> str:
    """What one of owroute's own items is called; a team's own keeps its id."""
    ours = _ours(f"name_{item}") if item in FIELDS else {}
    return ours.get(lang, item)


def item_what(e: Described, lang: str) -> str:
    """What an item asks for; "" where a team's rules say nothing."""
    return _said("what", e.item, e.template, lang)


def in_words(text: str, lang: str) -> str:
    """What owroute has written into an item by itself; any other text as it is."""
    for sentence, mine in _with_value(lang):
        found = sentence.fullmatch(text)
        if found:
            return mine.replace(GAP, found[1])
    return _own(lang).get(text, text)


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same, whatever language owroute has written them in."""
    return in_words(one, LANGUAGES[0]) == in_words(other, LANGUAGES[0])


def _said(kind: str, item: str, stored: str, lang: str) -> str:
    if item not in FIELDS:
        return stored
    ours = _ours(f"{kind}_{item}")
    return ours.get(lang, ours[LANGUAGES[0]]) if stored in ours.values() else stored


@cache
def _ours(macro: str) -> Mapping[str, str]:
    """Our words for it by language."""
    said = {lang: unescaped(say.spoken(lang, "evidence_items", macro)) for lang in LANGUAGES}
    return MappingProxyType(said)


@cache
def _own(lang: str) -> Mapping[str, str]:
    """Each of owroute's own values in any language, as one language says it."""
    there = [unescaped(text) for text in _values(lang)]
    return MappingProxyType(
        {unescaped(text): mine for other in LANGUAGES
         for text, mine in zip(_values(other), there, strict=True)}
    )  # fmt: skip


@cache
def _with_value(lang: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentences with a number or a day in them, in any language, and as one language has it."""
    there = [unescaped(text) for text in _sentences(lang)]
    return tuple(
        (re.compile(re.escape(unescaped(text)).replace(GAP, r"([\d.-]+)")), mine)
        for other in LANGUAGES
        for text, mine in zip(_sentences(other), there, strict=True)
    )


def _sentences(lang: str) -> Iterator[Mrkdwn]:
    say_ = words(lang).derived
    yield from (say_.after_hours(GAP), say_.review(GAP))


def _values(lang: str) -> Iterator[Mrkdwn]:
    """What `bot.cards.derived` writes that is not data, in one order for all languages."""
    say_ = words(lang).derived
    yield from (say.spoken(lang, "running", f"licence_{v.value}") for v in LicenseDecision)
    yield from (say_.at_cap(per) for per in (say_.per_month(), say_.per_hour()))
    yield from (say_.no_ports(), say_.ssh_key(), say_.listing(), say_.smaller())
    yield from (say.route_words(route.value, lang) for route in Route)
