"""Who did what. Rows are only ever added, and forgotten when they are old."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit import Entry
from bot.domain.ids import TeamId, UserId
from bot.domain.workspace import Actor
from storage.tables import audit

FORGOTTEN = 1000
"""So many at once: the writer is not held for long."""


class SqlAudit:
    """`bot.ports.Audit`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        actor: Actor | None,
        team: TeamId,
        action: str,
        subject: str,
        at: datetime,
        *,
        before: str = "",
        after: str = "",
    ) -> None:
        """One line, in the transaction of its effect."""
        await self._connection.execute(
            insert(audit).values(
                team=team,
                at=at,
                actor=actor.user if actor else None,
                action=action,
                subject=subject,
                before=before,
                after=after,
            )
        )

    async def page(self, team: TeamId, limit: int, below: int | None = None) -> Sequence[Entry]:
        """By the index on the workspace, from the newest."""
        asked = select(audit).where(audit.c.team == team)
        if below is not None:
            asked = asked.where(audit.c.id < below)
        rows = await self._connection.execute(asked.order_by(audit.c.id.desc()).limit(limit))
        return [
            Entry(
                id=row.id,
                at=row.at,
                actor=UserId(row.actor) if row.actor else None,
                action=row.action,
                subject=row.subject,
                before=row.before,
                after=row.after,
            )
            for row in rows
        ]

    async def forget(self, team: TeamId, before: datetime) -> int:
        """The oldest first: lines are numbered as time goes."""
        oldest = select(audit.c.id, audit.c.at).where(audit.c.team == team)
        some = oldest.order_by(audit.c.id).limit(FORGOTTEN).subquery("chosen")
        old = select(some.c.id).where(some.c.at < before)
        gone = delete(audit).where(audit.c.id.in_(old)).returning(audit.c.id)
        return len((await self._connection.execute(gone)).all())
