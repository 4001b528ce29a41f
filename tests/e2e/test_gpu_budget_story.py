"""*Budget...* in the menu of a GPU card, from the press to the machine that is stopped."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.gpu import RunState
from sandbox.seen import Shown
from tests.e2e.cards import SERVICE
from tests.harness.gpu_hands import listed_for
from tests.harness.gpus import TEN, listed, run_of
from tests.harness.stories import Hands, Story, a_story

SIX = timedelta(hours=6)
AMOUNT = "GPU budget in all, in USD"


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


async def opened(hands: Hands) -> Shown:
    """The card of the only run, with the form of its budget before it."""
    await (await listed_for(hands)).click("More...")
    card = hands.whispers()[-1]
    await card.choose("Budget...")
    return card


async def test_a_budget_is_set_shown_and_kept(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(SERVICE)
    pod = story.fleet.runpod.start("ow-1-ada", usd="0.69", ago=SIX)
    await listed(story)
    await opened(ada)
    assert ada.modal.title == "Budget of OW-1"
    assert "Spent so far: 4.14 USD" in ada.modal.text
    await ada.modal.fill({AMOUNT: "a lot"})
    assert not (await ada.modal.submit()).ok
    assert "cannot read a lot as an amount. Type US dollars from" in ada.modal.errors[AMOUNT]
    stop = "Stop what runs, and tell its owners"
    await ada.modal.fill({AMOUNT: "20", "When the budget is spent": stop})
    assert (await ada.modal.submit()).ok
    assert "OW-1 may spend 20.00 USD on GPUs in all" in ada.modal.text
    await story.settle()
    note = ada.thread(ada.last("ml-lab"))[-1].text
    assert f"<@{ada.user}> set the GPU budget of OW-1 to 20.00 USD in all" in note
    assert "cap 20.00 USD, then stop" in (await opened(ada)).text
    await ada.modal.fill({AMOUNT: "4"})
    assert (await ada.modal.submit()).ok
    await story.advance(minutes=1, step=TEN)
    assert (await run_of(story, pod.id)).state is RunState.STOPPED
    assert story.fleet.runpod.count("stop", pod.id) == 1
