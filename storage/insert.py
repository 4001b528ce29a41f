"""Insert once, insert or replace: the same words on both stores.

A statement is built once for its table and columns: to build it costs more than to run it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert(dialect: str, table: Table) -> Any:
    """An insert that knows what to do about a conflict; its values come with each call."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


async def insert_once(
    connection: AsyncConnection, table: Table, values: Mapping[str, Any], *key: Column[Any]
) -> Any | None:
    """Insert unless `key` exists; the first primary key column, or None when it was there.

    Decided by RETURNING: after a commit whose answer was lost, the same call inserts nothing.
    """
    statement = _once(connection.dialect.name, table, key)
    return (await connection.execute(statement, dict(values))).scalar()


async def insert_new(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], key: Column[Any]
) -> set[Any]:
    """Insert several rows, each unless its `key` exists; the keys of those that were not there."""
    if not rows:
        return set()
    statement = _new(connection.dialect.name, table, key)
    made = await connection.execute(statement, [dict(row) for row in rows])
    return set(made.scalars())


async def upsert(
    connection: AsyncConnection,
    table: Table,
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *key: Column[Any],
) -> None:
    """Insert one row or several, or replace every column given that is not part of `key`."""
    rows = [values] if isinstance(values, Mapping) else values
    statement = _replacing(connection.dialect.name, table, tuple(rows[0]), key)
    await connection.execute(statement, [dict(row) for row in rows])


@cache
def _once(dialect: str, table: Table, key: tuple[Column[Any], ...]) -> Executable:
    first = next(iter(table.primary_key.columns))
    kept = insert(dialect, table).on_conflict_do_nothing(index_elements=list(key))
    statement: Executable = kept.returning(first)
    return statement


@cache
def _new(dialect: str, table: Table, key: Column[Any]) -> Executable:
    statement: Executable = (
        insert(dialect, table).on_conflict_do_nothing(index_elements=[key]).returning(key)
    )
    return statement


@cache
def _replacing(
    dialect: str, table: Table, names: tuple[str, ...], key: tuple[Column[Any], ...]
) -> Executable:
    made, same = insert(dialect, table), {column.name for column in key}
    change = {name: made.excluded[name] for name in names if name not in same}
    statement: Executable = made.on_conflict_do_update(index_elements=list(key), set_=change)
    return statement
