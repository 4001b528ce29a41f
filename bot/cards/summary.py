"""What was put down for an evidence item, in one short line; never the words of private data."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from bot.cards.i18n import words
from bot.cards.items import in_words
from bot.cards.text import one_line
from bot.domain.evidence import Evidence
from bot.domain.evidence_fields import Field, Kind, fields_of

LINE = 110
VALUE = 48
DIGITS = 12


def summary(item: Evidence, *, private: bool, lang: str) -> str:
    """The values in the order of the fields, cut short; "" when nothing is known."""
    known = {f.name: f for f in fields_of(item.item, private=False)}
    hidden = {n for n, f in known.items() if f.private} if private else set()
    shown = {f.name: f for f in fields_of(item.item, private=private)} | {
        n: f for n, f in known.items() if n not in hidden or isinstance(item.content.get(n), dict)
    }
    said = (text for f in shown.values() for text in _said(item.content, f, lang))
    return one_line(" · ".join(said), LINE)


def _said(content: Mapping[str, JsonValue], field: Field, lang: str) -> Iterator[str]:
    value = content.get(field.name)
    if field.kind in (Kind.CASES, Kind.PAIRS):
        yield from _cases(content, lang)
    elif isinstance(value, dict):
        yield words(lang).evidence.withheld(value.get("chars", 0))
    elif field.kind is Kind.HASH and isinstance(value, str):
        yield f"{value[:DIGITS]}…"
    elif value not in (None, "", []):
        yield one_line(in_words(str(value), lang), VALUE)


def _cases(content: Mapping[str, JsonValue], lang: str) -> Iterator[str]:
    """How many passed: counted by the script, or in the rows that are listed."""
    rows = content.get("cases") or content.get("pairs")
    listed = [r for r in rows if isinstance(r, dict)] if isinstance(rows, list) else []
    total = content.get("total", len(listed))
    passed = content.get("passed", sum(r.get("pass", r.get("after")) is True for r in listed))
    if total:
        yield words(lang).evidence.cases(passed, total)
