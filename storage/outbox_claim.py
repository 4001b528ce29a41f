"""One statement that leases the head of each channel of the outbox that is free."""

from functools import cache

from sqlalchemy import Executable, and_, bindparam, exists, func, or_, select, update

from storage.leases import MOST, NOW, TOKEN, UNTIL, held, lapsed
from storage.tables import outbox, workspaces

OPEN = outbox.c.settled_at.is_(None)
FREED = {"lease_token": None, "lease_until": None}


LATE = select(func.count()).where(OPEN, outbox.c.created_at <= NOW)


@cache
def taking(*, beside: bool) -> Executable:
    """Lease the head of each channel that is free; `beside` some rows that are in flight."""
    other = outbox.alias("other")
    waits = exists().where(
        other.c.team == outbox.c.team,
        other.c.channel == outbox.c.channel,
        other.c.settled_at.is_(None),
        or_(
            other.c.id < outbox.c.id,
            and_(other.c.id > outbox.c.id, held(other)),
        ),
    )
    gone = exists().where(workspaces.c.team == outbox.c.team, workspaces.c.removed_at.is_not(None))
    heads = (
        select(outbox.c.id)
        .where(
            OPEN,
            outbox.c.not_before <= NOW,
            lapsed(outbox),
            *([outbox.c.id.not_in(bindparam("claim_busy", expanding=True))] if beside else []),
            ~waits,
            ~gone,
        )
        .order_by(outbox.c.not_before, outbox.c.id)
        .limit(MOST)
    )
    chosen = heads.with_for_update(skip_locked=True, of=outbox).cte("chosen")
    chosen = chosen.prefix_with("MATERIALIZED")
    return (
        update(outbox)
        .where(outbox.c.id == chosen.c.id)
        .values(
            state="sending",
            lease_token=TOKEN,
            lease_until=UNTIL,
            attempts=outbox.c.attempts + 1,
            first_try_at=func.coalesce(outbox.c.first_try_at, NOW),
        )
        .returning(outbox)
    )
