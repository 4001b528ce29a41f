"""Runs that nobody owns: shown once to all who might, with It's mine, Not ours and Stop now."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.domain.alerts import AlertKind
from bot.domain.delivery import ClaimedDue
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId
from bot.domain.moments import is_waited_for, unclaimed
from bot.domain.shutdown import wants_ping
from bot.ports import Store, UnitOfWork
from bot.services.gpu.readers import Answering, FindReaders, places
from bot.services.gpu.seeing import Seen
from bot.services.gpu.telling import TellRun
from bot.services.gpu.watch import KeepWatch

log = structlog.get_logger(__name__)


class PostUnclaimed:
    """Post a run without an owner in the ops channel; where there is none, to each admin.

    Without an ops channel the pings of a run that nothing ends do the same, and go on doing it.
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
        """Re-read: what has been claimed, disowned or stopped by now is not posted."""
        now = self._clock.now()
        async with self._store() as uow:
            run = await uow.gpus.taken(row.due.team, row.due.gpu)
            wait: datetime | None = None
            if run is not None and self._is_unclaimed(run, row.due.key):
                seen = await self._keep.look(uow, run, now)
                who = await self._readers.of(uow, run)
                where, wait = self._where(run, seen, who, now)
                await self._post(uow, run, row.due.key, who, where, now)
            if wait is not None:
                await uow.due.defer(row, wait)
            else:
                await uow.due.settle(row, now)
            await uow.commit()

    def _is_unclaimed(self, run: GpuRun, key: str) -> bool:
        current = key == unclaimed(run, self._keep.rules).key
        return current and run.owner is None and is_waited_for(run)

    def _where(
        self, run: GpuRun, seen: Seen, who: Answering, now: datetime
    ) -> tuple[Sequence[ChannelId], datetime | None]:
        """Where it is posted now, and when it is looked at again for those who sleep."""
        ops = seen.watching.ops
        if ops is not None:
            return (ops,), None
        if wants_ping(run, seen.plan, now):
            return (), None
        readers = self._readers.by_night(run, who.admins, who.known, now)
        nobody = not readers.awake and not readers.asleep
        again = now + self._keep.rules.ping_every if nobody else readers.first_awake
        return places(readers.awake), again

    async def _post(
        self,
        uow: UnitOfWork,
        run: GpuRun,
        key: str,
        who: Answering,
        where: Sequence[ChannelId],
        now: datetime,
    ) -> None:
        for place in where:
            if await uow.alerts.was_made(run.id, f"{key}:{place}"):
                continue
            instead = who.instead(place)
            await self._tell.alert(uow, run, AlertKind.UNCLAIMED, place, key, now, fallback=instead)
            log.info("gpu.unclaimed", gpu=run.id, place=place)
