"""What a GPU run is made of: stop times, intents, idleness, what an orchestrator says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.fleet import Ending, Machine, PlanReading
from bot.domain.ids import UserId

IDLE_SAMPLES = 6
"""So many samples in a row, ten minutes apart, make an idle spell; fewer are coin flips."""


class Claim(StrEnum):
    """How a run got its owner."""

    NAME = "name"  # the machine is called ow-12-ada
    TAG = "tag"  # a tag, label or environment key
    ORCHESTRATOR = "orchestrator"
    REGISTERED = "registered"
    PERSON = "person"  # "It's mine", Reassign


class DeadlineKind(StrEnum):
    """Who set a stop time."""

    PERSON = "person"
    DEFAULT = "default"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A stop time set in Slack, by the default stop, or by a guard on the machine.

    `by` and `set_at` are theirs, also where owroute has put it off for a warning, at `put_off`.
    """

    at: datetime
    kind: DeadlineKind
    set_at: datetime
    by: UserId | None = None
    put_off: datetime | None = None

    @property
    def known_since(self) -> datetime:
        """Since when this very time is known: what would have been said of it before is void."""
        return self.put_off or self.set_at


class StopReason(StrEnum):
    """Why a run is being ended."""

    PERSON = "person"
    DEADLINE = "deadline"
    DEFAULT = "default"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Stopping:
    """An accepted intent to end a run; one per generation and way of ending."""

    ending: Ending
    why: StopReason
    at: datetime
    by: UserId | None = None
    failed_at: datetime | None = None
    """Since when everybody was told NOT stopped."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Idleness as evidence: so many samples in a row with GPU and memory near zero.

    `gpu_most` and `memory_most` are the highest per cent of any GPU in them.
    """

    samples: int
    since: datetime
    sampled_at: datetime
    memory_known: bool = True
    gpu_most: int = 0
    memory_most: int = 0
    told: bool = False
    """Whether it has moved a ping forward already: once per spell."""

    @property
    def is_spell(self) -> bool:
        """Whether it has lasted long enough to be said."""
        return self.samples >= IDLE_SAMPLES


@dataclass(frozen=True, slots=True)
class Orchestrator:
    """The orchestrator's run on this machine: merged into one run with the provider's machine."""

    machine: Machine
    name: str | None
    user: str | None
    plan: PlanReading
    seen_at: datetime
    absent_since: datetime | None = None
    """Since when its complete listings are without it."""
