"""Making the record of an experiment from what is known about it. Pure: no clock, one order."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from bot.domain.cases import withheld
from bot.domain.evidence import Content, Entry, Evidence, EvidenceState, missing
from bot.domain.evidence_fields import CASE_WORDS, private_names, tables_of
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private
from bot.domain.record_model import (
    Case,
    Dates,
    FirstRun,
    Item,
    Plan,
    Put,
    Record,
    Resources,
    Runtime,
    Verdict,
    Version,
)
from bot.domain.record_waived import said_waived, waived_in
from engine.contract import DecisionCard

_STANDS = (EvidenceState.GIVEN, EvidenceState.WAIVED, EvidenceState.MISSING)
"""States whose content is no mere claim; what is missing may be known in part."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_COUNTS = ("total", "passed", "failed", "unjudged", "sha256")


def record_of(x: Experiment, items: Sequence[Evidence], entries: Iterable[Entry]) -> Record:
    """The record of an experiment as it stands; the same state gives an equal record.

    Where data is guarded, no word of a prompt or output is in it, whatever was kept before.
    """
    private = is_private(x)
    known = {e.item: _guarded(e, private=private) for e in items}
    stands = {e.item: known[e.item] for e in items if e.state in _STANDS}
    fields = _seven(stands)
    waived = {n: _clean(why) for n, why in waived_in(fields, items).items()}
    return Record(
        experiment=x.label,
        task=_clean(x.shown.card.task),
        privacy=x.shown.card.privacy,
        withheld=private,
        owner=x.owner,
        state=x.state,
        dates=Dates(planned=x.created_at, started=x.started_at, decided=x.concluded_at),
        conclusion=Verdict(by=x.concluded_by, at=x.concluded_at) if x.conclusion else None,
        plan=_plan(x),
        route=x.decision.route.route if x.decision else None,
        decision=x.conclusion,
        missing=tuple(e.item for e in missing(items)),
        evidence=_evidence(items, known, entries),
        gpu_plan=dict(stands.get("gpu_plan") or {}) or None,
        waived=waived,
        **said_waived(fields, waived),
    )


def to_json(record: Record) -> str:
    """The record as JSON: sorted keys, UTF-8, one line feed at the end."""
    whole = record.model_dump(mode="json", by_alias=True)
    return json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _seven(stands: Mapping[str, Content]) -> dict[str, Any]:
    """The fields that evidence fills; the plan and the conclusion give the other two."""
    card, evaluation = stands.get("model_card_license", {}), stands.get("five_case_eval", {})
    run, note = stands.get("first_prompt_output", {}), stands.get("latency_memory_note", {})
    start = _texts(stands.get("runtime_command", {}), ("command", "version"))
    resources = _texts(note, ("memory", "latency", "disk", "cost"))
    first: dict[str, Any] = {name: _words(run.get(name)) for name in ("prompt", "output")}
    first["seconds"] = as_text(run.get("seconds"))
    return {
        "model_name": "@".join(filter(None, _texts(card, ("repo", "revision")).values())) or None,
        "license_note": _licence(card, stands.get("license_review", {})),
        "runtime": Runtime(**start) if any(start.values()) else None,
        "first_run": FirstRun(**first) if any(first.values()) else None,
        "eval": tuple(_case(row) for row in _rows(evaluation.get("cases"))),
        "eval_counts": {name: evaluation[name] for name in _COUNTS if name in evaluation},
        "resource_note": Resources(**resources) if any(resources.values()) else None,
        "shutdown": as_text(stands.get("shutdown_command", {}).get("command")),
    }


def _licence(card: Content, review: Content) -> str | None:
    """`apache-2.0: commercial use is allowed`, and who reviewed a licence that needs it."""
    note = ": ".join(filter(None, _texts(card, ("license_id", "allowed_use")).values()))
    reviewed = ", ".join(
        filter(None, _texts(review, ("conclusion", "reviewer", "reviewed_on")).values())
    )
    return "; ".join(filter(None, (note, reviewed))) or None


def _plan(x: Experiment) -> Plan | None:
    decision = x.decision
    if decision is None:
        return None
    return Plan(
        plan_id=decision.plan_id,
        status=decision.status,
        revision=x.shown.number,
        as_of=decision.inputs.as_of,
        **_versions(decision),
    )


