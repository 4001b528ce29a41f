"""An experiment: one constraint card, its decisions, and the life they lead to.

planned -> running -> complete -> decided -> archived, or refused, or dropped.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.hub import NO_FACTS, Facts, with_known_shape
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.errors import WrongState
from engine.contract import AvailableRoute, ConstraintCard, DecisionCard, Route

ASK_AFTER = timedelta(days=3)
"""A plan that nobody started is asked about once, this long after its last decision."""

ARCHIVE_AFTER = timedelta(days=14)
"""A plan that nobody started archives itself, this long after its last decision."""


class State(StrEnum):
    """Where an experiment is in its life."""

    PLANNED = "planned"
    RUNNING = "running"
    COMPLETE = "complete"
    DECIDED = "decided"
    ARCHIVED = "archived"
    REFUSED = "refused"
    DROPPED = "dropped"


OPEN = (State.PLANNED, State.RUNNING, State.COMPLETE, State.REFUSED)
"""What `/owroute status` lists."""

TAKES_EVIDENCE = (*OPEN, State.DECIDED)
"""States in which something can be put down for an evidence item."""


class Conclusion(StrEnum):
    """What is decided about an experiment in the end: the ninth field of its record."""

    KEEP = "keep"
    SWITCH_MODEL = "switch_model"
    RAG = "rag"
    LORA = "lora"
    STOP = "stop"


GATED = (Conclusion.KEEP, Conclusion.LORA)
"""What cannot be decided while required evidence is missing."""

_WAITING = (State.PLANNED, State.REFUSED)

_LABEL = re.compile(r"(?:ow[- ]?|#)?([0-9]{1,9})", re.ASCII | re.IGNORECASE)


def number_of(label: str) -> int:
    """The number in `OW-12`, `ow-12` or `12`; 0, which no experiment has, for anything else."""
    found = _LABEL.fullmatch(label.strip())
    return int(found[1]) if found else 0


@dataclass(frozen=True, slots=True)
class Revision:
    """One filled-in constraint card and what the engine decided about it.

    `decision` is None until the engine has answered; `problem` says why it could not.
    """

    number: int
    card: ConstraintCard
    decision: DecisionCard | None
    submitted_by: UserId
    submitted_at: datetime
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A card somebody submitted, before it has a number.

    `request_id` is unique per submission (Slack's view id), so that a second press of Submit finds
    the first one's experiment. A re-plan names the experiment and the revision its author saw.
    """

    team: TeamId
    channel: ChannelId
    owner: UserId
    card: ConstraintCard
    submitted_by: UserId
    request_id: str
    replans: ExperimentId | None = None
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment as it stands. `version` rises with every change and fences writes and cards."""

    id: ExperimentId
    team: TeamId
    number: int
    channel: ChannelId
    owner: UserId
    state: State
    latest: Revision
    current: Revision | None
    version: int
    created_at: datetime
    changed_at: datetime
    started_at: datetime | None = None
    conclusion: Conclusion | None = None
    concluded_by: UserId | None = None
    concluded_at: datetime | None = None

    @property
    def label(self) -> str:
        """What people call it: OW-12."""
        return f"OW-{self.number}"

    @property
    def shown(self) -> Revision:
        """The revision a card speaks of: the last decided one, else the one being decided."""
        return self.current or self.latest

    @property
    def decision(self) -> DecisionCard | None:
        """The decision in force, if the engine has answered at all."""
        return self.current.decision if self.current else None

    @property
    def is_deciding(self) -> bool:
        """Whether the newest card still waits for the engine."""
        return self.latest.decision is None and self.latest.problem is None

    @property
    def route(self) -> Route | None:
        """Where its newest card runs; None while one that leaves it open waits for the engine."""
        if self.latest.decision is not None:
            return self.latest.decision.route.route
        asked = self.latest.card.available_route
        return None if asked is AvailableRoute.undecided else Route(asked.value)

    def replanned(
        self, card: ConstraintCard, *, by: UserId, at: datetime, owner: UserId | None = None
    ) -> "Experiment":
        """The experiment with a new card to decide; the decision in force stays until then.

        A form does not carry the shape of a model outside the catalogue: the same model keeps it.
        """
        self._must_be(*OPEN)
        if self.latest.problem is None:  # else the engine may have refused that very shape
            card = with_known_shape(card, self.latest.card)
        latest = Revision(self.latest.number + 1, card, None, by, at)
        return self._changed(at, latest=latest, owner=owner or self.owner)

    def decided(
        self, decision: DecisionCard, *, at: datetime, facts: Facts = NO_FACTS
    ) -> "Experiment":
        """The experiment with the engine's answer to its newest card, and the facts it rests on."""
        card = facts.on(self.latest.card)
        latest = replace(self.latest, card=card, decision=decision, problem=None)
        state = self.state
        if state in _WAITING:
            state = State.REFUSED if decision.status == "refused" else State.PLANNED
        return self._changed(at, latest=latest, current=latest, state=state)

    def undecidable(self, problem: str, *, at: datetime) -> "Experiment":
        """The engine found the newest card invalid: `problem` is its sentence."""
        return self._changed(at, latest=replace(self.latest, problem=problem))

    def started(self, *, at: datetime) -> "Experiment":
        """Somebody runs it. Only a plan whose decision says Go can be started."""
        if not self._can_start:
            raise WrongState(self.label, self.state.value)
        return self._changed(at, state=State.RUNNING, started_at=at)

    def evidenced(self, *, open_items: int, at: datetime, by_people: bool) -> "Experiment":
        """The experiment after its checklist changed; `open_items` still need somebody.

        The first thing that people put down starts a plan that says Go; the last one completes it.
        Raises `WrongState` where nothing can be put down any more.
        """
        self._must_be(*TAKES_EVIDENCE)
        started = self.started(at=at) if by_people and self._can_start else self._changed(at)
        return started.with_open(open_items)

    def with_open(self, open_items: int) -> "Experiment":
        """The same change, *running* or *complete* by how many items still need somebody."""
        if self.state not in (State.RUNNING, State.COMPLETE):
            return self
        return replace(self, state=State.RUNNING if open_items else State.COMPLETE)

    def concluded(self, conclusion: Conclusion, *, by: UserId, at: datetime) -> "Experiment":
        """What somebody decided in the end; after LoRA it goes on running, with more to show.

        Whether it may be decided at all is for `bot.domain.gate` to say.
        """
        self._must_be(*TAKES_EVIDENCE)
        goes_on = conclusion is Conclusion.LORA
        return self._changed(
            at,
            state=State.RUNNING if goes_on else State.DECIDED,
            started_at=self.started_at or (at if goes_on else None),
            conclusion=conclusion,
            concluded_by=by,
            concluded_at=at,
        )

    @property
    def has_run(self) -> bool:
        """Whether there was a run that can be kept or trained further."""
        ended = self.state is State.DECIDED and self.started_at is not None
        return self.state in (State.RUNNING, State.COMPLETE) or ended

    def dropped(self, *, at: datetime) -> "Experiment":
        """The plan will not be run."""
        self._must_be(*_WAITING)
        return self._changed(at, state=State.DROPPED)

    def archived(self, *, at: datetime) -> "Experiment":
        """Out of sight; its record stays."""
        self._must_be(*OPEN, State.DECIDED, State.DROPPED)
        return self._changed(at, state=State.ARCHIVED)

    def owned_by(self, owner: UserId, *, at: datetime) -> "Experiment":
        """The experiment in somebody else's hands."""
        self._must_be(*OPEN, State.DECIDED)
        return self._changed(at, owner=owner)

    def waits_since(self) -> datetime | None:
        """Since when it waits for a start; None when it does not, or its newest card is invalid."""
        waits = self.state is State.PLANNED and self.latest.problem is None
        return self.changed_at if waits else None

    @property
    def _can_start(self) -> bool:
        says_go = self.decision is not None and self.decision.status == "ok"
        return self.state is State.PLANNED and says_go and not self.is_deciding

    def _must_be(self, *states: State) -> None:
        if self.state not in states:
            raise WrongState(self.label, self.state.value)

    def _changed(self, at: datetime, **changes: object) -> "Experiment":
        return replace(self, version=self.version + 1, changed_at=at, **changes)  # type: ignore[arg-type]  # names are checked by replace itself
