"""Accepted stops of GPU runs."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ending import EndOp
from storage.gpu_tables import gpu_ends
from storage.insert import insert_once

OP = TypeAdapter(EndOp)


class SqlEndOps:
    """`bot.ports.EndOps`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, op: EndOp) -> bool:
        """Insert unless the key exists."""
        return await insert_once(self._connection, gpu_ends, _op(op), gpu_ends.c.key) is not None

    async def by_key(self, key: str) -> EndOp | None:
        """One intent."""
        found = await self._connection.execute(select(gpu_ends.c.op).where(gpu_ends.c.key == key))
        row = found.first()
        return OP.validate_json(row.op) if row else None

    async def by_keys(self, keys: Collection[str]) -> list[EndOp]:
        """Several intents."""
        if not keys:
            return []
        found = await self._connection.execute(
            select(gpu_ends.c.op).where(gpu_ends.c.key.in_(keys))
        )
        return [OP.validate_json(op) for op in found.scalars()]

    async def save(self, op: EndOp) -> EndOp | None:
        """Compare-and-set on the version."""
        after = replace(op, version=op.version + 1)
        written = (
            update(gpu_ends)
            .where(gpu_ends.c.key == op.key, gpu_ends.c.version == op.version)
            .values(_op(after))
            .returning(gpu_ends.c.key)
        )
        return after if (await self._connection.execute(written)).first() else None


def _op(op: EndOp) -> dict[str, Any]:
    return {
        "key": op.key,
        "team": op.team,
        "gpu": op.gpu,
        "generation": op.generation,
        "version": op.version,
        "op": OP.dump_json(op).decode(),
    }
