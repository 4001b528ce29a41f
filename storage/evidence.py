"""Checklists, and everything that was ever put down for their items."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.evidence import Entry, Evidence, EvidenceState, Progress, Source, progress
from bot.domain.ids import ExperimentId, UserId
from storage.insert import insert_once, upsert
from storage.tables import evidence_entries as entries
from storage.tables import evidence_items as items

_NEWER = tuple(
    entries.c[name].label(f"newer_{name}") for name in ("source", "content", "link", "by", "at")
)
_IS_NEWER = and_(
    entries.c.experiment == items.c.experiment,
    entries.c.item == items.c.item,
    entries.c.key == items.c.newer,
)


class SqlEvidenceItems:
    """`bot.ports.EvidenceItems`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, experiment: ExperimentId) -> tuple[Evidence, ...]:
        """All items in order."""
        return (await self.of_all([experiment]))[experiment]

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
                "by": found.by,
                "source": found.source.value if found.source else None,
                "content": dict(found.content),
                "link": found.link,
                "assignee": found.assignee,
                "template": found.template,
                "newer": found.newer.key if found.newer else None,
            }
            for position, found in enumerate(evidence)
        ]
        if rows:
            await upsert(self._connection, items, rows, items.c.experiment, items.c.item)

    async def note(self, experiment: ExperimentId, entry: Entry) -> bool:
        """Keep an entry; False when the same delivery has left it already."""
        values = {
            "experiment": experiment,
            "item": entry.item,
            "key": entry.key,
            "source": entry.source.value,
            "content": dict(entry.content),
            "link": entry.link,
            "by": entry.by,
            "at": entry.at,
        }
        key = (entries.c.experiment, entries.c.item, entries.c.key)
        return await insert_once(self._connection, entries, values, *key) is not None

    async def entries(self, experiment: ExperimentId) -> tuple[Entry, ...]:
        """Everything that was put down, oldest first."""
        rows = await self._connection.execute(
            select(entries).where(entries.c.experiment == experiment).order_by(entries.c.id)
        )
        return tuple(_entry(row) for row in rows)

    async def seal(self, experiment: ExperimentId, sealed: Sequence[Entry]) -> None:
        """The one update of an entry that there is."""
        for entry in sealed:
            await self._connection.execute(
                update(entries)
                .where(
                    entries.c.experiment == experiment,
                    entries.c.item == entry.item,
                    entries.c.key == entry.key,
                )
                .values(content=dict(entry.content))
            )

    async def progress(self, experiments: Sequence[ExperimentId]) -> dict[ExperimentId, Progress]:
        """The counts of several experiments in one query."""
        return {x: progress(found) for x, found in (await self.of_all(experiments)).items()}

    async def of_all(
        self, experiments: Sequence[ExperimentId]
    ) -> dict[ExperimentId, tuple[Evidence, ...]]:
        """The checklists of several experiments in one query."""
        rows = await self._connection.execute(
            select(items, *_NEWER)
            .outerjoin(entries, _IS_NEWER)
            .where(items.c.experiment.in_(experiments))
            .order_by(items.c.position)
        )
        held: dict[ExperimentId, list[Evidence]] = {x: [] for x in experiments}
        for row in rows:
            held[ExperimentId(row.experiment)].append(_evidence(row))
        return {x: tuple(found) for x, found in held.items()}


def _evidence(row: Any) -> Evidence:
    return Evidence(
        item=row.item,
        label=row.label,
        kind=row.kind,
        required=row.required,
        state=EvidenceState(row.state),
        changed_at=row.changed_at,
        reason=row.reason,
        by=UserId(row.by) if row.by else None,
        source=Source(row.source) if row.source else None,
        content=row.content or {},
        link=row.link,
        assignee=UserId(row.assignee) if row.assignee else None,
        template=row.template or "",
        newer=_newer(row),
    )


def _newer(row: Any) -> Entry | None:
    """What was captured since and waits; it is whole, else it would not wait."""
    if row.newer_source is None:
        return None
    return Entry(
        key=row.newer,
        item=row.item,
        source=Source(row.newer_source),
        content=row.newer_content,
        at=row.newer_at,
        by=UserId(row.newer_by) if row.newer_by else None,
        link=row.newer_link,
    )


def _entry(row: Any) -> Entry:
    return Entry(
        key=row.key,
        item=row.item,
        source=Source(row.source),
        content=row.content,
        at=row.at,
        by=UserId(row.by) if row.by else None,
        link=row.link,
    )
