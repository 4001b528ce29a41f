"""When a live GPU run was in nobody's charge."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ids import GpuId, TeamId
from storage.gpu_tables import gpu_unattended as stretches
from storage.insert import insert_once


class SqlUnattended:
    """`bot.ports.Unattended`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, team: TeamId, gpu: GpuId, since: datetime) -> None:
        """Unless one is open; it never reaches back into an earlier one."""
        asked = select(func.count() - func.count(stretches.c.until), func.max(stretches.c.until))
        found = await self._connection.execute(asked.where(stretches.c.gpu == gpu))
        is_open, last = found.one()
        if not is_open:
            since = max(since, last) if last else since
            values = {"team": team, "gpu": gpu, "since": since, "until": None}
            key = (stretches.c.gpu, stretches.c.since)
            await insert_once(self._connection, stretches, values, *key)

    async def end(self, gpu: GpuId, until: datetime) -> None:
        """One that ends before it began lasted no time."""
        ended = case((stretches.c.since < until, until), else_=stretches.c.since)
        mine = (stretches.c.gpu == gpu, stretches.c.until.is_(None))
        await self._connection.execute(update(stretches).where(*mine).values(until=ended))

    async def of(
        self, gpus: Sequence[GpuId], start: datetime
    ) -> dict[GpuId, list[tuple[datetime, datetime | None]]]:
        """Those that touch the time after `start`."""
        found: dict[GpuId, list[tuple[datetime, datetime | None]]] = defaultdict(list)
        if gpus:
            goes_on = or_(stretches.c.until.is_(None), stretches.c.until > start)
            asked = select(stretches).where(stretches.c.gpu.in_(gpus), goes_on)
            for row in await self._connection.execute(asked.order_by(stretches.c.since)):
                found[GpuId(row.gpu)].append((row.since, row.until))
        return found
