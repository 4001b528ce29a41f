"""Three windows deep Slack lays no further one: what opens there takes a window's place."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.evidence import Source
from sandbox import inputs
from sandbox.acts.places import InView
from sandbox.faults import Fault, FaultKind
from sandbox.seen import label_of
from tests.e2e.cards import LAPTOP, SERVICE
from tests.harness.evidence import give
from tests.harness.gpu_hands import BENCH
from tests.harness.gpus import TEN, actor, listed, runs
from tests.harness.stories import PEOPLE, Hands, Story, a_story


@pytest.fixture
async def burning(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that knows of a GPU of Ada's."""
    async with a_story(tmp_path, watches=True) as story:
        await story.person("ada").plan(SERVICE)
        story.fleet.runpod.start("ow-1-ada", usd="0.69")
        await listed(story)
        yield story


async def pressed(person: Hands, *labels: str) -> None:
    """From Home through windows."""
    await person.open_home()
    await person.home.press(labels[0])
    for label in labels[1:]:
        await person.modal.press(label)


async def test_a_card_in_the_place_of_a_list_stays(burning: Story) -> None:
    ada = burning.person("ada")
    await pressed(ada, "Help", "Status", "GPUs", "More...")
    assert len(ada.stack) == 3
    assert "Terminate" in str(ada.modal.view.body), "the card, not the list"
    await ada.modal.press("Set shutdown")
    assert (await ada.modal.submit()).ok
    await ada.modal.close()
    assert "ow-1-ada" not in ada.modal.text, "what was no part of it stays as it was"


async def test_a_machine_entered_three_deep_leaves_the_window_below_alone(burning: Story) -> None:
    ada = burning.person("ada")
    await pressed(ada, "Help", "Status")
    status = ada.modal.text
    await ada.modal.press("GPUs")
    await ada.modal.press("Add a GPU")
    await ada.modal.fill(BENCH)
    assert (await ada.modal.submit()).ok
    await ada.modal.close()
    assert ada.modal.text == status


async def test_a_checklist_comes_back_where_a_form_took_its_place(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await pressed(ada, "Help", "Status", "Evidence")
    await ada.modal.choose("Assign...")
    await ada.modal.fill({ada.modal.labels[-1]: PEOPLE["grace"]})
    assert (await ada.modal.submit()).ok
    assert len(ada.stack) == 3
    assert f"<@{PEOPLE['grace']}>" in ada.modal.text


async def test_who_gives_a_gpu_away_is_told_so_in_both_windows(burning: Story) -> None:
    ada = burning.person("ada")
    await pressed(ada, "GPUs", "More...")
    await ada.modal.choose("Reassign")
    await ada.modal.fill({ada.modal.labels[-1]: PEOPLE["grace"]})
    assert (await ada.modal.submit()).ok
    for _ in ("what became of the form", "and of the card below it"):
        assert "is in the hands of" in ada.modal.text
        assert not ada.modal.buttons
        await ada.modal.close()


async def test_a_budget_stands_on_the_card_below_its_form(burning: Story) -> None:
    ada = burning.person("ada")
    await pressed(ada, "GPUs", "More...")
    await ada.modal.choose("Budget...")
    await ada.modal.fill({"GPU budget in all, in USD": "20"})
    assert (await ada.modal.submit()).ok
    await ada.modal.close()
    assert "20.00 USD" in ada.modal.text


async def test_who_comes_second_with_stop_sees_it_on_the_list(burning: Story) -> None:
    ada = burning.person("ada")
    await pressed(ada, "GPUs")
    [run] = await runs(burning)
    grace = actor(burning, "grace")
    await burning.runtime.cases.end_gpu(grace, run.id, run.generation, run.ending, "hers")
    await ada.modal.press("Stop now", confirmed=True)
    assert f"<@{PEOPLE['grace']}>" in ada.modal.text
    await ada.modal.close()
    assert "Stop now" not in ada.modal.buttons
    await burning.advance(minutes=3, step=TEN)


async def test_two_quick_presses_are_both_shown(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await give(story, but=("five_case_eval",), source=Source.CAPTURED)
    await pressed(ada, "Evidence")
    window, drawn = InView(ada.modal.view_id), inputs.placed(ada.modal.view.blocks)
    for block, button in [(b, e) for b, e in drawn if label_of(e) == "Accept"][:2]:
        await ada.actor.click(
            window, button["action_id"], block_id=block["block_id"], confirmed=True
        )
    await story.settle()
    assert "Accept all 5" in ada.modal.buttons, ada.modal.buttons


async def test_a_form_whose_opening_took_too_long_is_not_opened_twice(burning: Story) -> None:
    ada = burning.person("ada")
    await pressed(ada, "GPUs")
    lost = Fault(FaultKind.SILENT_AFTER_ACCEPT, "views.push", seconds=4.0, times=1)
    burning.workspace.faults.add(lost)
    await ada.modal.press("Set shutdown")
    assert len(ada.stack) == 2
    assert (await ada.modal.submit()).ok
    await ada.modal.close()
    assert "stops at" in ada.modal.text, "the list is still below it"
