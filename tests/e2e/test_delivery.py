"""Slack on a bad day: nothing lost, nothing twice, and an honest word to whoever waits."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.faults import Fault, FaultKind
from tests.e2e.cards import COURSE, LAPTOP
from tests.harness.stories import Story, a_story

HISTORY = ("channels:history", "groups:history", "im:history")
POST = "chat.postMessage"
SECONDS_20 = timedelta(seconds=20)


@pytest.mark.parametrize(
    "kind", [FaultKind.CUT_AFTER_ACCEPT, FaultKind.SERVER_ERROR, FaultKind.REFUSE]
)
async def test_one_card_comes_where_history_can_be_read(kind: FaultKind, tmp_path: Path) -> None:
    async with a_story(tmp_path, optional=HISTORY) as story:
        ada = story.person("ada")
        story.workspace.faults.add(Fault(kind, POST, times=1))
        await submit(story)
        await story.advance(minutes=2, step=SECONDS_20)
        assert len(ada.cards("ml-lab")) == 1
        assert len(ada.thread(ada.last("ml-lab"))) == 1


async def test_without_history_a_repeat_says_which_experiment_it_is(story: Story) -> None:
    ada = story.person("ada")
    story.workspace.faults.add(Fault(FaultKind.CUT_AFTER_ACCEPT, POST, times=1))
    await submit(story)
    await story.advance(minutes=2, step=SECONDS_20)
    assert [c.text.count("OW-1") > 0 for c in ada.cards("ml-lab")] == [True, True]


@pytest.mark.parametrize("retry_after", ["30", "", "soon", "86400"])
async def test_a_429_is_waited_out_and_other_channels_go_on(story: Story, retry_after: str) -> None:
    ada = story.person("ada")
    where = ada.channel("ml-lab").id
    fault = Fault(FaultKind.TOO_MANY, POST, retry_after=retry_after, times=1, channel=where)
    story.workspace.faults.add(fault)
    await submit(story)
    await submit(story, "course-team")
    assert not ada.cards("ml-lab")
    assert len(ada.cards("course-team")) == 1
    await story.advance(seconds=20)
    assert not ada.cards("ml-lab")
    await story.advance(minutes=11)
    assert len(ada.cards("ml-lab")) == 1
    story.expect_errors(1 if retry_after == "86400" else 0)


@pytest.mark.parametrize("error", ["is_archived", "restricted_action", "channel_not_found"])
async def test_what_a_channel_refuses_goes_to_its_owner(story: Story, error: str) -> None:
    ada = story.person("ada")
    where = ada.channel("ml-lab").id
    fault = Fault(FaultKind.ERROR, POST, error=error, times=1, channel=where)
    story.workspace.faults.add(fault)
    await submit(story)
    await story.advance(seconds=10)
    assert "OW-1" in ada.last("dm").text
    assert len(ada.thread(ada.last("dm"))) == 1
    await ada.last("dm").click("Fix")
    await ada.modal.submit()
    assert len(ada.cards("dm")) == 1, "later changes follow the card to where it is"


async def test_blocks_that_slack_refuses_go_as_plain_words(story: Story) -> None:
    ada = story.person("ada")
    fault = Fault(FaultKind.ERROR, POST, error="invalid_blocks", times=1)
    story.workspace.faults.add(fault)
    await submit(story)
    await story.advance(seconds=10)
    assert "OW-1" in ada.last("ml-lab").text
    assert not ada.last("ml-lab").message.blocks
    story.expect_errors(1)


async def test_a_dead_token_keeps_everything_for_the_operator(story: Story) -> None:
    ada = story.person("ada")
    story.workspace.faults.add(Fault(FaultKind.ERROR, POST, error="invalid_auth", times=1))
    await submit(story)
    assert not ada.cards("ml-lab")
    await story.advance(minutes=12)
    assert len(ada.cards("ml-lab")) == 1
    story.expect_errors(1)


async def test_a_card_deleted_in_slack_comes_back_with_its_next_change(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(COURSE)
    await card.click("Fix")
    story.workspace.conversations.remove(card.message.channel, card.message.ts)
    await ada.modal.submit()
    await story.advance(seconds=10)
    assert len(ada.cards("ml-lab")) == 1
    assert ada.last("ml-lab").message.ts != card.message.ts


async def test_a_card_that_slack_does_not_open_is_offered_again(story: Story) -> None:
    ada = story.person("ada")
    story.workspace.faults.add(Fault(FaultKind.ERROR, "views.open", error="expired_trigger_id"))
    await ada.command("/owroute plan task='chat bot'")
    story.workspace.faults.clear()
    assert not ada.stack
    await ada.whispers()[-1].click("Plan")
    assert ada.modal.value("Task") == "chat bot"


@pytest.mark.parametrize("label", ["Fix", "Re-plan", "Change owner", "Plan"])
async def test_a_window_that_slack_does_not_open_is_said(story: Story, label: str) -> None:
    ada = story.person("ada")
    card = await ada.plan(COURSE)
    await ada.command("/owroute help")
    story.workspace.faults.add(Fault(FaultKind.ERROR, "views.open", error="expired_trigger_id"))
    if label == "Plan":
        await ada.whispers()[-1].click(label)
    elif label in card.now().buttons:
        await card.now().click(label)
    else:
        await card.now().choose(label)
    story.workspace.faults.clear()
    assert not ada.stack
    assert "Slack did not open the " in ada.whispers()[-1].text


async def test_facts_that_slack_does_not_open_are_said_on_the_card(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.fill(COURSE)
    refusal = Fault(FaultKind.ERROR, "views.push", error="expired_trigger_id", times=2)
    story.workspace.faults.add(refusal)
    for _ in range(2):
        await ada.modal.press("change")
        assert ada.modal.text.count("Slack did not open the window in time") == 1
    assert ada.modal.value("Task") == COURSE["Task"]
    await ada.modal.press("change")
    await ada.modal.put("USD per month, at most", "40")
    await ada.modal.submit()
    assert "40" in ada.modal.text
    assert "did not open" not in ada.modal.text


async def test_the_whole_story_over_a_socket(tmp_path: Path) -> None:
    async with a_story(tmp_path, socket_mode=True) as story:
        ada = story.person("ada")
        await story.until_connected()
        card = await ada.plan(COURSE)
        await card.click("Fix")
        await ada.modal.submit()
        assert len(ada.cards("ml-lab")) == 1


async def test_an_uninstalled_app_does_nothing_any_more(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(LAPTOP)
    said = len(story.said())
    await story.workspace.uninstall()
    await story.advance(days=20)
    assert len(story.said()) == said


@pytest.mark.parametrize("hours", [2, 48])
async def test_a_clock_that_jumps_while_slack_thinks_makes_no_second_card(
    story: Story, hours: int
) -> None:
    story.workspace.faults.add(Fault(FaultKind.SLOW, POST, seconds=1.0, times=1))
    submitting = asyncio.create_task(submit(story))
    async with asyncio.timeout(10):
        while story.workspace.faults.snapshot():  # until the post is with Slack
            await asyncio.sleep(0.02)
    await story.workspace.advance(timedelta(hours=hours))
    await story.runtime.tick()
    await submitting
    await story.advance(minutes=2, step=SECONDS_20)
    assert len(story.person("ada").cards("ml-lab")) == 1


async def test_history_that_cannot_be_found_does_not_hold_the_channel(tmp_path: Path) -> None:
    async with a_story(tmp_path, optional=HISTORY) as story:
        ada = story.person("ada")
        where = ada.channel("ml-lab").id
        story.workspace.faults.add(Fault(FaultKind.CUT_AFTER_ACCEPT, POST, times=1, channel=where))
        gone = Fault(FaultKind.ERROR, "conversations.history", error="channel_not_found")
        story.workspace.faults.add(gone)
        await submit(story)
        await story.advance(minutes=2, step=SECONDS_20)
        await submit(story)
        await story.advance(seconds=10)
        assert "OW-2" in ada.last("ml-lab").text


async def test_an_edit_that_a_channel_refuses_follows_to_the_owner(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(COURSE)
    await card.click("Fix")
    story.workspace.conversations.leave(card.message.channel, story.workspace.app.bot_user_id)
    fault = Fault(FaultKind.ERROR, "chat.update", error="channel_not_found", times=1)
    story.workspace.faults.add(fault)
    await ada.modal.submit()
    await story.advance(seconds=30, step=timedelta(seconds=5))
    assert "/invite @owroute" in ada.last("dm").text
    assert len(ada.thread(ada.last("dm"))) >= 1, "the detail is below the card again"


async def submit(story: Story, channel: str = "ml-lab") -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan", channel)
    await ada.modal.fill(COURSE)
    await ada.modal.submit()
