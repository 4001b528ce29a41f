"""Stores for services: SQLite for most, both where a claim or a lock matters."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import SqlStore
from tests.harness.stores import KINDS, fresh_store
from tests.services.watched import Watch


@pytest.fixture(params=KINDS)
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    """One of either kind."""
    async with fresh_store(str(request.param), tmp_path) as found:
        yield found


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    """A watch over an empty workspace, on SQLite."""
    async with fresh_store("sqlite", tmp_path) as found:
        yield await Watch(found).opened()
