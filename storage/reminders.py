"""What reminders remember: how often, until when quiet, and which one stands in a channel."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.evidence import EvidenceState
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import State
from bot.domain.reminders import Owed, OwedItem, Reminding, Standing
from engine.contract import ConstraintCard
from storage.insert import upsert
from storage.tables import constraint_cards, evidence_items, experiments, reminders, reminding

_UNSETTLED = (EvidenceState.MISSING, EvidenceState.CLAIMED, EvidenceState.REJECTED)


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
        await self.put_all({experiment: known})

    async def put_all(self, known: Mapping[ExperimentId, Reminding]) -> None:
        """The same for several, in one statement."""
        rows = [
            {
                "experiment": experiment,
                "times": found.times,
                "snoozed_until": found.snoozed_until,
                "muted": found.muted,
            }
            for experiment, found in known.items()
        ]
        if rows:
            await upsert(self._connection, reminding, rows, reminding.c.experiment)

    async def owed(self, team: TeamId, channel: ChannelId) -> tuple[Owed, ...]:
        """A channel's running experiments with items that need somebody, oldest first."""
        x, card, item = experiments, constraint_cards, evidence_items
        found = await self._connection.execute(
            select(
                x.c.id, x.c.number, x.c.latest, x.c.owner, x.c.started_at, card.c.card,
                item.c.label, item.c.assignee,
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

    async def standing(self, team: TeamId, channel: ChannelId) -> Standing | None:
        """The reminder that stands in a channel; held until commit, so that edits come in turn."""
        found = await self._connection.execute(
            select(reminders)
            .where(reminders.c.team == team, reminders.c.channel == channel)
            .with_for_update()
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
        items=tuple(OwedItem(r.label, UserId(r.assignee) if r.assignee else None) for r in rows),
        known=Reminding(x.times or 0, x.snoozed_until, bool(x.muted)),
    )
