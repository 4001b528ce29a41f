"""Fixtures that several suites share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.stories import Story, a_story


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A fresh workspace and bot on SQLite, with the manifest as shipped."""
    async with a_story(tmp_path) as found:
        yield found
