"""Pings over days that pass in a moment: who is asked, how often, and when."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import SqlStore
from tests.harness.stores import KINDS, fresh_store
from tests.services.watched import GRACE, Watch
from tests.storage.given import ADA, LIN


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with fresh_store(str(request.param), tmp_path) as found:
        yield found


async def test_a_day_with_nobody_in_charge(store: SqlStore) -> None:
    """Ada owns it, Lin leads, Grace is an admin: UTC, Shanghai, New York."""
    watch = await Watch(store).opened()
    await watch.burns()
    await watch.goes_on(hours=24)
    assert watch.asked(ADA) == ["Mon 09:10", "Mon 11:10", "Mon 13:10", "Mon 15:10", "Tue 08:00"]
    shanghai = ["Mon 19:10", "Mon 21:10", "Tue 08:00", "Tue 09:10", "Tue 11:10", "Tue 13:10"]
    assert watch.asked(LIN, "Asia/Shanghai")[: len(shanghai)] == shanghai
    assert watch.asked(GRACE, "America/New_York") == [
        "Mon 10:10", "Mon 12:10", "Mon 14:10", "Mon 16:10",
    ]  # fmt: skip
    assert [len(watch.slack.at(user)) for user in (ADA, LIN, GRACE)] == [1, 1, 1]
