"""The Stop protocol against a provider that is slow, lies, refuses, or is out of reach."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.domain.fleet import Ending
from bot.domain.gpu import RunState
from bot.errors import AlreadyStopping, NotRunning, OldGeneration
from sandbox.fleet.runpod import Pod
from sandbox.fleet.service import FleetFault, FleetFaultKind
from tests.e2e.cards import SERVICE
from tests.harness.gpus import TEN, cost, listed, run_of, runs, stop
from tests.harness.stories import Story, a_story

SIX = timedelta(hours=6)


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


async def burning(story: Story, **more: Any) -> Pod:
    pod = story.fleet.runpod.start("ow-1-ada", usd="0.69", ago=SIX, **more)
    await listed(story)
    return pod


async def test_a_stop_is_asked_for_once_and_proven_by_a_reading(story: Story) -> None:
    pod = await burning(story)
    (run,) = await runs(story)
    assert await cost(story, run) == Decimal("4.14")
    await stop(story, run)
    assert (await run_of(story, pod.id)).state is RunState.STOPPING
    await story.advance(seconds=60, step=TEN)
    run = await run_of(story, pod.id)
    assert run.state is RunState.STOPPED
    assert run.proven
    assert story.fleet.runpod.count("stop", pod.id) == 1
    before = await cost(story, run)
    await story.advance(hours=5)
    assert await cost(story, run) == before


async def test_a_provider_that_says_yes_and_does_nothing_is_found_out(story: Story) -> None:
    pod = await burning(story, lies=True)
    await stop(story, await run_of(story, pod.id))
    await story.advance(minutes=4, step=TEN)
    assert (await run_of(story, pod.id)).stopping is not None
    assert story.fleet.runpod.count("stop", pod.id) == 1
    await story.advance(minutes=2, step=TEN)
    run = await run_of(story, pod.id)
    assert run.state is RunState.STOPPING
    assert run.stopping is not None
    assert run.stopping.failed_at is not None
    assert story.fleet.runpod.count("stop", pod.id) == 2, "asked again, as a reading says it runs"
    pod.lies = False
    await story.advance(minutes=6, step=timedelta(minutes=1))
    assert (await run_of(story, pod.id)).state is RunState.STOPPED


@pytest.mark.parametrize(
    "kind", [FleetFaultKind.CUT_AFTER_ACCEPT, FleetFaultKind.SERVER_ERROR, FleetFaultKind.REFUSE]
)
async def test_after_a_lost_answer_it_is_read_before_it_is_asked_again(
    story: Story, kind: FleetFaultKind
) -> None:
    pod = await burning(story)
    story.fleet.runpod.faults.add(FleetFault(kind, call="stop", times=1))
    await stop(story, await run_of(story, pod.id))
    await story.advance(minutes=7, step=timedelta(seconds=30))
    assert (await run_of(story, pod.id)).state is RunState.STOPPED
    accepted = kind is FleetFaultKind.CUT_AFTER_ACCEPT
    assert story.fleet.runpod.count("stop", pod.id) == (1 if accepted else 2)


async def test_what_somebody_stopped_at_the_console_needs_no_call(story: Story) -> None:
    pod = await burning(story)
    pod.stop(story.runtime.clock.now() - timedelta(minutes=1))
    await stop(story, await run_of(story, pod.id))
    assert (await run_of(story, pod.id)).state is RunState.STOPPED
    assert story.fleet.runpod.count("stop", pod.id) == 0


async def test_a_key_that_may_only_look_says_so_and_the_run_goes_on(story: Story) -> None:
    pod = await burning(story)
    story.fleet.runpod.may_write = False
    await stop(story, await run_of(story, pod.id))
    run = await run_of(story, pod.id)
    assert run.state is RunState.RUNNING
    assert not run.may_stop
    story.fleet.runpod.may_write = True
    await stop(story, run, click=2)
    await story.advance(seconds=60, step=TEN)
    assert (await run_of(story, pod.id)).state is RunState.STOPPED


async def test_a_restarted_machine_is_not_stopped_by_an_old_card(story: Story) -> None:
    pod = await burning(story)
    old = await run_of(story, pod.id)
    pod.stop(story.runtime.clock.now())
    await story.advance(minutes=3)
    await listed(story)
    assert (await run_of(story, pod.id)).state is RunState.STOPPED
    pod.start(story.runtime.clock.now())
    await story.advance(minutes=3)
    await listed(story)
    run = await run_of(story, pod.id)
    assert run.is_live
    assert run.generation == old.generation + 1
    with pytest.raises(OldGeneration):
        await stop(story, old)
    assert story.fleet.runpod.count("stop", pod.id) == 0


async def test_the_second_to_press_learns_who_was_first(story: Story) -> None:
    await story.person("ada").plan(SERVICE)
    pod = await burning(story)
    run = await run_of(story, pod.id)
    await stop(story, run, "ada")
    with pytest.raises(AlreadyStopping):
        await stop(story, run, "grace")
    again = await stop(story, run, "ada")
    assert again.state is RunState.STOPPING, "the same click once more changes nothing"
    await story.advance(seconds=60, step=TEN)
    with pytest.raises(NotRunning):
        await stop(story, await run_of(story, pod.id), click=3)
    assert story.fleet.runpod.count("stop", pod.id) == 1


async def test_terminating_a_stopped_machine_is_another_act(story: Story) -> None:
    pod = await burning(story)
    await stop(story, await run_of(story, pod.id))
    await story.advance(seconds=60, step=TEN)
    await stop(story, await run_of(story, pod.id), ending=Ending.TERMINATE)
    await story.advance(seconds=60, step=TEN)
    assert (await run_of(story, pod.id)).state is RunState.ENDED
    assert story.fleet.runpod.count("terminate", pod.id) == 1


async def test_after_a_restart_of_the_bot_a_stop_goes_on_with_a_read(story: Story) -> None:
    pod = await burning(story)
    await stop(story, await run_of(story, pod.id))
    await story.restart()
    await story.advance(seconds=60, step=TEN)
    assert (await run_of(story, pod.id)).state is RunState.STOPPED
    assert story.fleet.runpod.count("stop", pod.id) == 1
