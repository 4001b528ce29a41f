"""A workspace's digest is added up in pieces, of which nobody sees anything."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.digest_when import MONDAY
from bot.domain.workspace import Actor
from bot.services.digest import reading_runs
from bot.services.digest.asking import ReadDigests
from bot.services.people import KnowPerson, Rights
from tests.harness.stores import fresh_store
from tests.services.watched import GRACE, Watch
from tests.storage.given import TEAM

HOUR = timedelta(hours=1)


async def test_a_workspaces_digest_is_the_same_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        watch = await Watch(store).opened()
        know = KnowPerson(store=store, directory=watch.book, clock=watch.clock)
        read = ReadDigests(
            store=store, clock=watch.clock, rights=Rights(store=store, know=know), at=MONDAY
        )
        async with store() as uow:
            await uow.digests.begin(TEAM, None, watch.clock.at)
            await uow.commit()
        await watch.burns("old", usd="1.00", started_at=watch.clock.at - 48 * HOUR)
        for n in range(1, 5):
            await watch.burns(f"ow-{n}-ada", usd="2.00")
            watch.clock.at += HOUR
        admin = Actor(TEAM, GRACE, TEAM)
        whole = await read.preview(admin, None)
        monkeypatch.setattr(reading_runs, "PIECE", 1)
        pieces = await read.preview(admin, None)
    assert whole.total.known == 20 + 13, "the old one has cost 1 USD an hour since Monday, 0:00"
    assert len(whole.unattended) == whole.people[0].runs == 5
    assert whole.month.spent.known == 20 + 52
    assert whole.month.per_day == 20 + 4, "of what ran before owroute counted nothing is in a mean"
    assert pieces == whole
