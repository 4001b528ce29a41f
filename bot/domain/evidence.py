"""Evidence items: what must be written down before a result can be trusted and repeated.

An item is a line of an experiment's checklist; what people, the capture script or owroute itself
put down for it are entries. Entries are only ever added; the item shows the one that stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from bot.domain.evidence_fields import uncaptured
from bot.domain.ids import UserId

Content = Mapping[str, JsonValue]
"""What was written down: field name to text, to a list of cases, or to a withheld text's hash."""

NOTHING: Content = {}

TABLES: Mapping[str, frozenset[str]] = {
    "five_case_eval": frozenset({"cases", "total", "passed", "failed", "unjudged", "sha256"}),
    "before_after_eval": frozenset({"pairs"}),
}
"""What belongs to an item's table: one entry gives all of it, never a part of another's."""

ELSEWHERE = "captured_from"
"""In a capture's content: the repository that it is of, where the plan runs another one."""

PLAN_CHANGED = "plan changed"
"""Why an item is a claim (again) that nobody has captured anew."""

REPLANNED = "replanned"


class EvidenceState(StrEnum):
    """How one item stands."""

    MISSING = "missing"
    CLAIMED = "claimed"
    GIVEN = "given"
    REJECTED = "rejected"
    WAIVED = "waived"
    RETIRED = "retired"


