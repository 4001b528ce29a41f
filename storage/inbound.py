"""What Slack has delivered before."""

from datetime import datetime

from sqlalchemy import bindparam, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.insert import insert_once
from storage.tables import inbound_dedupe

_OLD = (
    delete(inbound_dedupe)
    .where(inbound_dedupe.c.seen_at < bindparam("before"))
    .returning(inbound_dedupe.c.key)
)


class SqlInbound:
    """`bot.ports.Inbound`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def first_time(self, key: str, now: datetime) -> bool:
        """Note it; False when it was seen. Rolled back with the transaction it belongs to."""
        values = {"key": key, "seen_at": now}
        column = inbound_dedupe.c.key
        return await insert_once(self._connection, inbound_dedupe, values, column) is not None

    async def forget_before(self, before: datetime) -> int:
        """Delete old notes."""
        gone = await self._connection.execute(_OLD, {"before": before})
        return len(gone.all())
