"""kill -9 at random moments between submit and post, thirty times: one card each time."""

import asyncio
import random
from pathlib import Path

import pytest

from owroute.demo import world
from owroute.demo.stage import stage, until_ready
from sandbox.person import Person
from tests.e2e.cards import LAPTOP
from tests.e2e.test_crashes import HISTORY, nothing, until, until_nothing_moves
from tests.harness.stores import database_url

ROUNDS = 30
LONGEST = 0.6
"""Seconds: on a quiet machine the card is posted well within them."""


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_thirty_kills_leave_one_card_each(kind: str, tmp_path: Path) -> None:
    chance = random.Random(7041)  # noqa: S311  # moments, not secrets
    async with (
        database_url(kind, tmp_path) as url,
        stage(database_url=url, optional=HISTORY) as up,
    ):
        ada = Person(up.workspace, world.ADA.id, nothing)
        for cards in range(1, ROUNDS + 1):
            await ada.command("/owroute plan", "ml-lab")
            await ada.modal.fill(LAPTOP)
            submitting = asyncio.create_task(ada.modal.submit())
            await asyncio.sleep(chance.uniform(0, LONGEST))
            await up.bot.kill()
            await submitting
            await up.bot.start()
            await until_ready(up)
            if ada.stack:
                await ada.modal.submit()
            await until(lambda: not ada.stack)
            await until_nothing_moves(up, ada)
            assert len(ada.cards("ml-lab")) == cards
            assert f"OW-{cards}" in ada.last("ml-lab").text