def _versions(decision: DecisionCard) -> dict[str, Any]:
    names = ("engine", "ruleset", "catalog", "offers", "overlay")
    found = {name: getattr(decision.inputs, name) for name in names}
    return {name: Version(**v.model_dump()) if v else None for name, v in found.items()}


def _evidence(
    items: Sequence[Evidence], known: Mapping[str, Content], entries: Iterable[Entry]
) -> tuple[Item, ...]:
    """Every item in its order, retired ones last, with all that was put down for it."""
    put: dict[str, list[Put]] = defaultdict(list)
    for e in entries:
        put[e.item].append(Put(source=e.source, by=e.by, at=e.at, link=e.link))
    return tuple(
        Item(
            item=e.item,
            label=_clean(e.label),
            required=e.required,
            state=e.state,
            source=e.source,
            by=e.by,
            at=e.changed_at,
            reason=_clean(e.reason) if e.reason else None,
            link=_clean(e.link) if e.link else None,
            assignee=e.assignee,
            content=dict(known[e.item]),
            put_down=tuple(put[e.item]),
        )
        for e in items
    )


def _guarded(e: Evidence, *, private: bool) -> Content:
    """An item's content, clean, with each private text that guarded data has replaced."""
    content = {name: _cleaned(value) for name, value in e.content.items()}
    if not private:
        return content
    names, tables = private_names(e.item), tables_of(e.item)
    kept = _pairs_joined(content, names)
    return {
        name: _sealed(value) if name in names else _sealed_rows(value) if name in tables else value
        for name, value in kept.items()
    }


def _pairs_joined(content: Content, names: Iterable[str]) -> dict[str, JsonValue]:
    """A hash and a length that people typed apart, as the one value they stand for."""
    joined = dict(content)
    for name in names:
        sha256, chars = joined.pop(f"{name}_sha256", None), joined.pop(f"{name}_chars", None)
        if sha256 is not None and name not in joined:
            joined[name] = {"sha256": str(sha256), "chars": _count(chars)}
    return joined


def _sealed(value: JsonValue) -> JsonValue:
    """What stands for a text; what stands for one already is said to be withheld."""
    if isinstance(value, Mapping):
        sha256, chars = str(value.get("sha256", "")), _count(value.get("chars"))
        return {"withheld": True, "sha256": sha256, "chars": chars}
    if value is None or value == "":
        return value
    found = withheld(value if isinstance(value, str) else json.dumps(value, sort_keys=True))
    return {"withheld": True, **found} if isinstance(found, dict) else found


def _sealed_rows(value: JsonValue) -> JsonValue:
    return [
        {name: _sealed(v) if name in CASE_WORDS else v for name, v in row.items()}
        for row in _rows(value)
    ]


def _case(row: Mapping[str, JsonValue]) -> Case:
    verdict = row.get("pass")
    words: dict[str, Any] = {name: _words(row.get(name)) for name in CASE_WORDS}
    return Case(
        case_id=as_text(row.get("case_id")) or "",
        passed=verdict if isinstance(verdict, bool) else None,
        seconds=as_text(row.get("seconds")),
        note=as_text(row.get("note")),
        **words,
    )


def _rows(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _words(value: JsonValue) -> JsonValue:
    """A text, or the three values that stand for one that is withheld."""
    if isinstance(value, Mapping) and "sha256" in value:
        return _sealed(value)
    return as_text(value)


def _texts(content: Content, names: Iterable[str]) -> dict[str, str | None]:
    return {name: as_text(content.get(name)) for name in names}


def as_text(value: JsonValue) -> str | None:
    """A value as a text; None for nothing. `{"p50": "1 s"}` reads `p50 1 s`."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {as_text(v)}" for name, v in value.items() if v) or None
    if isinstance(value, list):
        return ", ".join(filter(None, map(as_text, value))) or None
    return str(value) if value is not None and str(value).strip() else None


def _count(value: JsonValue) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else 0


def _cleaned(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list):
        return [_cleaned(v) for v in value]
    if isinstance(value, Mapping):
        return {_clean(name): _cleaned(v) for name, v in value.items()}
    return value


def _clean(text: str) -> str:
    """A text that can be written as UTF-8, with the line ends of a repository."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", whole.replace("\r\n", "\n").replace("\r", "\n"))
