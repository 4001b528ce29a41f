"""What claiming has in common: a lease says who holds a row, and until when.

A claim is asked every few seconds for good, mostly of nothing. Its statement is built once, with
places for the moments: to build it anew costs more than to run it.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Text, and_, bindparam, or_

from storage.types import UtcDateTime

SKEW = timedelta(seconds=60)
"""How far two replicas' clocks may be apart before one takes the other's lease for stale."""


NOW = bindparam("claim_now", type_=UtcDateTime)
UNTIL = bindparam("claim_until", type_=UtcDateTime)
FAR = bindparam("claim_far", type_=UtcDateTime)
TOKEN = bindparam("claim_token", type_=Text)
MOST = bindparam("claim_most", type_=Integer)


def claiming(now: datetime, limit: int, lease: timedelta) -> dict[str, Any]:
    """The values of one claim, with a lease token of its own."""
    return {
        "claim_now": now,
        "claim_until": now + lease,
        "claim_far": now + lease + SKEW,
        "claim_token": secrets.token_hex(16),
        "claim_most": limit,
    }


def lapsed(table: FromClause) -> ColumnElement[bool]:
    """Nobody holds the row: never leased, run out, or further ahead than a lease can be.

    The last happens when a clock was set back; such a lease is stale.
    """
    until = table.c.lease_until
    return or_(until.is_(None), until <= NOW, until > FAR)


def held(table: FromClause) -> ColumnElement[bool]:
    """Somebody holds the row: the opposite of `lapsed`, which is not NULL where nobody does."""
    until = table.c.lease_until
    return and_(until > NOW, until <= FAR)
