"""Who did what. Rows are only ever added."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ids import TeamId
from bot.domain.workspace import Actor
from storage.tables import audit


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
