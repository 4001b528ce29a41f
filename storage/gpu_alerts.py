"""Accepted stops of GPU runs, and the alerts about them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alerts import Alert, AlertKind
from bot.domain.ending import EndOp
from bot.domain.ids import ChannelId, GpuId, TeamId
from storage.gpu_tables import gpu_alerts, gpu_ends
from storage.insert import insert_once, upsert

OP = TypeAdapter(EndOp)


class SqlEndOps:
    """`bot.ports.EndOps`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, op: EndOp) -> bool:
        """Insert unless the key exists."""
        return await insert_once(self._connection, gpu_ends, _op(op), gpu_ends.c.key) is not None

    async def by_key(self, key: str) -> EndOp | None:
        """One intent."""
        found = await self._connection.execute(select(gpu_ends.c.op).where(gpu_ends.c.key == key))
        row = found.first()
        return OP.validate_json(row.op) if row else None

    async def save(self, op: EndOp) -> EndOp | None:
        """Compare-and-set on the version."""
        after = replace(op, version=op.version + 1)
        written = (
            update(gpu_ends)
            .where(gpu_ends.c.key == op.key, gpu_ends.c.version == op.version)
            .values(_op(after))
            .returning(gpu_ends.c.key)
        )
        return after if (await self._connection.execute(written)).first() else None


class SqlAlerts:
    """`bot.ports.Alerts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def standing(self, gpu: GpuId) -> Sequence[Alert]:
        """Those of a run, oldest first."""
        asked = select(gpu_alerts).where(gpu_alerts.c.gpu == gpu, gpu_alerts.c.standing)
        rows = await self._connection.execute(asked.order_by(gpu_alerts.c.made_at))
        return [_alert(row) for row in rows]

    async def stand(self, alert: Alert) -> None:
        """Insert, or put up again."""
        values = {
            "subject": alert.subject,
            "team": alert.team,
            "gpu": alert.gpu,
            "generation": alert.generation,
            "place": alert.place,
            "kind": alert.kind.value,
            "made_at": alert.made_at,
            "day": alert.day.isoformat(),
            "counted": alert.counted,
            "number": alert.number,
            "standing": True,
        }
        await upsert(self._connection, gpu_alerts, values, gpu_alerts.c.subject)

    async def fell(self, subjects: Sequence[str]) -> None:
        """Take down."""
        await self._connection.execute(
            update(gpu_alerts).where(gpu_alerts.c.subject.in_(subjects)).values(standing=False)
        )

    async def counted(self, team: TeamId, place: ChannelId, day: date) -> int:
        """How many somebody had that day."""
        found = await self._connection.execute(
            select(func.count()).where(
                gpu_alerts.c.team == team,
                gpu_alerts.c.place == place,
                gpu_alerts.c.day == day.isoformat(),
                gpu_alerts.c.counted,
            )
        )
        return int(found.scalar_one())


def _op(op: EndOp) -> dict[str, Any]:
    return {
        "key": op.key,
        "team": op.team,
        "gpu": op.gpu,
        "generation": op.generation,
        "version": op.version,
        "op": OP.dump_json(op).decode(),
    }


def _alert(row: Any) -> Alert:
    return Alert(
        subject=row.subject,
        team=TeamId(row.team),
        gpu=GpuId(row.gpu),
        generation=row.generation,
        place=ChannelId(row.place),
        kind=AlertKind(row.kind),
        made_at=row.made_at,
        day=date.fromisoformat(row.day),
        counted=row.counted,
        number=row.number,
    )
