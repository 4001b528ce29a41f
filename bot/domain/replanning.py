"""The checklist after a (re-)plan and after LoRA: what is asked for now, and what still holds."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.evidence import (
    NOTHING,
    PLAN_CHANGED,
    Content,
    Entry,
    Evidence,
    EvidenceState,
    Source,
)
from engine.contract import DecisionCard
from engine.contract import EvidenceItem as Requirement

AFTER_LORA = frozenset({"before_after_eval", "adapter_artifact"})
"""Asked for without being required, until LoRA is decided."""

BOUND = AFTER_LORA | {
    "model_card_license", "runtime_command", "first_prompt_output", "five_case_eval",
    "latency_memory_note", "shutdown_command", "runtime_type", "endpoint", "request_response",
    "cost_per_hour", "gpu_plan", "environment_report",
}  # fmt: skip
"""What is only true of one model on one machine."""

_JUDGED = (EvidenceState.REJECTED, EvidenceState.WAIVED, EvidenceState.RETIRED)


def reconciled(
    have: Iterable[Evidence], need: Iterable[Requirement], at: datetime
) -> tuple[Evidence, ...]:
    """The checklist after a (re-)plan: what applies stays, the new is missing, the rest retires.

    Order is the decision's; retired items follow, so that nothing that was given is ever lost.
    """
    old = {e.item: e for e in have}
    kept = [_continued(old.pop(n.id, None), n, at) for n in need]
    retired = [e if e.state is EvidenceState.RETIRED else e.retired(at) for e in old.values()]
    return (*kept, *retired)


def _continued(old: Evidence | None, need: Requirement, at: datetime) -> Evidence:
    """An item that applies (again). One that comes back has what was given for it before."""
    if old is None:
        return Evidence(
            item=need.id,
            label=need.label,
            kind=need.kind,
            required=need.required,
            state=EvidenceState.MISSING,
            changed_at=at,
            template=need.template,
        )
    same = replace(
        old,
        label=need.label,
        kind=need.kind,
        required=need.required or old.required,
        template=need.template,
    )
    return same.back(at) if old.state is EvidenceState.RETIRED else same


def after_lora(
    items: Iterable[Evidence], at: datetime, need: Iterable[Requirement]
) -> tuple[Evidence, ...]:
    """The checklist once LoRA is decided: evaluation before and after, and the adapter.

    `need` are these items, for a checklist that did not list them until now.
    """
    old = {e.item: e for e in items}
    asked = {n.id: n.model_copy(update={"required": True}) for n in need if n.id in AFTER_LORA}
    made = {i: _continued(old.get(i), n, at) for i, n in asked.items()}
    in_place = [made.pop(e.item, e) for e in old.values()]
    retired = [e for e in in_place if e.state is EvidenceState.RETIRED]
    return (*(e for e in in_place if e not in retired), *made.values(), *retired)


def derivations(entries: Iterable[Entry]) -> Mapping[str, Content]:
    """What owroute has last written down by itself, by item; the entries come oldest first."""
    ours = (e for e in entries if e.source is Source.DERIVED and e.by is None)
    return {e.item: e.content for e in ours}


def runs_elsewhere(before: DecisionCard | None, after: DecisionCard) -> bool:
    """Whether a re-plan runs another model, other files of it, another runtime, route or GPU."""
    return before is not None and _ground(before) != _ground(after)


def _ground(decision: DecisionCard) -> tuple[str | None, ...]:
    model, command = decision.model, next(iter(decision.runtime_commands), None)
    files = (model.weights.repo, model.weights.revision, model.scheme) if model else ()
    runtime = command.runtime if command else None
    return (decision.route.route.value, runtime, *_gpus(decision), *files)


def _gpus(decision: DecisionCard) -> tuple[str | None, ...]:
    """Which GPUs it runs on, rented or one's own; the same one elsewhere is the same."""
    offer, own = decision.offer, decision.inputs.card.hardware
    if offer is not None:
        return (offer.gpu_id, str(offer.gpu_count))
    return (own.gpu_id, str(own.gpu_count)) if own else ()


def doubted(items: Iterable[Evidence], at: datetime) -> tuple[Evidence, ...]:
    """The checklist once the plan runs something else: what was given is a claim again.

    Somebody accepts it if it still holds; what is known in part begins anew. What was rejected,
    waived or retired stays so; of what was waived nothing stands that was of another model.
    """
    return tuple(_doubted(e, at) if e.item in BOUND else e for e in items)


def _doubted(item: Evidence, at: datetime) -> Evidence:
    if item.state is EvidenceState.WAIVED:
        return replace(item, content=NOTHING, link=None, newer=None)
    if item.state in _JUDGED:
        return item
    if not item.is_from_people:
        return _part(item, NOTHING, at)
    if item.newer is not None:
        item = replace(item, state=EvidenceState.CLAIMED, newer=None).with_entry(item.newer)
    return replace(item, state=EvidenceState.CLAIMED, reason=PLAN_CHANGED, changed_at=at)


def rederived(
    items: Iterable[Evidence],
    known: Iterable[Entry],
    before: Mapping[str, Content],
    at: datetime,
) -> tuple[Evidence, ...]:
    """The checklist with what owroute knows now in the place of what it knew `before`."""
    by_item = {e.item: e for e in known}
    return tuple(_rederived(e, by_item.get(e.item), before.get(e.item, NOTHING), at) for e in items)


def _rederived(item: Evidence, entry: Entry | None, before: Content, at: datetime) -> Evidence:
    if item.is_from_people or not item.can_be_given:
        return item
    content = entry.content if entry else NOTHING
    whole = entry is not None and entry.whole
    if item.state is EvidenceState.REJECTED and (not whole or content == item.content):
        return item  # the same again does not do either
    left = {name: value for name, value in item.content.items() if before.get(name) != value}
    if entry is None or not entry.whole:
        return _part(item, {**left, **content}, at)
    if item.state is EvidenceState.GIVEN and item.content == {**left, **content}:
        return item
    return replace(item, content=left).with_entry(entry)


def _part(item: Evidence, content: Content, at: datetime) -> Evidence:
    """The item as one that is missing, with what is known of it."""
    if item.state is EvidenceState.MISSING and item.content == content:
        return item
    return replace(
        item, state=EvidenceState.MISSING, content=content, source=None, by=None, link=None,
        reason=None, changed_at=at, newer=None,
    )  # fmt: skip
