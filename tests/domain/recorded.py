"""Experiments with evidence as people and the capture script put it down."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.evidence import Content, Entry, Evidence, EvidenceState, Source
from bot.domain.evidence_fields import Field, Kind, fields_of
from bot.domain.ids import UserId
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private
from tests.cards.made import checklist

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ADA = UserId("U0ADA00001")
COMMIT = "9f1d3c" + "0" * 34
SECRET = "Who earns most in the marketing department?"

_VALUES: Mapping[Kind, Any] = {
    Kind.LINE: "a line",
    Kind.TEXT: "first line\nsecond line",
    Kind.COMMAND: "first line\nsecond line",
    Kind.LISTING: "first line\nsecond line",
    Kind.MODEL: "Qwen/Qwen3-8B",
    Kind.REVISION: COMMIT,
    Kind.LINK: "https://colab.research.google.com/drive/1",
    Kind.ADDRESS: "http://127.0.0.1:8000/v1",
    Kind.SECONDS: "1.25 s",
    Kind.SIZE: "14.2 GiB",
    Kind.MONEY: "0.44 USD",
    Kind.DATE: "2026-11-24",
    Kind.HASH: "ab" * 32,
    Kind.COUNT: 43,
    Kind.CASES: [
        {"case_id": f"c{n}", "pass": n != 2, "note": "cites a page"} for n in range(1, 6)
    ],
    Kind.PAIRS: [{"case_id": f"c{n}", "before": n != 2, "after": True} for n in range(1, 6)],
}  # fmt: skip


def content_of(item: str, *, private: bool) -> Content:
    """A good value in every field of an item."""
    return {field.name: value_of(field) for field in fields_of(item, private=private)}


def value_of(field: Field) -> Any:
    return _VALUES[field.kind]


def entries_of(x: Experiment, items: Sequence[Evidence]) -> list[Entry]:
    """Everything put down once, by Ada, a minute apart."""
    private = is_private(x)
    return [
        Entry(f"k{n}", e.item, Source.TYPED, content_of(e.item, private=private), minute(n), ADA)
        for n, e in enumerate(items)
    ]


def minute(number: int) -> datetime:
    return AT + timedelta(minutes=number)


def given(x: Experiment) -> tuple[tuple[Evidence, ...], list[Entry]]:
    """The whole checklist, given."""
    items = checklist(x)
    entries = entries_of(x, items)
    return tuple(i.with_entry(e) for i, e in zip(items, entries, strict=True)), entries


def having(items: Sequence[Evidence], item: str, **content: Any) -> tuple[Evidence, ...]:
    """The checklist with something else in one item."""
    return tuple(
        replace(e, content=content, state=EvidenceState.GIVEN) if e.item == item else e
        for e in items
    )
