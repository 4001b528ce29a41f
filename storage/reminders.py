"""What reminders remember: how often, until when quiet, and which one stands in a channel."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, case, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.delivery import DueKind
from bot.domain.evidence import EvidenceState
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import State
from bot.domain.reminders import Owed, OwedItem, Reminding, Standing
from engine.contract import ConstraintCard
from storage.insert import insert_or, upsert
from storage.tables import constraint_cards, evidence_items, experiments, reminders, reminding

_UNSETTLED = (EvidenceState.MISSING, EvidenceState.CLAIMED, EvidenceState.REJECTED)

_NEXT = """
SELECT min(x.channel) FROM experiments x WHERE x.state = 'running' AND x.team =
"""

_UNARMED = text(
    f"""
WITH RECURSIVE places(team, channel) AS (
    SELECT w.team, ({_NEXT} w.team) FROM workspaces w WHERE w.removed_at IS NULL
    UNION ALL
    SELECT p.team, ({_NEXT} p.team AND x.channel > p.channel)
    FROM places p WHERE p.channel IS NOT NULL
)
SELECT p.team, p.channel FROM places p
WHERE p.channel IS NOT NULL
AND NOT EXISTS (
    SELECT 1 FROM due d WHERE d.channel = p.channel AND d.team = p.team
    AND d.kind = '{DueKind.REMIND_EVIDENCE.value}' AND d.done_at IS NULL
)
AND NOT EXISTS (
    SELECT 1 FROM channels c WHERE c.team = p.team AND c.channel = p.channel AND c.muted
)
AND EXISTS (
    SELECT 1 FROM experiments x JOIN evidence_items i ON i.experiment = x.id
    WHERE x.state = 'running' AND x.team = p.team AND x.channel = p.channel
    AND i.required AND i.state IN ({", ".join(f"'{state.value}'" for state in _UNSETTLED)})
)
LIMIT :most
"""  # noqa: S608  # no value in it comes from outside
)


class SqlReminders:
    """`bot.ports.Reminders`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, experiments: Sequence[ExperimentId]) -> dict[ExperimentId, Reminding]:
        """What is remembered of each experiment."""
        rows = await self._connection.execute(
            select(reminding).where(reminding.c.experiment.in_(experiments))
        )
        found = {
            ExperimentId(row.experiment): Reminding(row.times, row.snoozed_until, row.muted)
            for row in rows
        }
        return {x: found.get(x, Reminding()) for x in experiments}

    async def put(self, experiment: ExperimentId, known: Reminding) -> None:
        """Replace what is remembered."""
        values = {
            "experiment": experiment,
            "times": known.times,
            "snoozed_until": known.snoozed_until,
            "muted": known.muted,
        }
        await upsert(self._connection, reminding, values, reminding.c.experiment)

    async def listed(self, experiments: Sequence[ExperimentId], now: datetime) -> None:
        """Count one more reminder of each and end snoozes that are over; a mute is not touched."""
        if not experiments:
            return
        rows = [
            {"experiment": x, "times": 1, "snoozed_until": None, "muted": False}
            for x in experiments
        ]
        until = reminding.c.snoozed_until
        await insert_or(
            self._connection,
            reminding,
            rows,
            reminding.c.experiment,
            change={
                "times": reminding.c.times + 1,
                "snoozed_until": case((until > now, until), else_=None),
            },
        )

    async def owed(self, team: TeamId, channel: ChannelId) -> tuple[Owed, ...]:
        """A channel's running experiments with items that need somebody, oldest first."""
        x, card, item = experiments, constraint_cards, evidence_items
        found = await self._connection.execute(
            select(
                x.c.id, x.c.number, x.c.latest, x.c.owner, x.c.started_at, card.c.card,
                item.c.item, item.c.label, item.c.assignee, item.c.state,
                reminding.c.times, reminding.c.snoozed_until, reminding.c.muted,
            )
            .select_from(
                x.join(item, item.c.experiment == x.c.id)
                .join(card, and_(card.c.experiment == x.c.id, card.c.revision == x.c.latest))
                .outerjoin(reminding, reminding.c.experiment == x.c.id)
            )
            .where(
                x.c.team == team,
                x.c.channel == channel,
                x.c.state == State.RUNNING.value,
                item.c.required.is_(True),
                item.c.state.in_([state.value for state in _UNSETTLED]),
            )
            .order_by(x.c.id, item.c.position)
        )  # fmt: skip
        return tuple(_owed(list(rows)) for _, rows in groupby(found, key=lambda row: row.id))

    async def unarmed(self, limit: int) -> tuple[tuple[TeamId, ChannelId], ...]:
        """A loose walk: from channel to channel with something that runs, a few index reads each.

        Channels that wait for a reminder are passed over before anything else is looked at.
        """
        rows = await self._connection.execute(_UNARMED, {"most": limit})
        return tuple((TeamId(row.team), ChannelId(row.channel)) for row in rows)

    async def standing(self, team: TeamId, channel: ChannelId) -> Standing | None:
        """The reminder that stands in a channel.

        From here to the commit nobody else changes the channel's reminders, also where none
        stands: SQLite has one writer, and Postgres holds a lock by the channel's name.
        """
        if self._connection.dialect.name == "postgresql":
            key = func.hashtextextended(f"reminders:{team}:{channel}", 0)
            await self._connection.execute(select(func.pg_advisory_xact_lock(key)))
        found = await self._connection.execute(
            select(reminders).where(reminders.c.team == team, reminders.c.channel == channel)
        )
        row = found.first()
        return Standing(row.subject, row.version) if row else None

    async def stand(self, team: TeamId, channel: ChannelId, now: Standing | None) -> None:
        """This one stands from now on; None: none does."""
        if now is None:
            await self._connection.execute(
                delete(reminders).where(reminders.c.team == team, reminders.c.channel == channel)
            )
            return
        values = {
            "team": team,
            "channel": channel,
            "subject": now.subject,
            "version": now.version,
        }
        await upsert(self._connection, reminders, values, reminders.c.team, reminders.c.channel)


def _owed(rows: Sequence[Any]) -> Owed:
    """An experiment from its rows, one per item."""
    x = rows[0]
    return Owed(
        experiment=ExperimentId(x.id),
        number=x.number,
        revision=x.latest,
        owner=UserId(x.owner),
        task=ConstraintCard.model_validate_json(x.card).task,
        started_at=x.started_at,
        items=tuple(
            OwedItem(
                r.item,
                r.label,
                UserId(r.assignee) if r.assignee else None,
                claimed=r.state == EvidenceState.CLAIMED.value,
            )
            for r in rows
        ),
        known=Reminding(x.times or 0, x.snoozed_until, bool(x.muted)),
    )
