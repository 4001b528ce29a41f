"""What GPU providers say: machines with state, price and shutdown plan, or why nothing was said.

A failed listing is not an empty one: only a complete listing may close a run. Everything a provider
does not tell, or tells in a way we do not know, is unknown here, never stopped and never free.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

TEXT = 200
"""Provider text is hostile: longer names are cut."""

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_JOIN = re.compile(r"ow-([1-9][0-9]{0,8})(?:-([a-z0-9][a-z0-9._-]{0,79}))?", re.IGNORECASE)
SKEW = timedelta(minutes=2)
"""A start further ahead of our clock than this is not believed."""


class Provider(StrEnum):
    """Who rents out the machine, or the tool that rented it; `manual` is a person's word."""

    RUNPOD = "runpod"
    AWS = "aws"
    DSTACK = "dstack"
    VAST = "vast"
    MANUAL = "manual"


class MachineState(StrEnum):
    """What a machine does, as its provider says."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    GONE = "gone"
    ERROR = "error"
    UNKNOWN = "unknown"


class Billing(StrEnum):
    """What is charged just now."""

    COMPUTE = "compute"
    STORAGE = "storage"
    NONE = "none"
    UNKNOWN = "unknown"


class PriceSource(StrEnum):
    """Where a price comes from, the most trusted first."""

    OVERRIDE = "override"
    INSTANCE = "instance"
    ORCHESTRATOR = "orchestrator"
    TABLE = "table"
    SET = "set"  # an admin's, for all GPUs of a kind whose provider tells no price
    DECLARED = "declared"


class Grade(StrEnum):
    """How sure it is that a machine will stop, the surest first."""

    ENFORCED = "enforced"
    CONDITIONAL = "conditional"
    DECLARED = "declared"
    NONE = "none"
    UNKNOWN = "unknown"


class Problem(StrEnum):
    """Why a listing is not complete."""

    AUTH = "auth"
    RATE = "rate"
    GONE = "gone"
    SERVER = "server"
    NETWORK = "network"
    SHAPE = "shape"
    PARTIAL = "partial"


class Ending(StrEnum):
    """Ways to end a machine: keep its disk, delete it, or end the orchestrator's run on it."""

    STOP = "stop"
    TERMINATE = "terminate"
    END_RUN = "end_run"


@dataclass(frozen=True, slots=True)
class PlanReading:
    """A shutdown plan that the provider or orchestrator itself holds, in its words' sense.

    `reason` is a key of the cards' words (`dstack.max_duration`), never provider text.
    """

    grade: Grade = Grade.NONE
    stops_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What one listing speaks for: a provider's account, or one region of it."""

    provider: Provider
    account: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """Which machine is meant, for reading and ending one."""

    provider: Provider
    account: str
    instance_id: str
    region: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """A machine as its provider lists it. Prices are USD per hour for the whole machine.

    `joined` are names, labels and tags that may say whose it is (`ow-12-ada`); `owner_hint` is a
    Slack id or a login. `at_provider` is the machine below an orchestrator's run. `volume_gb` is
    what a stop leaves behind and bills.
    """

    machine: Machine
    state: MachineState
    billing: Billing
    raw_status: str | None = None
    name: str | None = None
    joined: tuple[str, ...] = ()
    gpu: str | None = None
    gpu_count: int = 1
    vram_bytes: int | None = None
    tier: str | None = None
    price_per_hour: Decimal | None = None
    price_source: PriceSource | None = None
    storage_per_hour: Decimal | None = None
    volume_gb: int | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    plan: PlanReading = PlanReading()
    owner_hint: str | None = None
    gpu_util: tuple[int, ...] | None = None
    gpu_mem: tuple[int, ...] | None = None
    endings: frozenset[Ending] = frozenset()
    locked: bool = False
    cluster: str | None = None
    at_provider: Machine | None = None

    @property
    def bills_compute(self) -> bool:
        """Whether a GPU is being paid for, as far as anybody can say."""
        return self.billing is Billing.COMPUTE


@dataclass(frozen=True, slots=True)
class Listing:
    """One answer for one scope; `retry_after` is the provider's own wish.

    Where `complete` is False, `instances` are still true as far as they go: they may be taken as
    new or changed, and nothing else may be concluded.
    """

    scope: Scope
    instances: tuple[Instance, ...] = ()
    problem: Problem | None = None
    retry_after: timedelta | None = None
    skew: timedelta = timedelta(0)

    @property
    def complete(self) -> bool:
        """Whether what is not listed is not there."""
        return self.problem is None


@dataclass(frozen=True, slots=True)
class Read:
    """One machine, asked for directly; `instance` None with no problem: certainly not there."""

    instance: Instance | None = None
    problem: Problem | None = None


class Ended(StrEnum):
    """What became of one call to end a machine. Nothing of it proves anything: a listing does."""

    ACCEPTED = "accepted"
    ALREADY = "already"  # it is gone, or not in a state in which it could be ended
    FORBIDDEN = "forbidden"  # this key may not
    LOCKED = "locked"  # only its owner can unlock it, at the provider
    CLUSTER = "cluster"  # only the whole cluster can be ended
    LATER = "later"  # certainly not done: a limit, no connection
    UNKNOWN = "unknown"  # it may have been done


@dataclass(frozen=True, slots=True)
class Sight:
    """What a key may do, for `owroute check`: None where only the first try can tell."""

    problem: Problem | None
    machines: int = 0
    may_stop: bool | None = None
    skew: timedelta = timedelta(0)
    regions: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


def plain(text: str | None) -> str | None:
    """Provider text without control characters, on one line, cut; None for nothing."""
    if text is None:
        return None
    kept = " ".join(_CONTROL.sub(" ", text).split())[:TEXT]
    return kept or None


def joined_to(names: tuple[str, ...]) -> tuple[int, str | None] | None:
    """The experiment's number and the owner's name in `ow-12-ada`, the first that says so."""
    for name in names:
        found = _JOIN.fullmatch(name.strip())
        if found:
            return int(found[1]), found[2]
    return None


def strongest(readings: tuple[PlanReading, ...]) -> PlanReading:
    """Of several plans: the surest grade counts, and of that grade the earliest time."""
    order = list(Grade)
    surest = min((order.index(r.grade) for r in readings), default=None)
    if surest is None:
        return PlanReading()
    same = [r for r in readings if r.grade is order[surest]]
    timed = [(r.stops_at, n) for n, r in enumerate(same) if r.stops_at is not None]
    return same[min(timed)[1]] if timed else same[0]
