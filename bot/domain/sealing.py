"""Words that were kept before an experiment became private: hash and length take their place."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from pydantic import JsonValue

from bot.domain.cases import withheld
from bot.domain.evidence import Content, Entry, Evidence
from bot.domain.evidence_fields import CASE_WORDS, private_names, tables_of


def sealed_items(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The checklist without the words that private data guard; the rest as it was."""
    return tuple(replace(e, content=sealed(e.item, e.content)) for e in items)


def sealed_entries(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those of the entries that hold such words, without them."""
    safe = ((e, replace(e, content=sealed(e.item, e.content))) for e in entries)
    return tuple(after for before, after in safe if after != before)


def sealed(item: str, content: Content) -> Content:
    """What was put down for an item, without such words. Sealed twice is sealed once."""
    names, tables = private_names(item), tables_of(item)
    return {
        name: seal(value) if name in names else _rows(value) if name in tables else value
        for name, value in content.items()
    }


def seal(value: JsonValue) -> JsonValue:
    """What stands for a text; nothing, and what stands for one already, stays as it is."""
    if value is None or value == "" or (isinstance(value, Mapping) and "sha256" in value):
        return value
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return withheld(text.encode("utf-8", "replace").decode("utf-8"))


def _rows(value: JsonValue) -> JsonValue:
    if not isinstance(value, list):
        return value
    return [
        {name: seal(v) if name in CASE_WORDS else v for name, v in row.items()}
        if isinstance(row, dict)
        else row
        for row in value
    ]
