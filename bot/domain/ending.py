"""The Stop protocol: read first, ask once, read until it is off, and never believe an OK.

Pure: what the newest reading means for an accepted stop, and what is to be done next.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.fleet import Billing, Ended, Ending, MachineState, Provider, Read
from bot.domain.gpu_parts import StopReason
from bot.domain.ids import GpuId, TeamId, UserId

FIRST_READ = timedelta(seconds=5)
READ_EVERY = timedelta(seconds=15)
LATER_READ = timedelta(seconds=60)
PATIENCE = timedelta(minutes=5)
LONG_PATIENCE = timedelta(minutes=10)
"""So long a stop may take before everybody is told that it has not happened."""

PATIENT = (Provider.AWS, Provider.DSTACK)
AGAIN = timedelta(minutes=5)
"""A provider is asked again at the earliest after this, and only while a read says it runs."""

STEPS = 60
"""So many calls and reads are kept; the first ten and the newest of them."""


class OpState(StrEnum):
    """Where an accepted stop stands."""

    OPEN = "open"
    PROVEN = "proven"
    REPORTED = "reported"  # somebody says that it is off
    REFUSED = "refused"  # this key may not, or it is locked: people must
    MOVED = "moved"  # its run was merged into another one, which is being ended in its place


@dataclass(frozen=True, slots=True)
class Step:
    """One call or one read, as it was answered."""

    at: datetime
    what: str
    answer: str


@dataclass(frozen=True, slots=True)
class EndOp:
    """An accepted intent to end one generation of a run: `stop:{gpu}:{generation}`.

    `called_at` is written before the provider is asked: after a crash the next one reads first.
    """

    key: str
    team: TeamId
    gpu: GpuId
    generation: int
    ending: Ending
    why: StopReason
    asked_at: datetime
    by: UserId | None = None
    state: OpState = OpState.OPEN
    called_at: datetime | None = None
    first_called_at: datetime | None = None
    calls: int = 0
    reads: int = 0
    failed_at: datetime | None = None
    told_at: datetime | None = None
    told: int = 0
    """When, and how often, everybody was told that it has not happened."""
    finished_at: datetime | None = None
    refusal: Ended | None = None
    steps: tuple[Step, ...] = ()
    turn: int = 0
    """How often it was wanted again after a refusal; names the row that sees it through."""
    version: int = 0

    @property
    def was_accepted(self) -> bool:
        """Whether its provider has said OK before."""
        return any(s.what == "answer" and s.answer == Ended.ACCEPTED.value for s in self.steps)

    def noted(self, at: datetime, what: str, answer: str, **changes: object) -> "EndOp":
        """With one more step written down."""
        steps = (*self.steps, Step(at, what, answer))
        if len(steps) > STEPS:
            steps = (*steps[:10], *steps[-STEPS + 10 :])
        return replace(self, steps=steps, **changes)  # type: ignore[arg-type]  # names are checked by replace itself

    def asked_again(self, why: StopReason, at: datetime, by: UserId | None) -> "EndOp":
        """The same end, wanted once more after it was refused."""
        return replace(
            self, why=why, asked_at=at, by=by, state=OpState.OPEN, called_at=None, reads=0,
            first_called_at=None, failed_at=None, told_at=None, told=0, finished_at=None,
            refusal=None, turn=self.turn + 1,
        )  # fmt: skip


class Next(StrEnum):
    """What is to be done after a read."""

    CALL = "call"
    WAIT = "wait"
    PROVEN = "proven"


def op_key(ending: Ending, gpu: GpuId, generation: int) -> str:
    """One per generation and act: terminating a stopped machine is another one."""
    act = "terminate" if ending is Ending.TERMINATE else "stop"
    return f"{act}:{gpu}:{generation}"


def verdict(op: EndOp, read: Read, now: datetime) -> Next:
    """What a reading means. No answer is no answer: then we wait."""
    if read.problem is not None:
        return Next.WAIT
    found = read.instance
    if found is None or found.state is MachineState.GONE:
        return Next.PROVEN
    if found.state is MachineState.STOPPED:
        off = op.ending is not Ending.TERMINATE and found.billing is not Billing.COMPUTE
        return Next.PROVEN if off else _ask(op, now)
    if found.state in (MachineState.STARTING, MachineState.RUNNING, MachineState.ERROR):
        return _ask(op, now)
    return Next.WAIT


def _ask(op: EndOp, now: datetime) -> Next:
    if op.called_at is None:
        return Next.CALL
    return Next.CALL if now - op.called_at >= AGAIN else Next.WAIT


def is_late(op: EndOp, provider: Provider, now: datetime) -> bool:
    """Whether it has not happened in time, counted from the first call where there was one."""
    patience = LONG_PATIENCE if provider in PATIENT else PATIENCE
    return now - (op.first_called_at or op.asked_at) >= patience


def must_tell(op: EndOp, provider: Provider, now: datetime, every: timedelta) -> bool:
    """Whether everybody must learn now that it has not happened: at first, then at each ping."""
    if not is_late(op, provider, now):
        return False
    return op.told_at is None or now - op.told_at >= every


def next_read(op: EndOp, now: datetime) -> datetime:
    """When it is looked at again: soon after the call, then every 15 s, then every minute."""
    if op.failed_at is not None:
        return now + LATER_READ
    return now + (FIRST_READ if op.reads <= 1 else READ_EVERY)
