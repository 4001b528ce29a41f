"""One suite, two stores: every test that takes `store` runs on SQLite and on Postgres."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import SqlStore
from tests.harness.stores import KINDS, database_url, fresh_store


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def store(kind: str, tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with fresh_store(kind, tmp_path) as found:
        yield found


@pytest.fixture
async def empty_url(kind: str, tmp_path: Path) -> AsyncIterator[str]:
    """A database without a single table."""
    async with database_url(kind, tmp_path, migrated=False) as url:
        yield url
