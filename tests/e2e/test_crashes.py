"""kill -9 at every named place: exactly one decision card afterwards, on both stores."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.crash import POINTS
from bot.domain.delivery import LEASE
from owroute.demo import world
from owroute.demo.stage import Stage, stage, until_ready
from sandbox.person import Person
from tests.harness.forks import forked
from tests.harness.stores import database_url

HISTORY = ("channels:history", "groups:history", "im:history")
COURSE = {
    "Task": "course Q&A assistant",
    "Privacy": "Internal",
    "Available route": "Local CPU",
    "Needs a service API": "No",
    "Needs fine-tuning": "No",
    "Budget": "Zero",
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("point", POINTS)
async def test_a_crash_leaves_exactly_one_card(point: str, kind: str, tmp_path: Path) -> None:
    crash = {"OWROUTE_CRASH_AT": point}
    async with (
        database_url(kind, tmp_path) as url,
        stage(database_url=url, optional=HISTORY, bot_env=crash, launch=forked) as up,
    ):
        ada = Person(up.workspace, world.ADA.id, nothing)
        await ada.command("/owroute plan", "ml-lab")
        await ada.modal.fill(COURSE)
        await ada.modal.submit()
        await until(lambda: not up.bot.is_running)
        del up.bot.env["OWROUTE_CRASH_AT"]
        await up.bot.start()
        await until_ready(up)
        if ada.stack:  # it died before the commit: Slack showed an error, so she presses again
            await ada.modal.submit()
        await until_nothing_moves(up, ada)
        assert len(ada.cards("ml-lab")) == 1
        assert "Go" in ada.last("ml-lab").text
        assert len(ada.thread(ada.last("ml-lab"))) == 1


async def until_nothing_moves(up: Stage, ada: Person) -> None:
    """Let the dead process's leases run out on the workspace's clock, and everything be sent."""
    await up.workspace.advance(LEASE + timedelta(seconds=5))
    await until(lambda: bool(ada.cards("ml-lab")) and bool(ada.thread(ada.last("ml-lab"))))
    await up.workspace.advance(LEASE + timedelta(seconds=5))
    await asyncio.sleep(2.5)  # two more ticks: a second card would come now


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(40):
        while not seen():
            await asyncio.sleep(0.05)


async def nothing() -> None:
    """The bot is another process: one looks until it has answered."""
