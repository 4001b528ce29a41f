"""Evidence items: what must be written down before a result can be trusted and repeated.

An item is a line of an experiment's checklist; what people, the capture script or owroute itself
put down for it are entries. Entries are only ever added; the item shows the one that stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from bot.domain.ids import UserId
from engine.contract import EvidenceItem as Requirement

Content = Mapping[str, JsonValue]
"""What was written down: field name to text, to a list of cases, or to a withheld text's hash."""

NOTHING: Content = {}

AFTER_LORA = frozenset({"before_after_eval", "adapter_artifact"})
"""Asked for without being required, until LoRA is decided."""


class EvidenceState(StrEnum):
    """How one item stands."""

    MISSING = "missing"
    CLAIMED = "claimed"
    GIVEN = "given"
    REJECTED = "rejected"
    WAIVED = "waived"
    RETIRED = "retired"


class Source(StrEnum):
    """Who filled an item: owroute itself, the capture script, a person, or the watch."""

    DERIVED = "derived"
    CAPTURED = "captured"
    TYPED = "typed"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was put down for an item, once. `by` is None for owroute itself.

    `key` is unique in an experiment: the same delivery twice is one entry. `link` is where it comes
    from: a message or a file in Slack, or any address. One that is not `whole` only fills in what
    is known already, for a person to complete.
    """

    key: str
    item: str
    source: Source
    content: Content
    at: datetime
    by: UserId | None = None
    link: str | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """One item of an experiment's checklist. `item` is the engine's id, `label` its words.

    `content`, `link`, `source`, `by` and `entry` are those of the entry that stands; `by` is who
    made the last change of a state, e.g. who waived. `assignee` is asked instead of the owner.
    """

    item: str
    label: str
    kind: str
    required: bool
    state: EvidenceState
    changed_at: datetime
    reason: str | None = None
    by: UserId | None = None
    source: Source | None = None
    content: Content = field(default_factory=dict)
    link: str | None = None
    assignee: UserId | None = None
    template: str = ""

    @property
    def counts(self) -> bool:
        """Whether the item is on the checklist people see."""
        return self.required and self.state is not EvidenceState.RETIRED

    @property
    def settled(self) -> bool:
        """Whether nobody needs to do anything about it."""
        return self.state in (EvidenceState.GIVEN, EvidenceState.WAIVED, EvidenceState.RETIRED)

    @property
    def can_be_given(self) -> bool:
        """Whether something can be attached to it."""
        return self.state is not EvidenceState.RETIRED

    def with_entry(self, entry: Entry) -> "Evidence":
        """The item with a newer entry: what the script captured is a claim until somebody accepts.

        What owroute derives by itself never replaces what a person or the script has put down, nor
        what a person has confirmed.
        """
        if entry.source is Source.DERIVED and entry.by is None and self._is_from_people:
            return self
        if not entry.whole:
            return replace(self, content={**entry.content, **self.content})
        claimed = entry.source is Source.CAPTURED
        known = {} if self._is_from_people else self.content
        return replace(
            self,
            state=EvidenceState.CLAIMED if claimed else EvidenceState.GIVEN,
            source=entry.source,
            content={**known, **entry.content},
            link=entry.link,
            by=entry.by,
            reason=None,
            changed_at=entry.at,
        )

    def accepted(self, *, by: UserId, at: datetime) -> "Evidence":
        """The claim stands."""
        return replace(self, state=EvidenceState.GIVEN, by=by, reason=None, changed_at=at)

    def rejected(self, reason: str, *, by: UserId, at: datetime) -> "Evidence":
        """The claim, or what was given, does not do; it stays to be read."""
        return replace(self, state=EvidenceState.REJECTED, by=by, reason=reason, changed_at=at)

    def waived(self, reason: str, *, by: UserId, at: datetime) -> "Evidence":
        """Nobody needs to give it any more."""
        return replace(self, state=EvidenceState.WAIVED, by=by, reason=reason, changed_at=at)

    def assigned(self, to: UserId | None) -> "Evidence":
        """Somebody else than the owner is asked for it; None: the owner again."""
        return replace(self, assignee=to)

    @property
    def is_looked_up(self) -> bool:
        """Whether owroute read it elsewhere and somebody confirmed it: its link says where."""
        return self.source is Source.DERIVED and self.link is not None

    @property
    def _is_from_people(self) -> bool:
        known_alone = self.source in (None, Source.DERIVED) and not self.is_looked_up
        return not known_alone or self.state is EvidenceState.WAIVED


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
    if old.state is not EvidenceState.RETIRED:
        return same
    back = EvidenceState.CLAIMED if old.source else EvidenceState.MISSING
    return replace(same, state=back, changed_at=at, reason=None)


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


def changed(items: Iterable[Evidence], new: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The checklist with some items replaced, in its order."""
    by_item = {e.item: e for e in new}
    return tuple(by_item.get(e.item, e) for e in items)


def missing(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """What still needs somebody, in order: missing, rejected, or claimed and not yet accepted."""
    return tuple(e for e in items if e.counts and not e.settled)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the checklist is: `given` of `total`, `open` need somebody.

    Of the open ones `claimed` wait for somebody to press Accept.
    """

    given: int
    total: int
    claimed: int = 0

    @property
    def open(self) -> int:
        """How many items need somebody."""
        return self.total - self.given


def progress(items: Iterable[Evidence]) -> Progress:
    """Count the items that are on the checklist."""
    counted = [e for e in items if e.counts]
    return Progress(
        given=sum(e.settled for e in counted),
        total=len(counted),
        claimed=sum(e.state is EvidenceState.CLAIMED for e in counted),
    )
