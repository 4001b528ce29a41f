"""What a week's digest is made of, for some channels of a workspace or for all of it, by index."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.costs import Accrual
from bot.domain.digest_facts import DecidedFacts, ExperimentFacts
from bot.domain.digest_week import Span
from bot.domain.evidence import EvidenceState
from bot.domain.ids import ChannelId, ExperimentId, GpuId, TeamId, UserId
from bot.domain.plans import Conclusion, State
from storage.gpu_costs import accrual_of
from storage.gpu_tables import gpu_accruals, gpu_runs
from storage.tables import constraint_cards, experiments, reminding
from storage.tables import evidence_items as items

PIECE = 500
"""Rows that are held at once, and made values without a pause."""

Channels = Sequence[ChannelId] | None

_CLOSED = (EvidenceState.GIVEN.value, EvidenceState.WAIVED.value)
_MISSING = (EvidenceState.MISSING.value, EvidenceState.REJECTED.value)


class SqlWeeks:
    """`bot.ports.Weeks`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def accruals(
        self, team: TeamId, channels: Channels, start: datetime
    ) -> Sequence[Accrual]:
        """Of channels by their runs; of a workspace by when they end."""
        of = gpu_accruals.c
        asked = _touching(select(gpu_accruals), start)
        if channels is None:
            asked = asked.where(of.team == team)
        else:
            theirs = select(gpu_runs.c.id).where(
                gpu_runs.c.team == team, gpu_runs.c.channel.in_(channels)
            )
            asked = asked.where(of.gpu.in_(theirs))
        return await self._accruals(asked)

    async def gpus(self, team: TeamId, start: datetime) -> Sequence[GpuId]:
        """By when their costs end."""
        asked = _touching(select(gpu_accruals.c.gpu), start).where(gpu_accruals.c.team == team)
        rows = await self._connection.execute(asked.distinct().order_by(gpu_accruals.c.gpu))
        return [GpuId(gpu) for gpu in rows.scalars()]

    async def accruals_of(self, gpus: Collection[GpuId], start: datetime) -> Sequence[Accrual]:
        """By their runs."""
        if not gpus:
            return []
        asked = _touching(select(gpu_accruals), start).where(gpu_accruals.c.gpu.in_(gpus))
        return await self._accruals(asked)

    async def _accruals(self, asked: Select[Any]) -> Sequence[Accrual]:
        found: list[Accrual] = []
        async with self._connection.stream(asked.order_by(gpu_accruals.c.since)) as rows:
            async for piece in rows.partitions(PIECE):
                found += map(accrual_of, piece)
        return found

    async def closed(
        self, team: TeamId, channels: Channels, within: Span
    ) -> dict[ExperimentId, int]:
        """By people, who confirmed or accepted some: what owroute alone filled in has no `by`.

        Of experiments that could still change: one that is archived changed with that.
        """
        archived = (State.ARCHIVED.value, State.DROPPED.value)
        return await self._counted(
            *_of(team, channels),
            or_(experiments.c.state.not_in(archived), experiments.c.changed_at >= within.start),
            items.c.required.is_(True),
            items.c.state.in_(_CLOSED),
            items.c.by.is_not(None),
            items.c.changed_at >= within.start,
            items.c.changed_at < within.end,
        )

    async def overdue(self, team: TeamId, channels: Channels) -> dict[ExperimentId, int]:
        """Of running experiments, by what their reminders remember."""
        return await self._counted(
            *_of(team, channels),
            experiments.c.state == State.RUNNING.value,
            items.c.required.is_(True),
            items.c.state.in_(_MISSING),
            select(reminding.c.times)
            .where(reminding.c.experiment == experiments.c.id, reminding.c.times > 0)
            .exists(),
        )

    async def decided(
        self, team: TeamId, channels: Channels, within: Span
    ) -> Sequence[DecidedFacts]:
        """By the index on when."""
        of = experiments.c
        asked = (
            select(of.id, of.conclusion, of.concluded_at, of.concluded_by)
            .where(*_of(team, channels))
            .where(of.concluded_at >= within.start, of.concluded_at < within.end)
            .order_by(of.concluded_at, of.id)
        )
        return [
            DecidedFacts(
                ExperimentId(row.id),
                Conclusion(row.conclusion),
                row.concluded_at,
                UserId(row.concluded_by) if row.concluded_by else None,
            )
            for row in await self._connection.execute(asked)
        ]

    async def called(
        self, team: TeamId, wanted: Collection[ExperimentId]
    ) -> dict[ExperimentId, tuple[ChannelId, ExperimentFacts]]:
        """By the newest card of each."""
        if not wanted:
            return {}
        of = experiments.c
        newest = and_(
            constraint_cards.c.experiment == of.id, constraint_cards.c.revision == of.latest
        )
        asked = (
            select(of.id, of.number, of.channel, constraint_cards.c.card)
            .select_from(experiments.join(constraint_cards, newest))
            .where(of.team == team, of.id.in_(wanted))
        )
        return {
            ExperimentId(row.id): (
                ChannelId(row.channel),
                ExperimentFacts(f"OW-{row.number}", json.loads(row.card)["task"]),
            )
            for row in await self._connection.execute(asked)
        }

    async def _counted(self, *where: ColumnElement[bool]) -> dict[ExperimentId, int]:
        joined = experiments.join(items, items.c.experiment == experiments.c.id)
        asked: Any = select(experiments.c.id, func.count()).select_from(joined).where(*where)
        rows = await self._connection.execute(asked.group_by(experiments.c.id))
        return {ExperimentId(key): int(count) for key, count in rows}


def _touching(asked: Select[Any], start: datetime) -> Select[Any]:
    return asked.where(or_(gpu_accruals.c.until.is_(None), gpu_accruals.c.until > start))


def _of(team: TeamId, channels: Channels) -> list[ColumnElement[bool]]:
    here = [] if channels is None else [experiments.c.channel.in_(channels)]
    return [experiments.c.team == team, *here]
