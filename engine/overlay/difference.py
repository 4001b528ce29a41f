"""What an overlay changes against the built-in data: entries added, changed and removed, by id."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.contract import Lang, OfferItem
from engine.load import EngineData
from engine.overlay.layer import OFFERS, Layer
from engine.overlay.lines import ID_FIELDS
from engine.overlay.merge import HEAD


class Kind(StrEnum):
    """What happened to an entry."""

    added = "added"
    changed = "changed"
    removed = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a file, or one field of it with its old and new value as text."""

    file: str
    entry: str
    kind: Kind
    field: str = ""
    old: str = ""
    new: str = ""


def differences(
    layer: Layer, before: EngineData, after: EngineData, lang: Lang
) -> tuple[Change, ...]:
    """All changes, file by file in their order; texts in one language."""
    found = [
        change
        for path, whole in sorted(layer.merged().items())
        for change in _in_file(path, layer.built_in[path], whole, lang)
    ]
    return (*found, *_of_offers(before.catalog.offers, after.catalog.offers))


def _in_file(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any], lang: Lang
) -> Iterator[Change]:
    for field in (name for name in new if name not in HEAD):
        before, after = _entries(old.get(field)), _entries(new[field])
        if before is None or after is None:
            before, after = {"": {field: old.get(field)}}, {"": {field: new[field]}}
        yield from _between(path, before, after, lang, whole=field)


def _between(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any], lang: Lang, whole: str
) -> Iterator[Change]:
    for name in old:
        if name not in new:
            yield Change(path, name, Kind.removed)
    for name, entry in new.items():
        if name not in old:
            yield Change(path, name, Kind.added)
        else:
            yield from _fields(path, name or whole, old[name], entry, lang)


def _fields(path: str, name: str, old: Any, new: Any, lang: Lang) -> Iterator[Change]:
    before, after = _named(old), _named(new)
    for field in {**before, **after}:
        was, now = _shown(before.get(field), lang), _shown(after.get(field), lang)
        if was != now:
            yield Change(path, name, Kind.changed, "" if field == name else field, was, now)


def _entries(value: Any) -> dict[str, Any] | None:
    """The entries of a list or mapping by id; None for a value that has none."""
    if isinstance(value, dict):
        return None if "en" in value else {str(name): entry for name, entry in value.items()}
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return None
    named = {next((e[f] for f in ID_FIELDS if f in e), None): e for e in value}
    return None if None in named else {str(name): entry for name, entry in named.items()}


def _named(entry: Any) -> Mapping[str, Any]:
    return entry if isinstance(entry, dict) and "en" not in entry else {"": entry}


def _shown(value: Any, lang: Lang) -> str:
    if isinstance(value, dict) and "en" in value:
        return str(value[lang.value])
    if value is None or isinstance(value, str):
        return value or "-"
    return json.dumps(value, ensure_ascii=False, default=str)


def _of_offers(old: Mapping[str, OfferItem], new: Mapping[str, OfferItem]) -> Iterator[Change]:
    before = {name: offer.model_dump(mode="json") for name, offer in old.items()}
    after = {name: offer.model_dump(mode="json") for name, offer in new.items()}
    return _between(OFFERS, before, after, Lang.en, whole="")
