"""Due rows: claim, dispatch by kind, leave settling to the use case's own transaction."""

from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot.clock import Clock
from bot.domain.delivery import LEASE, ClaimedDue, DueKind
from bot.ports import Store

log = structlog.get_logger(__name__)

BATCH = 50


class RunDue:
    """Carry out everything that has fallen due. Every replica does this; leases keep them apart."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        work: Mapping[DueKind, Callable[[ClaimedDue], Awaitable[None]]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._work = work

    async def __call__(self) -> int:
        """Claim up to one batch and run it; returns how many rows were taken."""
        async with self._store() as uow:
            rows = await uow.due.claim(self._clock.now(), BATCH, LEASE)
            await uow.commit()
        for row in rows:
            try:
                await self._work[row.due.kind](row)
            except Exception:  # the tick's guard per row: its lease brings it back
                log.exception("due.failed", key=row.due.key, attempts=row.attempts)
        return len(rows)
