"""Windows that Home opens are places to act in, and say what became of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.evidence import Source
from bot.domain.gpu import RunState
from sandbox.faults import Fault, FaultKind
from tests.e2e.cards import LAPTOP, SERVICE
from tests.harness.evidence import experiment, give
from tests.harness.gpus import TEN, actor, listed, run_of
from tests.harness.stories import PEOPLE, Hands, Story, a_story


@pytest.fixture
async def watching(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


def texts(person: Hands) -> list[str]:
    """The windows before a person, the topmost last."""
    return [" ".join(str(view.body["blocks"]).split()) for view in person.stack]


async def test_a_gpu_is_steered_in_the_windows_of_home(watching: Story) -> None:
    ada = watching.person("ada")
    await ada.plan(SERVICE)
    pod = watching.fleet.runpod.start("ow-1-ada", usd="0.69")
    await listed(watching)
    await ada.open_home()
    await ada.home.press("GPUs")
    assert len(ada.stack) == 1
    assert "ow-1-ada" in ada.modal.text
    await ada.modal.press("Set shutdown")
    assert len(ada.stack) == 2, "the form lies on top of the list"
    assert (await ada.modal.submit()).ok
    assert "ow-1-ada" in ada.modal.text, "what became of it"
    await ada.modal.close()
    assert "stops at" in texts(ada)[0], "and the list below knows it"
    await ada.modal.press("More...")
    await ada.modal.choose("Guard command")
    assert len(ada.stack) == 3
    assert "python3" in ada.modal.text
    await ada.modal.close()
    await ada.modal.press("Stop now", confirmed=True)
    assert len(ada.stack) == 2, "a card is drawn anew in its place"
    assert "Stopping" in ada.modal.text
    await watching.advance(minutes=3, step=TEN)
    assert (await run_of(watching, pod.id)).state is RunState.STOPPED
    assert "*Shutdown*" not in ada.home.text


async def test_a_gpu_is_stopped_on_the_list_in_a_window(watching: Story) -> None:
    ada = watching.person("ada")
    await ada.plan(SERVICE)
    watching.fleet.runpod.start("ow-1-ada", usd="0.69")
    await listed(watching)
    await ada.open_home()
    await ada.home.press("GPUs")
    await ada.modal.press("Stop now", confirmed=True)
    below, above = texts(ada)
    assert "Stopping" in above
    assert "Stop now" not in below
    await ada.modal.close()
    await watching.advance(minutes=3, step=TEN)
    await ada.modal.press("Add a GPU")
    assert len(ada.stack) == 2


async def test_help_leads_on_and_back_and_evidence_is_accepted(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await give(story, but=("five_case_eval",), source=Source.CAPTURED)
    await ada.open_home()
    await ada.home.press("Help")
    assert "Settings" not in ada.modal.buttons, "Home is no channel"
    await ada.modal.press("Status")
    await ada.modal.press("Evidence")
    assert len(ada.stack) == 3
    await ada.modal.press(
        next(b for b in ada.modal.buttons if b.startswith("Accept all")), confirmed=True
    )
    assert len(ada.stack) == 3, "the checklist is drawn anew in its place"
    assert not [b for b in ada.modal.buttons if b.startswith("Accept all")]
    assert "captures wait for Accept" not in ada.home.text
    await ada.modal.press("Capture command")
    assert len(ada.stack) == 3, "Slack lays no fourth on top: it takes the place of the third"
    assert "owroute_capture.py" in ada.modal.text
    await ada.modal.close()
    assert "OW-1" in ada.modal.text
    await ada.modal.press("Plan")
    assert ada.modal.title == "Plan a model run"


async def test_what_a_form_did_shows_in_the_checklist_below_it(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await ada.open_home()
    await ada.home.press("Evidence")
    await ada.modal.choose("Assign...")
    assert len(ada.stack) == 2
    await ada.modal.fill({ada.modal.labels[-1]: PEOPLE["grace"]})
    assert (await ada.modal.submit()).ok
    assert len(ada.stack) == 1
    assert f"<@{PEOPLE['grace']}>" in ada.modal.text, "drawn anew below the form"


async def test_what_fails_in_a_window_is_told_in_one(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await ada.open_home()
    await ada.home.press("Open")
    cases = story.runtime.cases
    await cases.steer.archive(actor(story, "ada"), (await experiment(story)).id, "elsewhere")
    await ada.modal.press("Attach evidence")
    assert len(ada.stack) == 2
    assert "does not fit OW-1 as it is now" in ada.modal.text
    await ada.modal.close()
    await ada.home.press("GPUs")
    for method in ("views.push", "views.update"):
        story.workspace.faults.add(
            Fault(FaultKind.ERROR, method, error="expired_trigger_id", times=1)
        )
    await ada.modal.press("Add a GPU")
    story.workspace.faults.clear()
    assert "Slack did not open the window in time" in ada.modal.text.split("\n")[0]
