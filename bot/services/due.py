"""Due rows: claim, dispatch by kind, leave settling to the use case's own transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from bot.clock import Clock
from bot.domain.delivery import LEASE, ClaimedDue, DueKind
from bot.ports import Store

log = structlog.get_logger(__name__)

BATCH = 25
"""Claimed together and run together: a row's lease never lapses while it waits its turn."""

IN_BULK = (DueKind.WEEKLY_DIGEST,)
"""Kinds carried out in one go whose work reads and thinks before it writes: many of them hold the
one writer for no longer than few, and what is asked once for all is most of their cost."""

MOST_IN_BULK = 100
"""So many, where all that were claimed are such."""

CLAIM_SECONDS = 2.0
"""No new batch after this long: a run ends soon after, however slow the engine is."""


class LeaseLost(Exception):
    """Somebody else holds a row by now, so what was done with it is undone; the key."""


class RunDue:
    """Carry out everything that has fallen due. Every replica does this; leases keep them apart.

    `work` is for one row each, `together` for all rows of a kind that were claimed at once. A row
    of a kind that is in neither fails like any other.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        work: Mapping[DueKind, Callable[[ClaimedDue], Awaitable[None]]],
        together: Mapping[DueKind, Callable[[Sequence[ClaimedDue]], Awaitable[None]]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._work = work
        self._together = together

    async def __call__(self) -> None:
        """Batch after batch until nothing is due; after a slow batch the rest is left to a next."""
        until = self._clock.monotonic() + CLAIM_SECONDS
        while await self._batch() and self._clock.monotonic() < until:
            pass

    async def _batch(self) -> bool:
        rows = await self._claimed()
        alone = [self._guarded(row) for row in rows if row.due.kind not in self._together]
        groups = ([row for row in rows if row.due.kind is kind] for kind in self._together)
        await asyncio.gather(*alone, *(self._as_one(group) for group in groups if group))
        return bool(rows)

    async def _claimed(self) -> list[ClaimedDue]:
        now = self._clock.now()
        async with self._store() as uow:
            rows = await uow.due.claim(now, BATCH, LEASE)
            if len(rows) == BATCH and all(row.due.kind in IN_BULK for row in rows):
                rows += await uow.due.claim_of(IN_BULK, now, MOST_IN_BULK - BATCH, LEASE)
            await uow.commit()
        return rows

    async def _as_one(self, rows: Sequence[ClaimedDue]) -> None:
        """All in one go; where that fails each alone, so that one holds up no other."""
        try:
            await self._together[rows[0].due.kind](rows)
        except LeaseLost as lost:
            log.info("due.lease_lost", key=str(lost))
        except Exception:  # the tick's guard per row: its lease brings it back
            if len(rows) == 1:
                log.exception("due.failed", key=rows[0].due.key, attempts=rows[0].attempts)
            else:
                log.warning("due.together_failed", keys=[r.due.key for r in rows], exc_info=True)
        else:
            return
        if len(rows) > 1:
            for row in rows:
                await self._as_one([row])

    async def _guarded(self, row: ClaimedDue) -> None:
        try:
            await self._work[row.due.kind](row)
        except Exception:  # the tick's guard per row: its lease brings it back
            log.exception("due.failed", key=row.due.key, attempts=row.attempts)
