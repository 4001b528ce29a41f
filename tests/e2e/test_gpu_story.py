"""GPU runs from end to end: found at a provider, and ended so that a listing proves it."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.costs import spent
from bot.domain.fleet import Ending
from bot.domain.gpu import GpuRun, RunState
from bot.domain.ids import TeamId, UserId
from bot.domain.workspace import Actor
from bot.services.gpu.polling import poll_row
from tests.harness.stories import PEOPLE, Story, a_story


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


async def listed(story: Story) -> None:
    """The provider is asked now."""
    team = TeamId(story.workspace.team.id)
    async with story.runtime.store() as uow:
        for fleet in story.runtime.fleets:
            await uow.due.arm(poll_row(team, fleet, story.runtime.clock.now()))
        await uow.commit()
    await story.tick()


async def runs(story: Story) -> Sequence[GpuRun]:
    async with story.runtime.store(read_only=True) as uow:
        return await uow.gpus.watched(TeamId(story.workspace.team.id))


async def cost(story: Story, run: GpuRun) -> Decimal:
    async with story.runtime.store(read_only=True) as uow:
        found = await uow.accruals.of([run.id])
    return spent(found, story.runtime.clock.now()).known


async def test_a_stop_is_proven_by_the_provider(story: Story) -> None:
    pod = story.fleet.runpod.start("forgotten", usd="0.69", ago=timedelta(hours=6))
    await story.tick()
    await listed(story)
    (run,) = await runs(story)
    assert run.state is RunState.RUNNING
    assert round(await cost(story, run), 2) == Decimal("4.14")
    team = TeamId(story.workspace.team.id)
    grace = Actor(team, UserId(PEOPLE["grace"]), team)
    await story.runtime.cases.end_gpu(grace, run.id, run.generation, Ending.STOP, "d1")
    story.runtime.cases.soon.work()
    await story.settle()
    (run,) = await runs(story)
    assert run.state is RunState.STOPPING
    assert story.fleet.runpod.count("action", pod.id) == 1
    await story.advance(seconds=60, step=timedelta(seconds=10))
    assert await runs(story) == []
    assert story.fleet.runpod.count("action", pod.id) == 1
