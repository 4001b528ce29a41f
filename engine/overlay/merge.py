"""Laying a team's entries over the built-in ones: by id, field by field, in plain data.

A known id takes the team's fields in place of its own, a new one is appended, `disabled: true`
removes one. Mappings merge by key in the same way; a text or any other value is replaced whole.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.datafile import ByKey, DataFile
from engine.overlay.findings import Finding, Steps
from engine.overlay.lines import Document

OFF = "disabled"
HEAD = frozenset({*DataFile.model_fields, "extends"})
"""What heads a file; a team's head speaks of its own file and is not merged."""

REMOVABLE = frozenset(
    {
        "families",
        "hardware",
        "items",
        "licenses",
        "models",
        "plans",
        "providers",
        "rules",
        "runtimes",
    }
)
"""Lists that may lose entries; of the others each entry answers for some card."""

NEEDED = "off_needed"
_LANGUAGES = frozenset({"en", "zh"})


def list_keys(shape: type[DataFile], built_in: Mapping[str, Any]) -> dict[str, str]:
    """The lists of a file whose entries have ids, with the field that holds the id."""
    keys: dict[str, str] = {}
    for name, field in shape.model_fields.items():
        named = next((m.key for m in field.metadata if isinstance(m, ByKey)), None)
        if named is None and _all_have_ids(built_in.get(name)):
            named = "id"
        if named is not None:
            keys[name] = named
    return keys


def entry_defects(
    document: Document, keys: Mapping[str, str], built_in: Mapping[str, Any]
) -> Iterator[Finding]:
    """Entries that cannot be merged: without an id, twice, or switched off though unknown."""
    for field, value in document.data.items():
        if field in keys:
            yield from _list_defects(document, field, keys[field], built_in.get(field))
        elif isinstance(value, dict):
            for key, entry in value.items():
                yield from _off_defects(document, (field, str(key)), str(key), entry, NEEDED)


def merged(
    built_in: Mapping[str, Any], team: Mapping[str, Any], keys: Mapping[str, str]
) -> dict[str, Any]:
    """The file with a team's part laid over it; neither part is changed."""
    whole = dict(built_in)
    for field, value in team.items():
        if field in keys:
            known = _by_id(whole.get(field, []), keys[field])
            whole[field] = list(_laid_over(known, _by_id(value, keys[field])).values())
        elif field not in HEAD:
            known_value: Any = whole.get(field)
            both = _is_mapping(known_value) and _is_mapping(value)
            whole[field] = _laid_over(known_value, value) if both else value
    return whole


def is_off(entry: object) -> bool:
    """Whether a team takes this entry away."""
    return isinstance(entry, dict) and entry.get(OFF) is True


def _laid_over(known: Mapping[Any, Any], team: Mapping[Any, Any]) -> dict[Any, Any]:
    whole = dict(known)
    for name, entry in team.items():
        if is_off(entry):
            whole.pop(name, None)
        elif _is_mapping(entry) and _is_mapping(whole.get(name)):
            whole[name] = {**whole[name], **entry}
        else:
            whole[name] = entry
    return whole


def _is_mapping(value: object) -> bool:
    """A mapping of fields or entries; a text in languages is one value."""
    return isinstance(value, dict) and not _LANGUAGES & value.keys()


def _by_id(entries: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    return {entry[key]: entry for entry in entries}


def _all_have_ids(entries: object) -> bool:
    return (
        isinstance(entries, list)
        and bool(entries)
        and all(isinstance(e, dict) and isinstance(e.get("id"), str) for e in entries)
    )


def _list_defects(
    document: Document, field: str, key: str, built_in: list[dict[str, Any]] | None
) -> Iterator[Finding]:
    entries = document.data[field]
    if not isinstance(entries, list):
        yield Finding(document.name, document.place((field,)).line, "type_list", {"field": field})
        return
    known = {entry[key] for entry in built_in or ()}
    first: dict[str, int] = {}
    for place, entry in enumerate(entries):
        line = document.place((field, place)).line
        name = entry.get(key) if isinstance(entry, dict) else None
        if not isinstance(name, str):
            yield Finding(document.name, line, "entry_without_id", {"key": key, "field": field})
            continue
        if name in first:
            yield Finding(document.name, line, "id_twice", {"id": name, "first": first[name]})
        first.setdefault(name, line)
        why_not = NEEDED if field not in REMOVABLE else None if name in known else "off_unknown"
        yield from _off_defects(document, (field, place), name, entry, why_not)


def _off_defects(
    document: Document, steps: Steps, name: str, entry: object, why_not: str | None
) -> Iterator[Finding]:
    if not isinstance(entry, dict) or OFF not in entry:
        return
    line = document.place((*steps, OFF)).line
    if entry[OFF] is not True:
        yield Finding(document.name, line, "off_is_true")
    elif why_not:
        yield Finding(document.name, line, why_not, {"id": name})
