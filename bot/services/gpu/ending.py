"""The Stop protocol: one accepted intent per generation, carried out until a reading proves it.

The intent, its audit line and what Slack shows are one transaction. A worker then reads first, asks
the provider once, and reads until the machine is off. After a crash it reads before it asks again.
"""

from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, Due, DueKind
from bot.domain.ending import EndOp, OpState, op_key
from bot.domain.fleet import Ending
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import Stopping, StopReason
from bot.domain.ids import GpuId, UserId
from bot.domain.moments import is_current
from bot.domain.shutdown import GRACE, ends_it
from bot.domain.workspace import Act, Actor
from bot.errors import (
    AlreadyStopping,
    ChangedMeanwhile,
    NoSuchGpu,
    NotRunning,
    OldGeneration,
)
from bot.ports import Store, UnitOfWork
from bot.services.gpu.telling import TellRun
from bot.services.gpu.warning import WarnStop
from bot.services.gpu.watch import KeepWatch
from bot.services.people import Rights

log = structlog.get_logger(__name__)

LOOK_AGAIN = timedelta(minutes=1)
"""So long a stop time waits for a machine that is on its way to a stop without us."""

TRIES = 3
"""So often a run that others are changing is looked at again."""


def end_row(op: EndOp, at: datetime) -> Due:
    """The row that sees an accepted stop through."""
    return Due(
        key=f"end:{op.key}:{op.turn}",
        kind=DueKind.END_GPU,
        team=op.team,
        due_at=at,
        subject=op.gpu,
        revision=op.generation,
    )


class EndGpu:
    """Accept an intent to end a run, of a person or of its stop time."""

    def __init__(
        self, *, store: Store, clock: Clock, rights: Rights, keep: KeepWatch, tell: TellRun
    ) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._keep = keep
        self._tell = tell

    async def __call__(
        self, actor: Actor, gpu: GpuId, generation: int, ending: Ending, delivery: str
    ) -> GpuRun:
        """*Stop now* and *Terminate*. The same delivery again changes nothing.

        Raises `NoSuchGpu`, `NotAllowed` and the like, `OldGeneration` for a card of an earlier
        start, `AlreadyStopping` naming who was first, `NotRunning`, `ChangedMeanwhile`.
        """
        async with self._store(read_only=True) as uow:
            run = await uow.gpus.by_id(actor.team, gpu)
        if run is None:
            raise NoSuchGpu
        await self._rights.require_gpu(actor, Act.STOP, run)
        for _ in range(TRIES):
            after = await self._tried(actor, gpu, generation, ending, delivery)
            if after is not None:
                return after
        raise ChangedMeanwhile(run.label)

    async def _tried(
        self, actor: Actor, gpu: GpuId, generation: int, ending: Ending, delivery: str
    ) -> GpuRun | None:
        """One transaction; None when somebody else wrote the run in the meantime."""
        now = self._clock.now()
        async with self._store() as uow:
            run = await uow.gpus.by_id(actor.team, gpu)
            if run is None:
                raise NoSuchGpu
            if not await uow.inbound.first_time(delivery, now):
                return run
            _may_end(run, generation, ending)
            after = await self.intend(uow, run, ending, StopReason.PERSON, now, by=actor.user)
            if after is None:
                return None
            await self._tell.stopping(uow, after, now)
            action, before = f"gpu.{ending.value}", run.state.value
            await uow.audit.add(actor, run.team, action, run.audited, now, before=before)
            await uow.commit()
        log.info("gpu.stop_accepted", gpu=gpu, generation=generation, ending=ending.value)
        return after

    async def intend(
        self,
        uow: UnitOfWork,
        run: GpuRun,
        ending: Ending,
        why: StopReason,
        now: datetime,
        *,
        by: UserId | None = None,
    ) -> GpuRun | None:
        """The intent, in the caller's transaction; None when somebody else was first."""
        op = EndOp(
            op_key(ending, run.id, run.generation), run.team, run.id, run.generation,
            ending, why, now, by,
        )  # fmt: skip
        after = run.being_stopped(Stopping(ending, why, now, by))
        kept = await self._keep.keep(uow, run, after, now)
        if kept is None:
            return None
        if not await uow.ends.add(op):  # refused earlier: what people have done since may help
            known = await uow.ends.by_key(op.key) or op
            if known.state is not OpState.OPEN:
                known = await uow.ends.save(known.asked_again(why, now, by)) or known
            op = known
        await uow.due.arm(end_row(op, now))
        return kept

    async def go_on(
        self, uow: UnitOfWork, order: Stopping, run: GpuRun, now: datetime
    ) -> GpuRun | None:
        """An order to end another run of the same machine, which was merged into this one."""
        after = await self.intend(uow, run, run.ending, order.why, now, by=order.by)
        if after is not None:
            await self._tell.stopping(uow, after, now)
        return after


def _may_end(run: GpuRun, generation: int, ending: Ending) -> None:
    if run.generation != generation:
        raise OldGeneration(run.label)
    if run.stopping is not None and run.is_live:
        raise AlreadyStopping(run.label, run.stopping.by)
    over = run.state is RunState.STOPPED and ending is Ending.TERMINATE
    if not run.is_live and not over:
        raise NotRunning(run.label)


def _stops_already(run: GpuRun, now: datetime) -> bool:
    """Whether somebody stops it at its provider's own console: an order would only add to that.

    One that hangs there is ours to end after a while, and people are told if that fails.
    """
    due = run.deadline.at if run.deadline else now
    return run.state is RunState.STOPPING and run.stopping is None and now - due < GRACE


class StopInTime:
    """A stop time has come: what owroute enforces is ended; that others passed is noted."""

    def __init__(
        self, *, store: Store, clock: Clock, keep: KeepWatch, end: EndGpu, warn: WarnStop
    ) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep
        self._end = end
        self._warn = warn

    async def __call__(self, row: ClaimedDue) -> None:
        """Re-read: an earlier plan's row does nothing."""
        now = self._clock.now()
        async with self._store() as uow:
            run = await uow.gpus.taken(row.due.team, row.due.gpu)
            current = run is not None and run.is_live and is_current(run, row.due.key)
            if run is not None and current and _stops_already(run, now):
                await uow.due.defer(row, now + LOOK_AGAIN)
            elif await uow.due.settle(row, now) and run is not None and current:
                await self._passed(uow, run, now)
            await uow.commit()

    async def _passed(self, uow: UnitOfWork, run: GpuRun, now: datetime) -> None:
        seen = await self._keep.look(uow, run, now)
        deadline = run.deadline
        come = deadline is not None and deadline.at <= now
        if come and ends_it(run, hold=seen.watching.hold):
            if await self._warn.makes_up(uow, run, now):
                return  # its time is five minutes away again
            why = StopReason.DEFAULT if seen.plan.proposed else StopReason.DEADLINE
            await self._end.intend(uow, run, run.ending, why, now)
            await uow.audit.add(None, run.team, "gpu.stop_time", run.audited, now)
            return
        await self._keep.keep(uow, run, run.replanned(now), now)
