"""Stories: the fixtures that they start from."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.captures import PUBLIC
from tests.harness.fixtures import story
from tests.harness.stores import KINDS, database_url
from tests.harness.stories import Story, a_story

__all__ = ["story"]


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot with a public address."""
    async with a_story(tmp_path, more=PUBLIC) as found:
        yield found


@pytest.fixture(params=KINDS)
async def everywhere(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Story]:
    """A bot with a public address, on either store."""
    async with (
        database_url(request.param, tmp_path) as url,
        a_story(tmp_path, database_url=url, more=PUBLIC) as found,
    ):
        yield found
