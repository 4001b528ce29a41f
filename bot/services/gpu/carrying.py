"""An accepted stop is seen through: read, ask once, read until it is off, say it when it is not.

Hold is looked at just before the provider is asked, and that it is asked is written down before.
After a crash the next worker reads first, and asks again only while a reading says that it runs.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.crash import crash_point
from bot.domain.delivery import ClaimedDue
from bot.domain.ending import EndOp, Next, OpState, must_tell, next_read, verdict
from bot.domain.fleet import Ended, Ending, Problem, Read, Scope
from bot.domain.gpu import GpuRun, RunState
from bot.domain.reconcile import updated, vanished
from bot.ports import Fleet, Store, UnitOfWork
from bot.services.gpu.holding import look_at
from bot.services.gpu.telling import TellRun
from bot.services.gpu.watch import KeepWatch

log = structlog.get_logger(__name__)

READ_SECONDS = 9.0
CALL_SECONDS = 11.0
"""Together less than the lease of the row: what takes longer is read by the next claim."""

HELD = timedelta(seconds=30)
"""How often a stop that waits for Hold to end is looked at."""

CANNOT = frozenset({Ended.FORBIDDEN, Ended.LOCKED, Ended.CLUSTER})
"""Answers after which only people can end it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A stop, its run, and the row of it, as the worker has them in hand."""

    row: ClaimedDue
    op: EndOp
    run: GpuRun
    fleet: Fleet | None


class CarryOutEnd:
    """One read and at most one call per claim; the row stays due until it is proven or refused."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        fleets: Sequence[Fleet],
        keep: KeepWatch,
        tell: TellRun,
    ) -> None:
        self._store = store
        self._clock = clock
        self._fleets = {(f.provider, f.account): f for f in fleets}
        self._keep = keep
        self._tell = tell

    async def __call__(self, row: ClaimedDue) -> None:
        """What the newest reading asks for."""
        held = await self._find(row)
        if held is None:
            await self._settle(row)
            return
        if held.run.merged_into is not None:
            await self._over(held, OpState.MOVED)
            return
        if _is_over(held):  # a listing was faster
            await self._over(held, OpState.PROVEN if held.run.proven else OpState.REPORTED)
            return
        fleet = held.fleet
        if fleet is None:
            await self._refused(held, Ended.FORBIDDEN)
            return
        read = await self._read(fleet, held.run)
        crash_point("end.after_read")
        now = self._clock.now()
        held = replace(held, op=held.op.noted(now, "read", _heard(read), reads=held.op.reads + 1))
        match verdict(held.op, read, now):
            case Next.PROVEN:
                await self._proven(held, read)
            case Next.WAIT:
                await self._wait(held)
            case Next.CALL:
                await self._call(held, fleet)

    async def _find(self, row: ClaimedDue) -> Held | None:
        key = row.due.key.removeprefix("end:").rpartition(":")[0]
        async with self._store(read_only=True) as uow:
            op = await uow.ends.by_key(key)
            run = await uow.gpus.by_id(row.due.team, row.due.gpu)
        if op is None or run is None or op.state is not OpState.OPEN:
            return None
        if run.generation != op.generation:
            return None
        fleet = self._fleets.get((run.machine.provider, run.machine.account))
        return Held(row, op, run, fleet)

    async def _over(self, held: Held, state: OpState) -> None:
        now = self._clock.now()
        async with self._store() as uow:
            op = replace(held.op, state=state, finished_at=now)
            await self._finish(uow, held, op, now)
            await uow.commit()

    async def _settle(self, row: ClaimedDue) -> None:
        async with self._store() as uow:
            await uow.due.settle(row, self._clock.now())
            await uow.commit()

    async def _read(self, fleet: Fleet, run: GpuRun) -> Read:
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await fleet.read(run.machine)
        except TimeoutError:
            return Read(problem=Problem.NETWORK)

    async def _call(self, held: Held, fleet: Fleet) -> None:
        now = self._clock.now()
        async with self._store() as uow:
            if (await uow.watch.settings(held.op.team)).hold:
                if await self._told(uow, held, now) is not None:
                    await uow.due.defer(held.row, now + HELD)
                    await uow.commit()
                return
            saved = await uow.ends.save(_sent(held.op, now))
            if saved is None:
                return  # somebody else has it in hand
            await uow.commit()
        crash_point("end.before_call")
        answer = await self._called(fleet, held.run, saved)
        crash_point("end.after_call")
        op = saved.noted(self._clock.now(), "answer", answer.value)
        log.info("gpu.stop_called", gpu=op.gpu, answer=answer.value, calls=op.calls)
        if answer in CANNOT:
            await self._refused(replace(held, op=op), answer)
            return
        if answer is Ended.LATER:  # certainly not done: the next one asks again
            op = replace(op, called_at=None)
        taken = answer is Ended.ACCEPTED and not saved.was_accepted
        await self._wait(replace(held, op=op), taken=taken)

    async def _called(self, fleet: Fleet, run: GpuRun, op: EndOp) -> Ended:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await fleet.end(run.machine, op.ending, op.key)
        except TimeoutError:
            return Ended.UNKNOWN

    async def _proven(self, held: Held, read: Read) -> None:
        now = self._clock.now()
        async with self._store() as uow:
            run = await uow.gpus.by_id(held.op.team, held.op.gpu) or held.run
            instance = read.instance
            after = updated(run, instance, now) if instance else vanished(run, now, now)
            if after != run and await self._keep.keep(uow, run, after, now) is None:
                return  # changed meanwhile: the lease brings the row back
            op = replace(held.op, state=OpState.PROVEN, finished_at=now)
            await self._finish(uow, held, op, now)
            await uow.commit()
        log.info("gpu.stop_proven", gpu=held.op.gpu, calls=held.op.calls, reads=held.op.reads)

    async def _wait(self, held: Held, *, taken: bool = False) -> None:
        """Read again later; `taken`: the provider has just accepted the order, for the first time.

        What it accepts again and again without doing it is told at each ping, not at each call.
        """
        now = self._clock.now()
        async with self._store() as uow:
            if taken and not await self._accepted(uow, held, now):
                return
            if taken:  # patience begins anew
                held = replace(held, op=replace(held.op, failed_at=None, told_at=None))
            told = await self._told(uow, held, now)
            if told is None:
                return
            await uow.due.defer(held.row, next_read(told, now))
            await uow.commit()

    async def _accepted(self, uow: UnitOfWork, held: Held, now: datetime) -> bool:
        """This key may end machines there, whatever was thought of it before."""
        run = await uow.gpus.by_id(held.op.team, held.op.gpu) or held.run
        await self._frees(uow, run, now)
        if run.may_stop and (run.stopping is None or run.stopping.failed_at is None):
            return True
        await self._writes(uow, run, may=True)
        return await self._keep.keep(uow, run, run.asked_to_stop(at=now), now) is not None

    async def _told(self, uow: UnitOfWork, held: Held, now: datetime) -> EndOp | None:
        """Keep how it stands; where it lasts, tell everybody, and again at each ping.

        None when somebody else has it in hand.
        """
        op, every = held.op, self._keep.rules.ping_every
        if must_tell(op, held.run.machine.provider, now, every):
            run = await uow.gpus.by_id(op.team, op.gpu) or held.run
            kept = await self._keep.keep(uow, run, run.not_stopped(at=op.failed_at or now), now)
            if kept is None:
                return None
            op = replace(op, failed_at=op.failed_at or now, told_at=now, told=op.told + 1)
            await self._tell.not_stopped(uow, kept, now, again=op.told)
            await uow.audit.add(None, op.team, "gpu.not_stopped", kept.audited, now)
            log.warning("gpu.not_stopped", gpu=op.gpu, calls=op.calls, reads=op.reads)
        return await uow.ends.save(op)

    async def _refused(self, held: Held, why: Ended) -> None:
        """This key may not: it runs as before, and people are told how to end it themselves."""
        now = self._clock.now()
        async with self._store() as uow:
            run = await uow.gpus.by_id(held.op.team, held.op.gpu) or held.run
            after = run.not_stopping(at=now, may_stop=why is not Ended.FORBIDDEN)
            kept = await self._keep.keep(uow, run, after, now)
            if kept is None:
                return
            if why is Ended.FORBIDDEN:
                await self._writes(uow, kept, may=False)
                await look_at(uow, kept.team, kept.machine.provider, kept.machine.account, now)
            await self._tell.cannot_stop(uow, kept, held.op.by, now)
            op = replace(held.op, state=OpState.REFUSED, finished_at=now, refusal=why)
            await self._finish(uow, held, op, now)
            await uow.commit()
        log.warning("gpu.stop_refused", gpu=held.op.gpu, why=why.value)

    async def _frees(self, uow: UnitOfWork, run: GpuRun, now: datetime) -> None:
        """What this key was refused for others of its account before is forgotten."""
        here = run.machine
        for other in await uow.gpus.of_account(run.team, here.provider, here.account):
            if other.id != run.id and not other.may_stop:
                await self._keep.keep(uow, other, other.changed(now, may_stop=True), now)

    async def _writes(self, uow: UnitOfWork, run: GpuRun, *, may: bool) -> None:
        """What the last use of a key has shown of it."""
        here = run.machine
        account = await uow.watch.account(run.team, Scope(here.provider, here.account))
        await uow.watch.put_account(replace(account, may_stop=may))

    async def _finish(self, uow: UnitOfWork, held: Held, op: EndOp, now: datetime) -> None:
        await uow.ends.save(op)
        await uow.due.settle(held.row, now)
        after = op.refusal.value if op.refusal else op.state.value
        what = held.run.audited
        await uow.audit.add(None, op.team, "gpu.end_finished", what, now, after=after)


def _sent(op: EndOp, now: datetime) -> EndOp:
    """Written down before the provider is asked."""
    first = op.first_called_at or now
    return op.noted(now, "call", "sent", called_at=now, first_called_at=first, calls=op.calls + 1)


def _is_over(held: Held) -> bool:
    """Whether its run has ended already, in the way that was wanted."""
    if held.op.ending is Ending.TERMINATE:
        return held.run.state is RunState.ENDED
    return not held.run.is_live


def _heard(read: Read) -> str:
    if read.problem is not None:
        return read.problem.value
    return read.instance.state.value if read.instance else "absent"