UNACCEPTED = (EvidenceState.CLAIMED, EvidenceState.REJECTED)
"""States of what is there to be read, and was accepted by nobody."""


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

    `content`, `link`, `source` and `by` are those of the entry that stands; `by` is who made the
    last change of a state, e.g. who waived. `assignee` is asked instead of the owner. `newer` is
    what was captured after the item was settled: it stands once somebody accepts it.
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
    newer: Entry | None = None

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

    def basis(self, entry: Entry) -> Content:
        """What stays of the content below an entry that does not say it.

        A person has seen the whole form, so that only a table may be left as it is; a machine
        says what it knows, and below that stays nothing that was rejected, or of another model.
        What is missing in part goes on saying that a figure in it is from elsewhere.
        """
        tables = TABLES.get(self.item, frozenset())
        captured = entry.source is Source.CAPTURED
        if captured and self._begins_anew(entry):
            return uncaptured(self.item, self.content, entry.content)
        only = tables if self.is_from_people and not captured else self.content.keys()
        anew = tables if tables & entry.content.keys() else frozenset()
        kept = {
            name: value
            for name, value in self.content.items()
            if name in only and name not in anew and name != ELSEWHERE
        }
        figures = kept.keys() - uncaptured(self.item, kept, NOTHING).keys()
        same = any(entry.content.get(name, kept[name]) == kept[name] for name in figures)
        marked = self.state is EvidenceState.MISSING and ELSEWHERE in self.content and same
        return {**kept, ELSEWHERE: self.content[ELSEWHERE]} if marked else kept

    def _begins_anew(self, capture: Entry) -> bool:
        """Whether what is there was rejected, is doubted, or is not of the model captured now."""
        theirs, now = self.content.get(ELSEWHERE), capture.content.get(ELSEWHERE)
        ours = self.state is EvidenceState.MISSING and theirs is None  # e.g. the plan's command
        return (
            self.state is EvidenceState.REJECTED or self.is_doubted or (theirs != now and not ours)
        )

    def with_entry(self, entry: Entry) -> "Evidence":
        """The item with a newer entry: what the script captured is a claim until somebody accepts.

        It never undoes what is settled: there it waits as `newer`. What owroute derives by itself
        never replaces what a person or the script has put down, nor what a person has confirmed. A
        part fills in what is missing, and changes nothing that somebody has judged or claimed.
        """
        if entry.source is Source.DERIVED and entry.by is None and self.is_from_people:
            return self
        content = {**self.basis(entry), **entry.content}
        if not entry.whole:
            missing = self.state is EvidenceState.MISSING
            return replace(self, content=content) if missing else self
        claimed = entry.source is Source.CAPTURED
        if claimed and self.state in (EvidenceState.GIVEN, EvidenceState.WAIVED):
            says_more = self.state is EvidenceState.WAIVED or content != self.content
            return replace(self, newer=entry) if says_more else self
        return replace(
            self,
            state=EvidenceState.CLAIMED if claimed else EvidenceState.GIVEN,
            source=entry.source,
            content=content,
            link=entry.link,
            by=entry.by,
            reason=None,
            changed_at=entry.at,
            newer=None,
        )

    @property
    def is_doubted(self) -> bool:
        """Whether it was there before the plan changed, and nobody has accepted it since."""
        return self.state is EvidenceState.CLAIMED and self.reason == PLAN_CHANGED

    @property
    def waits(self) -> bool:
        """Whether there is something to accept."""
        return self.state is EvidenceState.CLAIMED or self.newer is not None

    @property
    def can_be_rejected(self) -> bool:
        """Whether there is something that may not do."""
        return self.newer is not None or self.state in (EvidenceState.CLAIMED, EvidenceState.GIVEN)

    def accepted(self, *, by: UserId, at: datetime) -> "Evidence":
        """The claim stands; where a newer one waits, that one."""
        claim = self.newer
        if claim is not None:
            return replace(
                self,
                state=EvidenceState.GIVEN,
                source=claim.source,
                content={**self.basis(claim), **claim.content},
                link=claim.link,
                by=by,
                reason=None,
                changed_at=at,
                newer=None,
            )
        return replace(self, state=EvidenceState.GIVEN, by=by, reason=None, changed_at=at)

    def rejected(self, reason: str, *, by: UserId, at: datetime) -> "Evidence":
        """The claim, or what was given, does not do; it stays to be read.

        Where a newer claim waits, that one does not do, and what stands goes on standing.
        """
        if self.newer is not None:
            return replace(self, newer=None)
        return replace(self, state=EvidenceState.REJECTED, by=by, reason=reason, changed_at=at)

    def waived(
        self, reason: str, *, by: UserId, at: datetime, left: Content = NOTHING
    ) -> "Evidence":
        """Nobody needs to give it any more; `left` is what stands of one that was not given.

        What nobody has accepted stands no more than before.
        """
        given = self.state is EvidenceState.GIVEN
        kept = self if given else replace(self, content=left, source=None, link=None)
        return replace(
            kept, state=EvidenceState.WAIVED, by=by, reason=reason, changed_at=at, newer=None
        )

    def retired(self, at: datetime) -> "Evidence":
        """Not asked for any more. A judgement is kept with its reason, should it come back."""
        judged = self.state in (EvidenceState.REJECTED, EvidenceState.WAIVED)
        why = f"{REPLANNED}; {self.state.value}: {self.reason or ''}" if judged else REPLANNED
        return replace(self, state=EvidenceState.RETIRED, changed_at=at, reason=why)

    def back(self, at: datetime) -> "Evidence":
        """Asked for again: what was judged stays so, what was given is a claim."""
        _, _, judged = (self.reason or "").partition(f"{REPLANNED}; ")
        state, _, reason = judged.partition(": ")
        if state in (EvidenceState.REJECTED, EvidenceState.WAIVED):
            return replace(self, state=EvidenceState(state), changed_at=at, reason=reason or None)
        known = EvidenceState.CLAIMED if self.source else EvidenceState.MISSING
        there = replace(self, state=known, changed_at=at, reason=None, newer=None)
        return there.with_entry(self.newer) if self.newer else there

    def assigned(self, to: UserId | None) -> "Evidence":
        """Somebody else than the owner is asked for it; None: the owner again."""
        return replace(self, assignee=to)

    @property
    def is_looked_up(self) -> bool:
        """Whether owroute read it elsewhere and somebody confirmed it: its link says where."""
        return self.source is Source.DERIVED and self.link is not None

    @property
    def is_from_people(self) -> bool:
        """Whether a person or the script has put it down or answered for it, not owroute alone."""
        known_alone = self.source in (None, Source.DERIVED) and not self.is_looked_up
        return not known_alone or self.state is EvidenceState.WAIVED


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
