"""What claiming has in common: a lease says who holds a row, and until when."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, FromClause, and_, or_

SKEW = timedelta(seconds=60)
"""How far two replicas' clocks may be apart before one takes the other's lease for stale."""


def new_token() -> str:
    """A lease token, new for each claim."""
    return secrets.token_hex(16)


def lapsed(table: FromClause, now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Nobody holds the row: never leased, run out, or further ahead than a lease can be.

    The last happens when a clock was set back; such a lease is stale.
    """
    until = table.c.lease_until
    return or_(until.is_(None), until <= now, until > now + lease + SKEW)


def held(table: FromClause, now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Somebody holds the row: the opposite of `lapsed`, which is not NULL where nobody does."""
    until = table.c.lease_until
    return and_(until > now, until <= now + lease + SKEW)
