"""Insert once, insert or replace: the same words on both stores."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def _insert(connection: AsyncConnection, table: Table) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


async def insert_once(
    connection: AsyncConnection, table: Table, values: Mapping[str, Any], *key: Column[Any]
) -> Any | None:
    """Insert unless `key` exists; the first primary key column, or None when it was there.

    Decided by RETURNING: after a commit whose answer was lost, the same call inserts nothing.
    """
    first = next(iter(table.primary_key.columns))
    statement = (
        _insert(connection, table)
        .values(**values)
        .on_conflict_do_nothing(index_elements=list(key))
        .returning(first)
    )
    return (await connection.execute(statement)).scalar()


async def upsert(
    connection: AsyncConnection,
    table: Table,
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *key: Column[Any],
) -> None:
    """Insert one row or several, or replace every column given that is not part of `key`."""
    rows = [values] if isinstance(values, Mapping) else values
    names = {column.name for column in key}
    excluded = _insert(connection, table).excluded
    change = {name: excluded[name] for name in rows[0] if name not in names}
    await insert_or(connection, table, rows, *key, change=change)


async def insert_or(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *key: Column[Any],
    change: Mapping[str, Any],
) -> None:
    """Insert rows; of those that exist, change only this, e.g. a count to one more than it was."""
    statement = _insert(connection, table).values(rows)
    await connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=change))
