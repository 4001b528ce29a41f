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
    statement = _insert(connection, table).values(rows)
    names = {column.name for column in key}
    changes = {name: statement.excluded[name] for name in rows[0] if name not in names}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=changes)
    )
