"""Checking an experiment's nine-field record: what is missing, and what is wrong with it."""

import re
from collections.abc import Callable, Mapping, Sequence

from pydantic import JsonValue

from engine.contract import EvidenceCheck, EvidenceRecord, ProblemItem, Route

ENOUGH_CASES = 5
_EXACT_MODEL = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", re.ASCII)
_DECISIONS = frozenset({"keep", "switch_model", "rag", "lora", "stop"})
_ROUTES = frozenset(route.value for route in Route)


def check_record(record: EvidenceRecord, sentences: Mapping[str, str]) -> EvidenceCheck:
    """Name every empty field and every defect of a filled one; `sentences` by defect code."""
    given = {name: getattr(record, name) for name in EvidenceRecord.model_fields}
    missing = tuple(name for name, value in given.items() if _empty(value))
    defects = (
        (name, _CHECKS[name](value, record)) for name, value in given.items() if name not in missing
    )
    errors = tuple(
        ProblemItem(pointer=f"/{name}", code=code, detail=sentences[code])
        for name, code in defects
        if code is not None
    )
    return EvidenceCheck(valid=not (errors or missing), errors=errors, missing=missing)


def _empty(value: JsonValue) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _model(value: JsonValue, _: EvidenceRecord) -> str | None:
    exact = isinstance(value, str) and _EXACT_MODEL.fullmatch(value)
    return None if exact else "model_name_not_exact"


def _text(value: JsonValue, _: EvidenceRecord) -> str | None:
    return None if isinstance(value, str) else "not_text"


def _route(value: JsonValue, _: EvidenceRecord) -> str | None:
    return None if isinstance(value, str) and value in _ROUTES else "route_unknown"


def _parts(value: JsonValue, names: Sequence[str], filled: Callable[[JsonValue], bool]) -> bool:
    return isinstance(value, dict) and all(filled(value.get(name)) for name in names)


def _runtime(value: JsonValue, _: EvidenceRecord) -> str | None:
    whole = _parts(value, ("command", "version"), lambda part: not _empty(part))
    return None if whole else "runtime_incomplete"


def _first_run(value: JsonValue, _: EvidenceRecord) -> str | None:
    whole = _parts(value, ("prompt", "output", "seconds"), lambda part: not _empty(part))
    return None if whole else "first_run_incomplete"


def _resources(value: JsonValue, _: EvidenceRecord) -> str | None:
    whole = _parts(value, ("memory", "latency", "disk", "cost"), _has_number)
    return None if whole else "resource_note_incomplete"


def _has_number(value: JsonValue) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float)) or (
        isinstance(value, str) and any(c.isdigit() for c in value)
    )


def _cases(value: JsonValue, _: EvidenceRecord) -> str | None:
    if not isinstance(value, list):
        return "eval_not_a_list"
    ids = [case.get("case_id") for case in value if _whole_case(case) and isinstance(case, dict)]
    if len(ids) < len(value):
        return "eval_case_incomplete"
    if len(ids) < ENOUGH_CASES:
        return "eval_too_few"
    return "eval_ids_repeat" if len({str(i) for i in ids}) < len(ids) else None


def _whole_case(case: JsonValue) -> bool:
    return (
        isinstance(case, dict)
        and isinstance(case.get("case_id"), str)
        and not _empty(case["case_id"])
        and isinstance(case.get("pass"), bool)
    )


def _decision(value: JsonValue, record: EvidenceRecord) -> str | None:
    if not isinstance(value, str) or value not in _DECISIONS:
        return "decision_unknown"
    cases = record.eval if isinstance(record.eval, list) else []
    failed = any(isinstance(case, dict) and case.get("pass") is False for case in cases)
    return "lora_without_failures" if value == "lora" and not failed else None


_CHECKS: Mapping[str, Callable[[JsonValue, EvidenceRecord], str | None]] = {
    "model_name": _model,
    "license_note": _text,
    "route": _route,
    "runtime": _runtime,
    "first_run": _first_run,
    "eval": _cases,
    "resource_note": _resources,
    "shutdown": _text,
    "decision": _decision,
}
