"""Hold and the default stop from Slack: who may, what cards say, and what becomes of stops."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.domain.gpu import RunState
from bot.domain.ids import UserId
from bot.services.gpu.holding import look_again
from tests.e2e.cards import SERVICE
from tests.harness.gpus import TEN, listed, run_of, stop, team
from tests.harness.stories import PEOPLE, Story, a_story


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod, and has met everybody."""
    async with a_story(tmp_path, watches=True) as story:
        for name in PEOPLE:
            await story.runtime.cases.know(team(story), UserId(PEOPLE[name]))
        yield story


async def test_a_stop_waits_for_the_end_of_hold_and_then_happens(story: Story) -> None:
    ada, grace = story.person("ada"), story.person("grace")
    await ada.plan(SERVICE)
    pod = story.fleet.runpod.start("ow-1-ada", usd="0.69", ago=timedelta(hours=6))
    await listed(story)
    card = ada.last("dm")
    await grace.command("/owroute hold on")
    assert "owroute is on hold" in grace.whispers()[-1].text
    assert "Put on hold by <@" in grace.last("dm").text
    await story.advance(seconds=20, step=TEN)
    assert "owroute is on hold: it stops nothing" in card.now().text
    await card.now().click("Stop now", confirmed=True)
    await story.advance(minutes=3, step=TEN)
    assert "until an admin ends the hold" in card.now().text
    assert story.fleet.runpod.count("stop", pod.id) == 0
    assert (await run_of(story, pod.id)).state is RunState.STOPPING
    await grace.last("dm").click("End hold")
    assert "The hold has ended" in grace.last("dm").text
    await story.advance(minutes=2, step=TEN)
    assert story.fleet.runpod.count("stop", pod.id) == 1
    assert (await run_of(story, pod.id)).state is RunState.STOPPED
    assert "Stopped at" in card.now().text


async def test_only_admins_hold_and_others_are_told_so(story: Story) -> None:
    ada, grace = story.person("ada"), story.person("grace")
    for word in ("hold on", "hold", "hold off"):
        await ada.command(f"/owroute {word}")
        assert "Only an admin of this workspace can do that" in ada.whispers()[-1].text
    await grace.command("/owroute hold")
    said = grace.whispers()[-1]
    assert "owroute is not on hold" in said.text
    await said.click("Hold", confirmed=True)
    assert "owroute is on hold" in said.now().text
    await grace.command("/owroute hold perhaps")
    assert "`perhaps` is neither on nor off" in grace.whispers()[-1].text
    async with story.runtime.store(read_only=True) as uow:
        assert (await uow.watch.settings(team(story))).hold


async def test_a_default_stop_is_proposed_and_keep_ends_it(story: Story) -> None:
    ada = story.person("ada")
    now = story.runtime.clock.now()
    async with story.runtime.store() as uow:
        settings = await uow.watch.settings(team(story))
        await uow.watch.put(replace(settings, default_stop=time(20)))
        await look_again(uow, team(story), now)
        await uow.commit()
    await ada.plan(SERVICE)
    pods = [
        story.fleet.runpod.start(f"ow-1-{name}", usd="0.69", ago=timedelta(hours=1))
        for name in ("kept", "stopped")
    ]
    await listed(story)
    await story.advance(minutes=11, step=timedelta(minutes=1))
    proposed = [m for m in ada.cards("dm") if "unless somebody keeps it" in m.text]
    assert len(proposed) == 2
    [kept] = [m for m in proposed if "ow-1-kept" in m.text]
    assert "Stops at 20:00" in kept.text
    await kept.click("Keep")
    await story.advance(hours=11, minutes=10, step=timedelta(minutes=10))
    states = [(await run_of(story, pod.id)).state for pod in pods]
    assert states == [RunState.RUNNING, RunState.STOPPED]
    await stop(story, await run_of(story, pods[0].id))
    await story.advance(minutes=2, step=TEN)
