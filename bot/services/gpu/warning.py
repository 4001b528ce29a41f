"""Warnings: who answers for a run is told before it is stopped, or should be off by promise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.domain.alerts import AlertKind
from bot.domain.delivery import ClaimedDue, DueKind
from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun
from bot.domain.ids import UserId
from bot.domain.moments import Moment, ahead, is_current, is_waited_for
from bot.domain.shutdown import WARN_BEFORE, ShutdownPlan
from bot.ports import Store, UnitOfWork
from bot.services.gpu.readers import FindReaders, places
from bot.services.gpu.telling import TellRun
from bot.services.gpu.watch import KeepWatch

log = structlog.get_logger(__name__)

MINUTE = timedelta(minutes=1)
LAST = min(WARN_BEFORE)


class WarnStop:
    """What a warning's row does. Nights and the limit of a day hold back no warning of a stop.

    That somebody promised to stop a run is recalled by day, or not: at its time it counts as none.
    """

    def __init__(
        self, *, store: Store, clock: Clock, keep: KeepWatch, tell: TellRun, readers: FindReaders
    ) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep
        self._tell = tell
        self._readers = readers

    async def __call__(self, row: ClaimedDue) -> None:
        """Re-read: another stop time has warnings of its own; of two late ones one is enough."""
        now = self._clock.now()
        async with self._store() as uow:
            run = await uow.gpus.taken(row.due.team, row.due.gpu)
            if run is None or not is_current(run, row.due.key) or not is_waited_for(run):
                await uow.due.settle(row, now)
                await uow.commit()
                return
            plan = (await self._keep.look(uow, run, now)).plan
            mine = next((m for m in warnings(run, plan) if m.key == row.due.key), None)
            whom: Sequence[UserId] = ()
            wait = mine.at if mine is not None and mine.at > now else None
            if _is_due(mine, run, plan, now):
                whom, wait = await self._whom(uow, run, plan, now)
            if wait is not None:
                await uow.due.defer(row, wait)
            elif await uow.due.settle(row, now) and whom:
                await self._warn(uow, run, plan, row.due.key, whom, now)
            await uow.commit()

    async def makes_up(self, uow: UnitOfWork, run: GpuRun, now: datetime) -> bool:
        """Whether an enforced stop has to wait, since an outage swallowed all its warnings.

        One goes now, and the stop time is five minutes from now. Only where owroute ends it, in the
        caller's transaction; nobody to warn is no reason to wait.
        """
        plan, deadline = (await self._keep.look(uow, run, now)).plan, run.deadline
        if deadline is None or not warnings(run, plan) or await self._warned(uow, run, plan):
            return False
        who = (await self._readers.of(uow, run)).warned
        if not who:
            return False
        later = run.due_to_stop(replace(deadline, at=now + LAST, put_off=now), at=now)
        kept = await self._keep.keep(uow, run, later, now)
        if kept is None:
            return True
        key = f"stop_late:{kept.id}:{kept.generation}:{kept.plan_version}"
        seen = await self._keep.look(uow, kept, now)
        await self._warn(uow, kept, seen.plan, key, who, now)
        log.warning("gpu.stop_warned_late", gpu=run.id)
        return True

    async def _warned(self, uow: UnitOfWork, run: GpuRun, plan: ShutdownPlan) -> bool:
        """Whether a warning before this stop time has left for Slack."""
        prefix = warnings(run, plan)[0].key.rpartition(":")[0] + ":"
        if not await uow.alerts.was_made(run.id, prefix):
            return False
        standing = [a for a in await uow.alerts.standing(run.id) if a.subject.startswith(prefix)]
        return not any([await uow.outbox.is_open(run.team, a.subject) for a in standing])

    async def _whom(
        self, uow: UnitOfWork, run: GpuRun, plan: ShutdownPlan, now: datetime
    ) -> tuple[Sequence[UserId], datetime | None]:
        """Who is told now; else when the first of them wakes, if that is before its time."""
        who = await self._readers.of(uow, run)
        whom = who.warned
        if plan.grade is not Grade.DECLARED or plan.stops_at is None:
            return whom, None
        readers = self._readers.by_night(run, whom, who.known, now)
        first = readers.first_awake
        in_time = first is not None and first < plan.stops_at
        return readers.awake, first if in_time and not readers.awake else None

    async def _warn(
        self,
        uow: UnitOfWork,
        run: GpuRun,
        plan: ShutdownPlan,
        key: str,
        whom: Sequence[UserId],
        now: datetime,
    ) -> None:
        if plan.stops_at is None:
            return
        left = -((now - plan.stops_at) // MINUTE)
        kind = AlertKind.PROMISE if plan.grade is Grade.DECLARED else AlertKind.WARNING
        who = await self._readers.of(uow, run)
        for place in places(sorted(whom)):
            instead = who.instead(place)
            await self._tell.alert(uow, run, kind, place, key, now, number=left, fallback=instead)
        log.info("gpu.warned", gpu=run.id, minutes=left)


def warnings(run: GpuRun, plan: ShutdownPlan) -> list[Moment]:
    """The warnings that belong to its stop time, the first one first."""
    return [m for m in ahead(run, plan) if m.kind is DueKind.WARN_STOP]


def _is_due(mine: Moment | None, run: GpuRun, plan: ShutdownPlan, now: datetime) -> bool:
    """Whether it is still ahead of the stop, and no later warning is due as well."""
    if mine is None or plan.stops_at is None or now >= plan.stops_at:
        return False
    return mine == [m for m in warnings(run, plan) if m.at <= now][-1]
