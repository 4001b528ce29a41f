"""Capture tokens, by the hash of what the machine sends."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ids import ExperimentId, TeamId, UserId
from bot.domain.tokens import Token, TokenKind
from storage.tables import capture_tokens as tokens


class SqlTokens:
    """`bot.ports.Tokens`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, token: Token) -> None:
        """Keep a new one."""
        values = {name: getattr(token, name) for name in tokens.c.keys() if name != "id"}  # noqa: SIM118  # a ColumnCollection, not a dict
        await self._connection.execute(
            insert(tokens).values(**{**values, "kind": token.kind.value})
        )

    async def by_hash(self, sha256: str) -> Token | None:
        """The token of a hash."""
        row = (
            await self._connection.execute(select(tokens).where(tokens.c.sha256 == sha256))
        ).first()
        return _token(row) if row else None

    async def use(self, sha256: str, most: int) -> bool:
        """Count one use; False when it was used `most` times already."""
        used = (
            update(tokens)
            .where(tokens.c.sha256 == sha256, tokens.c.uses < most)
            .values(uses=tokens.c.uses + 1)
            .returning(tokens.c.id)
        )
        return (await self._connection.execute(used)).first() is not None

    async def revoke(self, experiment: ExperimentId, at: datetime) -> int:
        """End all tokens of an experiment; returns how many were alive."""
        ended = (
            update(tokens)
            .where(
                tokens.c.experiment == experiment,
                tokens.c.revoked_at.is_(None),
                tokens.c.expires_at > at,
            )
            .values(revoked_at=at)
            .returning(tokens.c.id)
        )
        return len((await self._connection.execute(ended)).all())


def _token(row: Any) -> Token:
    return Token(
        sha256=row.sha256,
        team=TeamId(row.team),
        experiment=ExperimentId(row.experiment),
        kind=TokenKind(row.kind),
        by=UserId(row.by),
        made_at=row.made_at,
        expires_at=row.expires_at,
        uses=row.uses,
        revoked_at=row.revoked_at,
    )
