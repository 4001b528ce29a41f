"""Home is where things get done: what is pressed there happens, shows, or is answered there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.evidence import EvidenceState, Source
from bot.domain.gpu import RunState
from bot.domain.ids import ChannelId, UserId
from bot.domain.plans import State
from sandbox.faults import Fault, FaultKind
from tests.e2e.cards import LAPTOP, SERVICE
from tests.harness.evidence import checklist, experiment, give
from tests.harness.gpus import TEN, actor, listed, run_of, team
from tests.harness.stories import Story, a_story
from tests.storage.given import draft


@pytest.fixture
async def watching(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


SLOT = 20
"""Seconds after which a change shows that somebody else made, or owroute itself."""

SLOT_FOR_ALL = 80
"""The same for admins, to whom every run is shown, and for what holds for everybody."""


async def test_an_experiment_is_started_and_its_captures_accepted_on_home(story: Story) -> None:
    ada = story.person("ada")
    await ada.open_home()
    assert ada.home.text.startswith("Where should this model run?")
    await ada.plan(LAPTOP)
    await story.advance(seconds=SLOT, step=TEN)
    assert "Got it" not in ada.home.buttons, "who has planned knows it"
    assert "Go · Local CPU · evidence" in ada.home.text
    await ada.home.press("I'm running it")
    assert (await experiment(story)).state is State.RUNNING
    assert "Running · Local CPU" in ada.home.text, "drawn anew at once"
    assert "items are missing" in ada.home.text
    await give(story, but=("five_case_eval",), source=Source.CAPTURED)
    await story.advance(seconds=SLOT, step=TEN)
    assert "captures wait for Accept" in ada.home.text
    await ada.home.press(next(b for b in ada.home.buttons if b.startswith("Accept all")))
    items = (await checklist(story)).values()
    assert EvidenceState.CLAIMED not in {e.state for e in items}
    assert "captures wait for Accept" not in ada.home.text
    assert "1 item is missing" in ada.home.text
    assert not ada.stack, "nothing pops up for what Home shows"


async def test_evidence_is_attached_and_an_end_decided_on_home(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await give(story, but=("five_case_eval",))
    await ada.open_home()
    await ada.home.press("Attach evidence")
    assert "OW-1" in ada.modal.text
    await ada.actor.close(ada.stack[-1].id)
    await give(story)
    await story.advance(seconds=SLOT, step=TEN)
    assert "All evidence is there. Decide what comes of it." in ada.home.text
    await ada.home.press("Decide")
    await ada.modal.fill({"What is decided": "Keep"})
    assert (await ada.modal.submit()).ok
    assert "You own no open experiment." in ada.home.text, "a form's end shows as well"


async def test_what_fails_is_told_where_it_was_pressed(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(LAPTOP)
    await ada.open_home()
    cases = story.runtime.cases
    await cases.steer.drop(actor(story, "ada"), (await experiment(story)).id, "elsewhere")
    await ada.home.press("I'm running it")
    assert "OW-1" in ada.modal.text
    assert "You own no open experiment." in ada.home.text, "and what stands there is true again"
    await ada.actor.close(ada.stack[-1].id)
    await ada.plan(LAPTOP)
    await ada.open_home()
    await cases.steer.drop(actor(story, "ada"), (await experiment(story, 2)).id, "elsewhere 2")
    story.workspace.faults.add(Fault(FaultKind.ERROR, "views.open", error="expired_trigger_id"))
    await ada.home.press("I'm running it")
    story.workspace.faults.clear()
    assert not ada.stack
    assert ada.home.text.startswith(":warning:")
    assert "OW-2" in ada.home.text.split("\n")[0]
    await ada.open_home()
    assert not ada.home.text.startswith(":warning:")


async def test_a_button_whose_form_slack_does_not_open_says_so(story: Story) -> None:
    ada = story.person("ada")
    await ada.open_home()
    story.workspace.faults.add(Fault(FaultKind.ERROR, "views.open", error="expired_trigger_id"))
    await ada.home.press("My settings")
    story.workspace.faults.clear()
    assert "Slack did not open the window in time" in ada.home.text.split("\n")[0]


async def test_pages_and_what_was_read_are_kept_over_a_restart(story: Story) -> None:
    ada = story.person("ada")
    await ada.open_home()
    await ada.home.press("Got it")
    assert "Nothing waits for you" in ada.home.text
    async with story.runtime.store() as uow:
        place, user = ChannelId(ada.channel("ml-lab").id), UserId(ada.user)
        for n in range(11):
            await uow.plans.add(
                draft(f"V{n}", team=team(story), channel=place, owner=user, submitted_by=user),
                story.runtime.clock.now(),
            )
        await uow.commit()
    await ada.open_home()
    assert "1 to 8 of 11" in ada.home.text
    await ada.home.press("Later")
    assert "9 to 11 of 11" in ada.home.text
    await story.restart()
    async with story.runtime.store() as uow:
        uow.homes.changed(team(story), story.runtime.clock.now(), users=[UserId(ada.user)])
        await uow.commit()
    await story.advance(seconds=SLOT, step=TEN)
    assert "9 to 11 of 11" in ada.home.text, "whoever draws it stays on the page"
    await ada.home.press("Earlier")
    assert "1 to 8 of 11" in ada.home.text


async def test_gpus_are_steered_and_stopped_from_home(watching: Story) -> None:
    ada, grace = watching.person("ada"), watching.person("grace")
    await ada.plan(SERVICE)
    await ada.open_home()
    await grace.open_home()
    pod = watching.fleet.runpod.start("ow-1-ada", usd="0.69")
    await listed(watching)
    await watching.advance(seconds=SLOT_FOR_ALL, step=TEN)
    assert "Nobody is going to stop it." in ada.home.text
    assert "1 running · 0.69 USD per hour" in grace.home.text, "the whole workspace"
    await ada.home.press("Set shutdown")
    assert (await ada.modal.submit()).ok
    assert "Needs you now:" not in ada.home.text
    assert "*Shutdown* stops at" in ada.home.text
    await ada.home.press("Stop now", confirmed=True)
    await watching.advance(minutes=3, step=TEN)
    assert (await run_of(watching, pod.id)).state is RunState.STOPPED
    assert "Nothing runs." in grace.home.text, "an admin's follows"


async def test_a_hold_stands_on_every_home_and_ends_on_an_admins(watching: Story) -> None:
    ada, grace = watching.person("ada"), watching.person("grace")
    await ada.open_home()
    await grace.open_home()
    await grace.command("/owroute hold on")
    await watching.advance(seconds=SLOT_FOR_ALL, step=TEN)
    assert ada.home.text.startswith(":raised_hand:")
    assert "End hold" not in ada.home.buttons
    await grace.home.press("End hold")
    assert not grace.home.text.startswith(":raised_hand:"), "drawn anew at once"
    assert not grace.stack
    await watching.advance(seconds=SLOT_FOR_ALL, step=TEN)
    assert not ada.home.text.startswith(":raised_hand:")
