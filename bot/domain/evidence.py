"""Evidence items: what must be written down before a result can be trusted and repeated."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from engine.contract import EvidenceItem as Requirement


class EvidenceState(StrEnum):
    """How one item stands."""

    MISSING = "missing"
    CLAIMED = "claimed"
    GIVEN = "given"
    REJECTED = "rejected"
    WAIVED = "waived"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One item of an experiment's checklist. `item` is the engine's id, `label` its words."""

    item: str
    label: str
    kind: str
    required: bool
    state: EvidenceState
    changed_at: datetime
    reason: str | None = None

    @property
    def counts(self) -> bool:
        """Whether the item is on the checklist people see."""
        return self.required and self.state is not EvidenceState.RETIRED

    @property
    def settled(self) -> bool:
        """Whether nobody needs to do anything about it."""
        return self.state in (EvidenceState.GIVEN, EvidenceState.WAIVED, EvidenceState.RETIRED)


def reconciled(
    have: Iterable[Evidence], need: Iterable[Requirement], at: datetime
) -> tuple[Evidence, ...]:
    """The checklist after a (re-)plan: what applies stays, the new is missing, the rest retires.

    Order is the decision's; retired items follow, so that nothing that was given is ever lost.
    """
    old = {e.item: e for e in have}
    kept = [_continued(old.pop(n.id, None), n, at) for n in need]
    retired = [
        e
        if e.state is EvidenceState.RETIRED
        else replace(e, state=EvidenceState.RETIRED, changed_at=at, reason="replanned")
        for e in old.values()
    ]
    return (*kept, *retired)


def _continued(old: Evidence | None, need: Requirement, at: datetime) -> Evidence:
    if old is None or old.state is EvidenceState.RETIRED:
        return Evidence(need.id, need.label, need.kind, need.required, EvidenceState.MISSING, at)
    return replace(old, label=need.label, kind=need.kind, required=need.required)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the checklist is: `given` of `total`, `open` need somebody."""

    given: int
    total: int

    @property
    def open(self) -> int:
        """How many items need somebody."""
        return self.total - self.given


def progress(items: Iterable[Evidence]) -> Progress:
    """Count the items that are on the checklist."""
    counted = [e for e in items if e.counts]
    return Progress(given=sum(e.settled for e in counted), total=len(counted))
