"""Messages about GPU runs: what stands where, and how many somebody had on a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alerts import Alert, AlertKind
from bot.domain.gpu import LIVE, RunState
from bot.domain.ids import ChannelId, GpuId, TeamId
from storage.gpu_tables import gpu_alerts, gpu_runs
from storage.insert import upsert

FORGOTTEN = 1000
"""So many at once: the writer is not held for long."""


class SqlAlerts:
    """`bot.ports.Alerts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def standing(self, gpu: GpuId) -> Sequence[Alert]:
        """Those of a run, oldest first."""
        return await self._all(gpu_alerts.c.gpu == gpu, gpu_alerts.c.standing)

    async def standing_at(self, team: TeamId, place: ChannelId) -> Sequence[Alert]:
        """Those of a place, oldest first."""
        here = (gpu_alerts.c.team == team, gpu_alerts.c.place == place)
        return await self._all(*here, gpu_alerts.c.standing)

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
            "held": alert.held,
            "standing": not alert.held,
        }
        await upsert(self._connection, gpu_alerts, values, gpu_alerts.c.subject)

    async def forget(self, subject: str) -> None:
        """Delete it."""
        await self._connection.execute(delete(gpu_alerts).where(gpu_alerts.c.subject == subject))

    async def last_fallen(self, alert: Alert) -> Alert | None:
        """The newest of the same run and place that stands no more."""
        found = await self._all(
            gpu_alerts.c.gpu == alert.gpu,
            gpu_alerts.c.generation == alert.generation,
            gpu_alerts.c.place == alert.place,
            ~gpu_alerts.c.standing,
            ~gpu_alerts.c.held,
        )
        return found[-1] if found else None

    async def was_made(self, gpu: GpuId, prefix: str) -> bool:
        """Whether a subject begins so."""
        begins = gpu_alerts.c.subject.startswith(prefix, autoescape=True)
        asked = select(gpu_alerts.c.subject).where(gpu_alerts.c.gpu == gpu, begins)
        return (await self._connection.execute(asked.limit(1))).first() is not None

    async def fell(self, subjects: Sequence[str]) -> None:
        """Take down."""
        await self._connection.execute(
            update(gpu_alerts).where(gpu_alerts.c.subject.in_(subjects)).values(standing=False)
        )

    async def counted(self, team: TeamId, place: ChannelId, day: date) -> int:
        """How many somebody had that day; on Postgres behind a lock by the place's name."""
        if self._connection.dialect.name == "postgresql":
            key = func.hashtextextended(f"alerts:{team}:{place}", 0)
            await self._connection.execute(select(func.pg_advisory_xact_lock(key)))
        return await self._count(func.count(), team, place, day, gpu_alerts.c.counted)

    async def held(self, team: TeamId, place: ChannelId, day: date, besides: GpuId) -> int:
        """How many other runs that are not over found the day full."""
        runs = func.count(gpu_alerts.c.gpu.distinct())
        live = exists().where(gpu_runs.c.id == gpu_alerts.c.gpu, gpu_runs.c.state.in_(LIVE))
        others = gpu_alerts.c.held & (gpu_alerts.c.gpu != besides) & live
        return await self._count(runs, team, place, day, others)

    async def forget_fallen(self, before: datetime) -> int:
        """Delete the oldest that stand no more, of runs that are over."""
        over = exists().where(
            gpu_runs.c.id == gpu_alerts.c.gpu, gpu_runs.c.state == RunState.ENDED.value
        )
        old = select(gpu_alerts.c.subject).where(
            gpu_alerts.c.made_at < before, ~gpu_alerts.c.standing, over
        )
        some = old.order_by(gpu_alerts.c.made_at).limit(FORGOTTEN)
        gone = delete(gpu_alerts).where(gpu_alerts.c.subject.in_(some))
        return len((await self._connection.execute(gone.returning(gpu_alerts.c.subject))).all())

    async def _all(self, *where: Any) -> Sequence[Alert]:
        asked = select(gpu_alerts).where(*where)
        rows = await self._connection.execute(asked.order_by(gpu_alerts.c.made_at))
        return [_alert(row) for row in rows]

    async def _count(self, what: Any, team: TeamId, place: ChannelId, day: date, which: Any) -> int:
        asked = select(what).where(
            gpu_alerts.c.team == team,
            gpu_alerts.c.place == place,
            gpu_alerts.c.day == day.isoformat(),
            which,
        )
        return int((await self._connection.execute(asked)).scalar_one())


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
        held=row.held,
    )
