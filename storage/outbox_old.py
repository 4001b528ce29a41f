"""Messages that are over: a bounded number is forgotten at once."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import outbox

FORGOTTEN = 1000
"""So many at once: the writer is not held for long."""


async def forget_settled(
    connection: AsyncConnection, before: datetime, which: ColumnElement[bool]
) -> int:
    """Delete the oldest rows that were settled before; returns how many."""
    old = select(outbox.c.id).where(outbox.c.settled_at < before, which)
    some = old.order_by(outbox.c.settled_at).limit(FORGOTTEN)
    gone = delete(outbox).where(outbox.c.id.in_(some)).returning(outbox.c.id)
    return len((await connection.execute(gone)).all())
