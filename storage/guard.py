"""Tokens of guards, by the hash of what the machine sends."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ids import GpuId, TeamId, UserId
from bot.domain.tokens import GuardToken
from storage.gpu_tables import guard_tokens as tokens


class SqlGuardTokens:
    """`bot.ports.GuardTokens`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, token: GuardToken) -> None:
        """Keep a new one."""
        values = {name: getattr(token, name) for name in tokens.c.keys()}  # noqa: SIM118  # a ColumnCollection, not a dict
        await self._connection.execute(insert(tokens).values(**values))

    async def by_hash(self, sha256: str) -> GuardToken | None:
        """The token of a hash."""
        found = await self._connection.execute(select(tokens).where(tokens.c.sha256 == sha256))
        row = found.first()
        return _token(row) if row else None

    async def use(self, sha256: str, now: datetime, every: timedelta) -> bool:
        """Note a use; False within `every` of the last. One that is ahead of us hinders nobody."""
        last = tokens.c.used_at
        used = (
            update(tokens)
            .where(tokens.c.sha256 == sha256, or_(last.is_(None), last <= now - every, last > now))
            .values(used_at=now)
            .returning(tokens.c.sha256)
        )
        return (await self._connection.execute(used)).first() is not None

    async def revoke(self, gpu: GpuId, at: datetime) -> int:
        """End all tokens of a run; returns how many were not ended."""
        ended = (
            update(tokens)
            .where(tokens.c.gpu == gpu, tokens.c.revoked_at.is_(None))
            .values(revoked_at=at)
            .returning(tokens.c.sha256)
        )
        return len((await self._connection.execute(ended)).all())

    async def move(self, gpu: GpuId, to: GpuId, generation: int) -> None:
        """Those of one run become another's."""
        moved = update(tokens).where(tokens.c.gpu == gpu, tokens.c.revoked_at.is_(None))
        await self._connection.execute(moved.values(gpu=to, generation=generation))


def _token(row: Any) -> GuardToken:
    return GuardToken(
        sha256=row.sha256,
        team=TeamId(row.team),
        gpu=GpuId(row.gpu),
        generation=row.generation,
        by=UserId(row.by),
        made_at=row.made_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
