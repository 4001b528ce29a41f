"""Due rows: claim, dispatch by kind, leave settling to the use case's own transaction."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from bot.clock import Clock
from bot.domain.delivery import LEASE, ClaimedDue, DueKind
from bot.domain.ids import TeamId
from bot.ports import Store

log = structlog.get_logger(__name__)

BATCH = 25
"""Claimed together and run together: a row's lease never lapses while it waits its turn."""

IN_BULK = (DueKind.WEEKLY_DIGEST,)
"""Kinds carried out in one go whose work reads and thinks before it writes: many of them hold the
one writer for no longer than few, and what is asked once for all is most of their cost. That is so
of a workspace's channels; what a whole workspace takes nobody knows, and it goes alone."""

MOST_IN_BULK = 100
"""So many, where all that were claimed are such, and each is a channel's."""

BULK_SECONDS = 10.0
"""Nothing more of a kind is begun after this long: what waited so is within its lease still."""

CLAIM_SECONDS = 2.0
"""No new batch after this long: a run ends soon after, however slow the engine is."""


class LeaseLost(Exception):
    """Somebody else holds a row by now, so what was done with it is undone; the key."""


class RunDue:
    """Carry out everything that has fallen due. Every replica does this; leases keep them apart.

    `work` is for one row each, `together` for all rows of a kind that were claimed at once; of a
    kind in bulk those of one workspace: channels, or itself. A row of a kind that is in neither
    fails like any other.
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
        kinds = ([row for row in rows if row.due.kind is kind] for kind in self._together)
        await asyncio.gather(*alone, *(self._in_turn(_groups(of)) for of in kinds if of))
        return bool(rows)

    async def _claimed(self) -> list[ClaimedDue]:
        now = self._clock.now()
        async with self._store() as uow:
            rows = await uow.due.claim(now, BATCH, LEASE)
            if len(rows) == BATCH and all(_goes_in_bulk(row) for row in rows):
                rows += await uow.due.claim_of(IN_BULK, now, MOST_IN_BULK - BATCH, LEASE)
            await uow.commit()
        return rows

    async def _in_turn(self, waiting: deque[list[ClaimedDue]]) -> None:
        """Group after group; what is not begun in time comes back when its lease ends.

        Where one fails its rows go alone, after the others, so that one holds up no other.
        """
        until = self._clock.monotonic() + BULK_SECONDS
        while waiting and self._clock.monotonic() < until:
            rows = waiting.popleft()
            if not await self._as_one(rows) and len(rows) > 1:
                waiting.extend([row] for row in rows)
        if waiting:
            kind = waiting[0][0].due.kind.value
            log.info("due.left", kind=kind, rows=sum(map(len, waiting)))

    async def _as_one(self, rows: Sequence[ClaimedDue]) -> bool:
        """All in one go; whether they are done."""
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
            return True
        return False

    async def _guarded(self, row: ClaimedDue) -> None:
        try:
            await self._work[row.due.kind](row)
        except Exception:  # the tick's guard per row: its lease brings it back
            log.exception("due.failed", key=row.due.key, attempts=row.attempts)


def _groups(rows: Sequence[ClaimedDue]) -> deque[list[ClaimedDue]]:
    """What is carried out in one go, of rows of one kind; in bulk that is a workspace's channels.

    Of these a row that comes again goes alone: with the others it may have taken too long. Nobody
    knows how long a whole workspace takes, so that those come last; and since one that is cut off
    cuts off all behind it, another one is the first at each attempt.
    """
    if rows[0].due.kind not in IN_BULK:
        return deque([list(rows)])
    found: dict[tuple[bool, TeamId, str], list[ClaimedDue]] = {}
    for row in rows:
        whole = row.due.channel is None
        alone = whole or row.attempts > 1
        found.setdefault((whole, row.due.team, row.due.key if alone else ""), []).append(row)
    groups = deque(found[key] for key in sorted(found))
    groups.rotate(1 - max(row.attempts for row in rows))
    return groups


def _goes_in_bulk(row: ClaimedDue) -> bool:
    return row.due.kind in IN_BULK and row.due.channel is not None
