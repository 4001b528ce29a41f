"""What reminders remember: how often, until when quiet, and which one stands in a channel."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ids import ChannelId, ExperimentId, TeamId
from bot.domain.reminders import Reminding, Standing
from storage.insert import upsert
from storage.tables import reminders, reminding


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

    async def standing(self, team: TeamId, channel: ChannelId) -> Standing | None:
        """The reminder that stands in a channel."""
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
