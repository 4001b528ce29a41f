"""Due rows: one per occurrence, claimed with a lease, settled by whoever still holds it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.delivery import ClaimedDue, Due, DueKind
from bot.domain.gpu import RunState
from bot.domain.ids import ChannelId, DueId, TeamId
from storage.gpu_tables import gpu_runs
from storage.insert import insert_new
from storage.leases import MOST, NOW, TOKEN, UNTIL, claiming, lapsed
from storage.tables import due, workspaces
from storage.types import UtcDateTime

FORGOTTEN = 1000
"""So many at once: the writer is not held for long."""

_REMOVED = exists().where(workspaces.c.team == due.c.team, workspaces.c.removed_at.is_not(None))
"""The row belongs to a workspace that has uninstalled the app."""


def _taking(*wanted: ColumnElement[bool]) -> Executable:
    """Lease the oldest free rows that are due, and give them back."""
    free = (
        select(due.c.id)
        .where(due.c.done_at.is_(None), due.c.due_at <= NOW, *wanted, lapsed(due), ~_REMOVED)
        .order_by(due.c.due_at, due.c.id)
        .limit(MOST)
    )
    chosen = free.with_for_update(skip_locked=True, of=due).cte("chosen")
    chosen = chosen.prefix_with("MATERIALIZED")
    return (
        update(due)
        .where(due.c.id == chosen.c.id)
        .values(lease_token=TOKEN, lease_until=UNTIL, attempts=due.c.attempts + 1)
        .returning(due)
    )


_OLDEST = _taking()
_LATE = (
    select(func.count())
    .select_from(due)
    .where(and_(due.c.done_at.is_(None), due.c.due_at <= NOW, ~_REMOVED))
)
_AT = bindparam("mine_at", type_=UtcDateTime)
_MINE = (
    update(due)
    .where(
        due.c.id == bindparam("mine_id"),
        due.c.lease_token == bindparam("mine_token"),
        due.c.done_at.is_(None),
    )
    .values(lease_token=None, lease_until=None)
    .returning(due.c.id)
)
_SETTLED = _MINE.values(done_at=_AT)
_SETTLED_ALL = (
    update(due)
    .where(
        due.c.id.in_(bindparam("mine_ids", expanding=True)),
        due.c.lease_token.in_(bindparam("mine_tokens", expanding=True)),
        due.c.done_at.is_(None),
    )
    .values(done_at=_AT, lease_token=None, lease_until=None)
    .returning(due.c.id)
)
_DEFERRED = _MINE.values(due_at=_AT)
_UNTRIED = _DEFERRED.values(attempts=due.c.attempts - 1)
_OLDEST_OF = _taking(
    due.c.kind.in_(bindparam("claim_kinds", expanding=True)), due.c.channel.is_not(None)
)
_BY_KEY = _taking(due.c.key == bindparam("claim_key"))

_OF_WHAT_IS_OVER = and_(
    due.c.kind.in_([DueKind.WARN_STOP.value, DueKind.STOP_TIME.value]),
    exists().where(gpu_runs.c.id == due.c.subject, gpu_runs.c.state == RunState.ENDED.value),
)
_SLOTS = due.c.kind.in_(
    [
        DueKind.PING_GPU.value,
        DueKind.REMIND_EVIDENCE.value,
        DueKind.WEEKLY_DIGEST.value,
        DueKind.DRAW_DIGEST.value,
        DueKind.DRAW_HOME.value,
    ]
)
"""Their keys name a time: an old one is armed no more."""

_OLD = (
    select(due.c.id)
    .where(due.c.done_at < bindparam("before", type_=UtcDateTime), or_(_SLOTS, _OF_WHAT_IS_OVER))
    .order_by(due.c.done_at)
    .limit(FORGOTTEN)
)
_FORGOTTEN = delete(due).where(due.c.id.in_(_OLD)).returning(due.c.id)


class SqlDueRows:
    """`bot.ports.DueRows`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, row: Due) -> bool:
        """Insert unless the key exists."""
        return row.key in await self.add_all([row])

    async def add_all(self, rows: Sequence[Due]) -> set[str]:
        """The same for several."""
        return await insert_new(self._connection, due, [_values(row) for row in rows], due.c.key)

    async def arm(self, row: Due) -> bool:
        """Insert, or move what waits; False when it is done, or in somebody's hands."""
        if await self.add(row):
            return True
        moved = (
            update(due)
            .where(due.c.key == row.key, due.c.done_at.is_(None), due.c.lease_token.is_(None))
            .values(due_at=row.due_at)
            .returning(due.c.id)
        )
        return (await self._connection.execute(moved)).first() is not None

    async def end_others(self, kept: Due, now: datetime) -> int:
        """Mark done what waits beside it; what somebody holds ends by itself."""
        ended = (
            update(due)
            .where(
                due.c.team == kept.team,
                due.c.channel == kept.channel,
                due.c.kind == kept.kind.value,
                due.c.key != kept.key,
                due.c.done_at.is_(None),
                due.c.lease_token.is_(None),
            )
            .values(done_at=now)
            .returning(due.c.id)
        )
        return len((await self._connection.execute(ended)).all())

    async def claim(self, now: datetime, limit: int, lease: timedelta) -> list[ClaimedDue]:
        """Take free rows that are due, oldest first."""
        return await self._claim(_OLDEST, claiming(now, limit, lease))

    async def claim_of(
        self, kinds: Collection[DueKind], now: datetime, limit: int, lease: timedelta
    ) -> list[ClaimedDue]:
        """The same, of some kinds and about a channel."""
        theirs = {"claim_kinds": sorted(kind.value for kind in kinds)}
        return await self._claim(_OLDEST_OF, claiming(now, limit, lease) | theirs)

    async def claim_key(self, key: str, now: datetime, lease: timedelta) -> ClaimedDue | None:
        """Take one row by key, if it is due and free."""
        mine = {**claiming(now, 1, lease), "claim_key": key}
        return next(iter(await self._claim(_BY_KEY, mine)), None)

    async def settle(self, row: ClaimedDue, now: datetime) -> bool:
        """Mark done; False when the lease is no longer ours."""
        return await self._write(_SETTLED, row, now)

    async def settle_all(self, rows: Sequence[ClaimedDue], now: datetime) -> bool:
        """Mark all of them done; False when the lease of any is no longer ours."""
        held = {
            "mine_ids": [row.id for row in rows],
            "mine_tokens": list({row.lease_token for row in rows}),
            "mine_at": now,
        }
        settled = await self._connection.execute(_SETTLED_ALL, held)
        return len(settled.all()) == len(rows)

    async def defer(self, row: ClaimedDue, due_at: datetime) -> bool:
        """Give back, to be due later."""
        return await self._write(_DEFERRED, row, due_at)

    async def untried(self, row: ClaimedDue, due_at: datetime) -> bool:
        """Give back with one attempt less."""
        return await self._write(_UNTRIED, row, due_at)

    async def forget_done(self, before: datetime) -> int:
        """Delete the oldest of them."""
        return len((await self._connection.execute(_FORGOTTEN, {"before": before})).all())

    async def overdue(self, now: datetime, older_than: timedelta) -> int:
        """How many occurrences have waited too long."""
        found = await self._connection.execute(_LATE, {"claim_now": now - older_than})
        return int(found.scalar_one())

    async def _claim(self, statement: Executable, values: dict[str, Any]) -> list[ClaimedDue]:
        rows = await self._connection.execute(statement, values)
        return sorted(map(_claimed, rows), key=lambda r: (r.due.due_at, r.id))

    async def _write(self, statement: Executable, row: ClaimedDue, at: datetime) -> bool:
        mine = {"mine_id": row.id, "mine_token": row.lease_token, "mine_at": at}
        return (await self._connection.execute(statement, mine)).first() is not None


def _values(row: Due) -> dict[str, Any]:
    return {
        "key": row.key,
        "kind": row.kind.value,
        "team": row.team,
        "subject": row.subject,
        "channel": row.channel,
        "revision": row.revision,
        "due_at": row.due_at,
    }


def _claimed(row: Any) -> ClaimedDue:
    found = Due(
        key=row.key,
        kind=DueKind(row.kind),
        team=TeamId(row.team),
        subject=row.subject,
        channel=ChannelId(row.channel) if row.channel else None,
        due_at=row.due_at,
        revision=row.revision,
    )
    return ClaimedDue(DueId(row.id), found, row.lease_token, row.attempts)
