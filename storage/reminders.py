"""What reminders remember: how often, until when quiet, and which one stands in a channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Executable, and_, bindparam, case, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.delivery import DueKind
from bot.domain.evidence import EvidenceState
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import State
from bot.domain.reminders import Owed, OwedItem, Owing, Reminding, Standing
from engine.contract import ConstraintCard
from storage.insert import insert, upsert
from storage.tables import constraint_cards, evidence_items, experiments, reminders, reminding
from storage.types import UtcDateTime

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
    SELECT 1 FROM channels c WHERE c.team = p.team AND c.channel = p.channel AND (c.muted OR c.gone)
)
AND EXISTS (
    SELECT 1 FROM experiments x JOIN evidence_items i ON i.experiment = x.id
    WHERE x.state = 'running' AND x.team = p.team AND x.channel = p.channel
    AND i.required AND i.state IN ({", ".join(f"'{state.value}'" for state in _UNSETTLED)})
)
LIMIT :most
"""  # noqa: S608  # no value in it comes from outside
)

_NEEDED = (
    evidence_items.c.required.is_(True),
    evidence_items.c.state.in_([state.value for state in _UNSETTLED]),
)
"""What still needs somebody."""

_LACKS = case((evidence_items.c.state == EvidenceState.CLAIMED.value, 0), else_=1)

_OWING = (
    select(
        experiments.c.id, experiments.c.number, experiments.c.latest, experiments.c.owner,
        experiments.c.started_at, experiments.c.channel,
        reminding.c.times, reminding.c.snoozed_until, reminding.c.muted,
        func.max(_LACKS).label("lacks"),
    )
    .select_from(
        experiments.join(evidence_items, evidence_items.c.experiment == experiments.c.id)
        .outerjoin(reminding, reminding.c.experiment == experiments.c.id)
    )
    .where(
        experiments.c.team == bindparam("owing_team"),
        experiments.c.channel.in_(bindparam("owing_in", expanding=True)),
        experiments.c.state == State.RUNNING.value,
        *_NEEDED,
    )
    .group_by(experiments.c.id, reminding.c.experiment)
    .order_by(experiments.c.id)
)  # fmt: skip

_OWED = (
    select(
        evidence_items.c.experiment, evidence_items.c.item, evidence_items.c.label,
        evidence_items.c.assignee, evidence_items.c.state, constraint_cards.c.card,
    )
    .select_from(
        evidence_items.join(experiments, experiments.c.id == evidence_items.c.experiment)
        .join(
            constraint_cards,
            and_(
                constraint_cards.c.experiment == experiments.c.id,
                constraint_cards.c.revision == experiments.c.latest,
            ),
        )
    )
    .where(evidence_items.c.experiment.in_(bindparam("owed_of", expanding=True)), *_NEEDED)
    .order_by(evidence_items.c.experiment, evidence_items.c.position)
)  # fmt: skip


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
        first = {"times": 1, "snoozed_until": None, "muted": False, "listed_now": now}
        await self._connection.execute(
            _one_more(self._connection.dialect.name),
            [{"experiment": x, **first} for x in experiments],
        )

    async def owing(
        self, team: TeamId, channels: Sequence[ChannelId]
    ) -> dict[ChannelId, tuple[Owing, ...]]:
        """A row for each experiment: there may be a hundred of them, of which few are shown."""
        asked = {"owing_team": team, "owing_in": list(channels)}
        found: dict[ChannelId, list[Owing]] = {channel: [] for channel in channels}
        for row in await self._connection.execute(_OWING, asked):
            found[row.channel].append(_owing(row))
        return {channel: tuple(owing) for channel, owing in found.items()}

    async def owed(self, owing: Sequence[Owing]) -> tuple[Owed, ...]:
        """The same with their items, in the order of the checklist."""
        asked = {"owed_of": [x.experiment for x in owing]}
        found = list(await self._connection.execute(_OWED, asked)) if owing else []
        rows = {one: list(of) for one, of in groupby(found, key=lambda row: row.experiment)}
        return tuple(_owed(x, rows[x.experiment]) for x in owing if x.experiment in rows)

    async def unarmed(self, limit: int) -> tuple[tuple[TeamId, ChannelId], ...]:
        """A loose walk: from channel to channel with something that runs, a few index reads each.

        Channels that wait for a reminder are passed over before anything else is looked at.
        """
        rows = await self._connection.execute(_UNARMED, {"most": limit})
        return tuple((TeamId(row.team), ChannelId(row.channel)) for row in rows)

    async def standing(
        self, team: TeamId, channels: Sequence[ChannelId]
    ) -> dict[ChannelId, Standing]:
        """The reminders that stand in channels.

        From here to the commit nobody else changes the channels' reminders, also where none
        stands: SQLite has one writer, and Postgres holds a lock by each channel's name.
        """
        if self._connection.dialect.name == "postgresql":
            for channel in sorted(channels):  # one order for all: nobody waits in a circle
                key = func.hashtextextended(f"reminders:{team}:{channel}", 0)
                await self._connection.execute(select(func.pg_advisory_xact_lock(key)))
        asked = select(reminders).where(
            reminders.c.team == team, reminders.c.channel.in_(list(channels))
        )
        rows = await self._connection.execute(asked)
        return {ChannelId(row.channel): Standing(row.subject, row.version) for row in rows}

    async def stand(self, team: TeamId, standing: Mapping[ChannelId, Standing]) -> None:
        """These stand from now on."""
        rows = [
            {"team": team, "channel": channel, "subject": now.subject, "version": now.version}
            for channel, now in standing.items()
        ]
        if rows:
            await upsert(self._connection, reminders, rows, reminders.c.team, reminders.c.channel)

    async def fall(self, team: TeamId, channel: ChannelId) -> None:
        """None stands from now on."""
        await self._connection.execute(
            delete(reminders).where(reminders.c.team == team, reminders.c.channel == channel)
        )


@cache
def _one_more(dialect: str) -> Executable:
    """Counts a reminder of an experiment, and ends a snooze that is over."""
    until = reminding.c.snoozed_until
    still = until > bindparam("listed_now", type_=UtcDateTime)
    change = {"times": reminding.c.times + 1, "snoozed_until": case((still, until), else_=None)}
    made: Executable = insert(dialect, reminding).on_conflict_do_update(
        index_elements=[reminding.c.experiment], set_=change
    )
    return made


def _owing(x: Any) -> Owing:
    return Owing(
        experiment=ExperimentId(x.id),
        number=x.number,
        revision=x.latest,
        owner=UserId(x.owner),
        started_at=x.started_at,
        lacks=bool(x.lacks),
        known=Reminding(x.times or 0, x.snoozed_until, bool(x.muted)),
    )


def _owed(x: Owing, rows: Sequence[Any]) -> Owed:
    """An experiment with its rows, one per item."""
    return Owed(
        experiment=x.experiment,
        number=x.number,
        revision=x.revision,
        owner=x.owner,
        task=ConstraintCard.model_validate_json(rows[0].card).task,
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
        known=x.known,
    )
