"""Instants and money keep their value through both databases."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select

from storage.database import SqlStore
from storage.types import Money, UtcDateTime

made = Table("made_for_types", MetaData(), Column("at", UtcDateTime), Column("price", Money))
NEW_YORK = timezone(timedelta(hours=-5))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0.79", "0.79"),
        ("0.1", "0.1"),
        ("12345678.123456", "12345678.123456"),
        ("0.0000005", "0.000001"),
        ("0.0000004", "0"),
        ("-3.5", "-3.5"),
    ],
)
async def test_money_is_exact_to_a_micro_dollar(store: SqlStore, given: str, kept: str) -> None:
    async with store.engine.begin() as connection:
        await connection.run_sync(made.create)
        await connection.execute(insert(made).values(price=Decimal(given)))
        found = await connection.scalar(select(made.c.price))
        await connection.run_sync(made.drop)
    assert found == Decimal(kept)
    assert isinstance(found, Decimal)


async def test_an_instant_is_the_same_instant_in_utc(store: SqlStore) -> None:
    night = datetime(2026, 3, 8, 1, 30, 0, 123456, tzinfo=NEW_YORK)
    async with store.engine.begin() as connection:
        await connection.run_sync(made.create)
        await connection.execute(insert(made).values(at=night))
        found = await connection.scalar(select(made.c.at))
        nothing = await connection.scalar(select(made.c.price))
        await connection.run_sync(made.drop)
    assert found == night
    assert found is not None
    assert found.tzinfo is UTC
    assert nothing is None
