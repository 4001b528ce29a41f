"""Checklists."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.evidence import Evidence, EvidenceState, Progress, progress
from bot.domain.ids import ExperimentId
from storage.insert import upsert
from storage.tables import evidence_items as items


class SqlEvidenceItems:
    """`bot.ports.EvidenceItems`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, experiment: ExperimentId) -> tuple[Evidence, ...]:
        """All items in order."""
        rows = await self._connection.execute(
            select(items).where(items.c.experiment == experiment).order_by(items.c.position)
        )
        return tuple(_evidence(row) for row in rows)

    async def replace(self, experiment: ExperimentId, evidence: Sequence[Evidence]) -> None:
        """Upsert by item; nothing is ever deleted, what no longer applies is retired."""
        rows = [
            {
                "experiment": experiment,
                "item": found.item,
                "position": position,
                "label": found.label,
                "kind": found.kind,
                "required": found.required,
                "state": found.state.value,
                "reason": found.reason,
                "changed_at": found.changed_at,
            }
            for position, found in enumerate(evidence)
        ]
        if rows:
            await upsert(self._connection, items, rows, items.c.experiment, items.c.item)

    async def progress(self, experiments: Sequence[ExperimentId]) -> dict[ExperimentId, Progress]:
        """The counts of several experiments in one query."""
        rows = await self._connection.execute(
            select(items).where(items.c.experiment.in_(experiments)).order_by(items.c.position)
        )
        held: dict[ExperimentId, list[Evidence]] = {x: [] for x in experiments}
        for row in rows:
            held[ExperimentId(row.experiment)].append(_evidence(row))
        return {x: progress(found) for x, found in held.items()}


def _evidence(row: Any) -> Evidence:
    return Evidence(
        item=row.item,
        label=row.label,
        kind=row.kind,
        required=row.required,
        state=EvidenceState(row.state),
        changed_at=row.changed_at,
        reason=row.reason,
    )
