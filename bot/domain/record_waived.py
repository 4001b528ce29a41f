"""Fields that a record leaves open for a reason: waived, or waiting for somebody to press Accept.

A waived text that nobody gave reads `waived: REASON`; what cannot be such a text is named in
`waived`. A field that waits is empty: what nobody has accepted does not stand.
"""

from collections.abc import Collection, Iterable, Mapping, Set
from typing import Any

from bot.domain.cases import ENOUGH
from bot.domain.evidence import Evidence, EvidenceState
from bot.domain.record_model import FirstRun, Part, Record, Resources, Runtime, Waivable
from engine.contract import EvidenceCheck

FEEDS: Mapping[str, tuple[Waivable, ...]] = {
    "model_card_license": ("model_name", "license_note"),
    "runtime_command": ("runtime",),
    "first_prompt_output": ("first_run",),
    "five_case_eval": ("eval",),
    "latency_memory_note": ("resource_note",),
    "shutdown_command": ("shutdown",),
}
"""The fields that an item's content is for."""

_PARTS: Mapping[str, type[Part]] = {
    "runtime": Runtime,
    "first_run": FirstRun,
    "resource_note": Resources,
}
_TEXTS = ("license_note", "shutdown")


def waived_in(fields: Mapping[str, Any], items: Iterable[Evidence]) -> dict[Waivable, str]:
    """Of these fields, those that are not whole and whose item was waived, each with the reason."""
    return {
        name: e.reason or ""
        for e in items
        if e.state is EvidenceState.WAIVED
        for name in FEEDS.get(e.item, ())
        if not _whole(name, fields[name])
    }


def said_waived(fields: Mapping[str, Any], waived: Mapping[Waivable, str]) -> dict[str, Any]:
    """The fields, with `waived: REASON` for each text in them that is not there."""
    return {**fields, **{n: _said(n, fields[n], f"waived: {why}") for n, why in waived.items()}}


def unsaid(record: Record) -> Record:
    """The record without those texts, for who says in a reader's language what was waived."""
    taken: dict[str, Any] = {
        n: _taken(getattr(record, n), f"waived: {why}") for n, why in record.waived.items()
    }
    return record.model_copy(update=taken)


def waiting(record: Record) -> Set[Waivable]:
    """The fields that are empty though something is there, which nobody has accepted yet."""
    claimed = [e.item for e in record.evidence if e.state is EvidenceState.CLAIMED]
    named = {name for item in claimed for name in FEEDS.get(item, ())}
    return {name for name in named if not getattr(record, name)}


def excused(check: EvidenceCheck, waived: Collection[str]) -> EvidenceCheck:
    """What is wrong or missing in the fields that were not waived."""
    errors = tuple(e for e in check.errors if e.pointer.removeprefix("/") not in waived)
    missing = tuple(name for name in check.missing if name not in waived)
    return EvidenceCheck(valid=not (errors or missing), errors=errors, missing=missing)


def _whole(name: Waivable, value: Any) -> bool:
    """Whether nothing of a field is left to be waived."""
    if name == "eval":
        return len({c.case_id for c in value if c.passed is not None}) == len(value) >= ENOUGH
    if name == "model_name":
        return bool(value) and "@" in value
    if name in _PARTS:
        return value is not None and all(getattr(value, n) for n in type(value).model_fields)
    return bool(value)


def _taken(value: Any, words: str) -> Any:
    if isinstance(value, Part):
        return value.model_copy(update={n: None for n, v in value if v == words})
    return None if value == words else value


def _said(name: Waivable, value: Any, words: str) -> Any:
    if name in _TEXTS:
        return value or words
    if name not in _PARTS:
        return value
    part = _PARTS[name]
    return part(**{n: getattr(value, n, None) or words for n in part.model_fields})
