"""Cost intervals of GPU runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.costs import Accrual
from bot.domain.fleet import Billing, PriceSource
from bot.domain.ids import GpuId, TeamId, UserId
from storage.gpu_tables import gpu_accruals, gpu_runs
from storage.insert import upsert


class SqlAccruals:
    """`bot.ports.Accruals`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open_of(self, gpus: Sequence[GpuId]) -> dict[GpuId, Accrual]:
        """The newest interval of each."""
        found = await self.of(gpus)
        return {a.run: a for a in found}

    async def of(self, gpus: Sequence[GpuId]) -> Sequence[Accrual]:
        """All of theirs, oldest first."""
        if not gpus:
            return []
        asked = select(gpu_accruals).where(gpu_accruals.c.gpu.in_(gpus))
        rows = await self._connection.execute(asked.order_by(gpu_accruals.c.since))
        return [accrual_of(row) for row in rows]

    async def since(self, team: TeamId, start: datetime) -> Sequence[Accrual]:
        """What touches the time after `start`, by index."""
        rows = await self._connection.execute(_since(team, start))
        return [accrual_of(row) for row in rows]

    async def of_owner(self, team: TeamId, owner: UserId, start: datetime) -> Sequence[Accrual]:
        """By the words in which a run is kept: an owner's name there has no column of its own."""
        named = gpu_runs.c.run.contains(f'"owner":"{owner}"', autoescape=True)
        theirs = select(gpu_runs.c.id).where(gpu_runs.c.id == gpu_accruals.c.gpu, named)
        rows = await self._connection.execute(_since(team, start).where(theirs.exists()))
        return [accrual_of(row) for row in rows]

    async def put(self, team: TeamId, accruals: Sequence[Accrual]) -> None:
        """Insert, or end what is known."""
        if not accruals:
            return
        rows = [
            {
                "team": team,
                "gpu": a.run,
                "generation": a.generation,
                "kind": a.kind.value,
                "price": a.price,
                "source": a.source.value if a.source else None,
                "since": a.since,
                "until": a.until,
                "estimated": a.estimated,
            }
            for a in accruals
        ]
        key = (gpu_accruals.c.gpu, gpu_accruals.c.kind, gpu_accruals.c.since)
        await upsert(self._connection, gpu_accruals, rows, *key)

    async def drop(self, gpu: GpuId, start: datetime) -> None:
        """Forget what lies behind `start`."""
        own, after = gpu_accruals.c.gpu == gpu, gpu_accruals.c.since >= start
        await self._connection.execute(delete(gpu_accruals).where(own, after))
        open_ = or_(gpu_accruals.c.until.is_(None), gpu_accruals.c.until > start)
        await self._connection.execute(update(gpu_accruals).where(own, open_).values(until=start))


def _since(team: TeamId, start: datetime) -> Select[Any]:
    goes_on = or_(gpu_accruals.c.until.is_(None), gpu_accruals.c.until > start)
    asked = select(gpu_accruals).where(gpu_accruals.c.team == team, goes_on)
    return asked.order_by(gpu_accruals.c.since)


def accrual_of(row: Any) -> Accrual:
    """An interval in its row, all of whose columns were asked for."""
    _, _, gpu, generation, kind, price, source, since, until, estimated = row
    return Accrual(
        GpuId(gpu), generation, Billing(kind), price, PriceSource(source) if source else None,
        since, until, estimated,
    )  # fmt: skip
