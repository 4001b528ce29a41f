"""Rows that must exist: each account's beat, the budgets, and something ahead of every live run.

A run's next row is armed by each change of it and by each row for the next. Should one be gone, or
should a plan have ended by mere passing of time, this finds it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.domain.ending import OpState, op_key
from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun
from bot.domain.ids import GpuId, TeamId
from bot.domain.moments import is_waited_for
from bot.domain.shutdown import in_charge
from bot.ports import Fleet, Store
from bot.services.admins import admins_row
from bot.services.gpu.budgets import budgets_row
from bot.services.gpu.ending import end_row
from bot.services.gpu.polling import poll_row
from bot.services.gpu.watch import KeepWatch

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=5)
"""How often is looked; the first time is when we know whose bot this is."""

BATCH = 200


class ArmGpus:
    """Arm what nothing waits for. Any replica may; `team` is the workspace the keys belong to."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        keep: KeepWatch,
        fleets: Sequence[Fleet],
        team: Callable[[], TeamId | None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep
        self._fleets = fleets
        self._team = team
        self._next: datetime | None = None

    async def __call__(self) -> bool:
        """False when a run was left with nothing ahead of it. Looks every five minutes."""
        now, team = self._clock.now(), self._team()
        if team is None or (self._next is not None and now < self._next):
            return True
        await self._beats(team, now)
        left = await self._runs(now)
        if left:
            log.warning("gpu.unwatched", runs=left)
        self._next = now + EVERY
        return not left

    async def _beats(self, team: TeamId, now: datetime) -> None:
        """The rows that hang on for ever."""
        async with self._store() as uow:
            await uow.due.add(admins_row(team, now))
            await uow.due.add(budgets_row(team, now))
            for fleet in self._fleets:
                await uow.due.add(poll_row(team, fleet, now))
            await uow.commit()

    async def _runs(self, now: datetime) -> int:
        """How many could not be armed."""
        left, last = 0, GpuId(0)
        while True:
            async with self._store(read_only=True) as uow:
                page = await uow.gpus.unwatched(last, BATCH)
            for run in page:
                left += not await self._armed(run, now)
            if len(page) < BATCH:
                return left
            last = page[-1].id

    async def _armed(self, run: GpuRun, now: datetime) -> bool:
        """True as well where nothing has to happen: the plan is unknown, or the provider's own."""
        if run.stopping is not None:
            return await self._ending(run, now)
        if not is_waited_for(run):
            return True
        async with self._store() as uow:
            known = await uow.gpus.taken(run.team, run.id)
            if known is None:
                return True
            plan = (await self._keep.look(uow, known, now)).plan
            after = in_charge(known, plan, now)
            if after != known:
                armed = await self._keep.keep(uow, known, after.changed(now), now) is not None
            else:
                armed = await self._keep.arm(uow, known, plan, now)
            await uow.commit()
        wanted = plan.grade in (Grade.NONE, Grade.CONDITIONAL, Grade.DECLARED)
        if wanted:
            log.info("gpu.rearmed", gpu=run.id, armed=armed)
        return armed or not wanted

    async def _ending(self, run: GpuRun, now: datetime) -> bool:
        """An accepted stop is seen through, whatever became of its row."""
        ending = run.stopping.ending if run.stopping else run.ending
        async with self._store() as uow:
            op = await uow.ends.by_key(op_key(ending, run.id, run.generation))
            if op is None or op.state is not OpState.OPEN:
                return True
            armed = await uow.due.arm(end_row(op, now))
            await uow.commit()
        log.warning("gpu.stop_rearmed", gpu=run.id, armed=armed)
        return armed
