"""People are told of a default stop, in place of their first ping."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.domain.alerts import AlertKind
from bot.domain.default_stop import is_default
from bot.domain.delivery import ClaimedDue
from bot.domain.gpu import GpuRun
from bot.domain.ids import UserId
from bot.domain.moments import is_current, is_waited_for
from bot.ports import Store, UnitOfWork
from bot.services.gpu.readers import Answering, FindReaders, Readers, places
from bot.services.gpu.telling import TellRun

log = structlog.get_logger(__name__)


class ProposeStop:
    """Tell once of a stop time that nobody set, and that holds unless somebody says no."""

    def __init__(self, *, store: Store, clock: Clock, tell: TellRun, readers: FindReaders) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._readers = readers

    async def __call__(self, row: ClaimedDue) -> None:
        """Re-read: where somebody has planned since, nothing is said."""
        await self._readers.met_first(row.due.team, lambda met: self._tried(row, met=met))

    async def _tried(self, row: ClaimedDue, *, met: bool) -> Sequence[UserId]:
        """One transaction; whom to ask Slack about first, and then nothing was done."""
        now = self._clock.now()
        async with self._store() as uow:
            run = await uow.gpus.taken(row.due.team, row.due.gpu)
            if run is None or not _holds(run, row):
                await uow.due.settle(row, now)
                await uow.commit()
                return ()
            who = await self._readers.of(uow, run)
            readers = self._readers.by_night(run, who.asked(1), who.known, now, always=True)
            if readers.strangers and not met:
                return readers.strangers
            wait = _waking(run, readers)
            if wait is not None:
                await uow.due.defer(row, wait)
            elif await uow.due.settle(row, now):
                await self._told(uow, row, run, who, readers, now)
            await uow.commit()
        return ()

    async def _told(
        self,
        uow: UnitOfWork,
        row: ClaimedDue,
        run: GpuRun,
        who: Answering,
        readers: Readers,
        now: datetime,
    ) -> None:
        ops = (await uow.watch.settings(run.team)).ops
        where = places(readers.awake or readers.asleep) or ((ops,) if ops is not None else ())
        for place in where:
            await self._tell.alert(
                uow,
                run,
                AlertKind.PROPOSAL,
                place,
                row.due.key,
                now,
                fallback=who.instead(place),
            )
        log.info("gpu.stop_proposed", gpu=run.id, people=len(where))


def _holds(run: GpuRun, row: ClaimedDue) -> bool:
    """Whether it is still so: a default stop, of this plan of this start."""
    return is_waited_for(run) and is_default(run.deadline) and is_current(run, row.due.key)


def _waking(run: GpuRun, readers: Readers) -> datetime | None:
    """When the first of them wakes, if all sleep now and it is before the stop."""
    if readers.awake or readers.first_awake is None or run.deadline is None:
        return None
    return readers.first_awake if readers.first_awake < run.deadline.at else None
