"""Which experiments there are, for whoever reads records without Slack: no workspace is known."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ids import ChannelId, ExperimentId, TeamId
from storage.tables import experiments

Key = tuple[TeamId, ExperimentId]


class SqlRecords:
    """Keys of experiments, to be read one by one."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def numbered(self, number: int) -> Sequence[Key]:
        """OW-n of every workspace in this database."""
        return await self._keys(experiments.c.number == number)

    async def of_channel(self, channel: ChannelId) -> Sequence[Key]:
        """All experiments of a channel, in any state, oldest first."""
        return await self._keys(experiments.c.channel == channel)

    async def _keys(self, where: ColumnElement[bool]) -> Sequence[Key]:
        rows = await self._connection.execute(
            select(experiments.c.team, experiments.c.id).where(where).order_by(experiments.c.id)
        )
        return [(TeamId(row.team), ExperimentId(row.id)) for row in rows]
