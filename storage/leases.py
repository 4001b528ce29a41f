"""What claiming has in common on both stores."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, or_
from sqlalchemy.ext.asyncio import AsyncConnection


def new_token() -> str:
    """A lease token, new for each claim."""
    return secrets.token_hex(16)


def lapsed(table: Table, now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Nobody holds the row: never leased, run out, or further ahead than a lease can be.

    The last happens when a clock was set back; such a lease is stale.
    """
    until = table.c.lease_until
    return or_(until.is_(None), until <= now, until > now + lease)


def locks(connection: AsyncConnection) -> bool:
    """Whether rows can be locked one by one; SQLite's writers come one after the other anyway."""
    return connection.dialect.name == "postgresql"
