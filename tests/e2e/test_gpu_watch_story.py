"""A GPU that somebody forgot, in Slack: pinged in one place, claimed, stopped, and proven."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.evidence import EvidenceState, Source
from bot.domain.ids import ChannelId
from bot.domain.watch import Watching
from sandbox.faults import Fault, FaultKind
from sandbox.fleet.runpod import Pod
from sandbox.seen import Shown
from tests.e2e.cards import SERVICE
from tests.harness.gpu_hands import pick
from tests.harness.gpus import TEN, listed, run_of, stop, team
from tests.harness.stories import Story, a_story

SIX = timedelta(hours=6)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


async def forgotten(story: Story, name: str = "ow-1-ada") -> Pod:
    """A pod of Ada's experiment that burns since six hours."""
    await story.person("ada").plan(SERVICE)
    await story.advance(seconds=10, step=TEN)
    pod = story.fleet.runpod.start(name, usd="0.69", ago=SIX)
    await listed(story)
    await story.advance(seconds=20, step=TEN)
    return pod


def told(story: Story, name: str) -> list[Shown]:
    return story.person(name).cards("dm")


async def asleep(story: Story, *moment: int) -> None:
    """Time passes with the bot down."""
    await story.stop()
    target = datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]  # a date and a time of day
    await story.workspace.advance(target - story.clock.now())
    await story.start()
    await story.advance(seconds=30, step=TEN)


async def test_the_owner_is_pinged_in_one_place_until_there_is_a_plan(story: Story) -> None:
    await forgotten(story)
    [first] = told(story, "ada")
    assert "No shutdown plan" in first.text
    assert "4.14 USD" in first.text
    assert "Ping 1" in first.text
    await story.advance(hours=2, minutes=11, step=10 * MINUTE)
    [second] = told(story, "ada")
    assert second.message.ts != first.message.ts, "a new message, and the older one is gone"
    assert "Ping 2" in second.text
    assert {"Stop now", "Set shutdown"} <= set(second.buttons)


async def test_a_snooze_is_an_answer_that_the_card_shows_at_once(story: Story) -> None:
    await forgotten(story)
    [card] = told(story, "ada")
    await pick(card, "Snooze", "1 h")
    await story.advance(seconds=10, step=TEN)
    quiet = card.now()
    assert "Snoozed" in quiet.text
    await story.advance(minutes=58, step=MINUTE)
    assert [c.message.ts for c in told(story, "ada")] == [quiet.message.ts]
    await story.advance(minutes=3, step=MINUTE)
    [again] = told(story, "ada")
    assert again.message.ts != quiet.message.ts
    assert "Ping 1" in again.text, "an answer was given: it is the first again"


async def test_a_day_down_is_one_ping_in_the_first_tick(story: Story) -> None:
    await forgotten(story)
    before = {c.message.ts for c in told(story, "ada")}
    await asleep(story, 2026, 11, 24, 14)
    [card] = told(story, "ada")
    assert card.message.ts not in before
    assert "Ping 2" in card.text
    assert told(story, "grace") == [], "it is the second, whatever was missed"


async def test_three_days_down_spend_the_plans_budget_and_that_is_what_is_told(
    story: Story,
) -> None:
    await forgotten(story)
    await asleep(story, 2026, 11, 26, 12)
    [card] = told(story, "ada")
    assert "100 % of a budget it counts towards is spent" in card.text, (
        "50 USD a month, at 0.69 an hour"
    )


async def test_pings_that_slack_did_not_take_for_hours_are_one_message(story: Story) -> None:
    await forgotten(story)
    story.workspace.faults.add(Fault(FaultKind.SERVER_ERROR, "chat.*"))
    await story.advance(hours=4, minutes=30, step=10 * MINUTE)
    story.workspace.faults.clear()
    await story.advance(minutes=5, step=3 * TEN)
    [card] = told(story, "ada")
    assert "Ping 3" in card.text


async def test_what_nobody_claims_is_posted_in_the_ops_channel_and_can_be_claimed(
    story: Story,
) -> None:
    ada = story.person("ada")
    ops = ChannelId(ada.channel("course-team").id)
    async with story.runtime.store() as uow:
        await uow.watch.put(Watching(team(story), ops=ops))
        await uow.commit()
    pod = story.fleet.runpod.start("training-box", usd="0.69", ago=SIX)
    await listed(story)
    await story.advance(seconds=30, step=TEN)
    post = ada.last("course-team")
    assert "training-box" in post.text
    await post.click("It's mine")
    await story.advance(seconds=30, step=TEN)
    assert (await run_of(story, pod.id)).owner == ada.user
    assert "Ping 1" in ada.last("dm").text
    assert len([c for c in ada.cards("course-team") if "training-box" in c.text]) == 1


async def test_its_proven_end_is_the_experiments_proof_of_the_stop(story: Story) -> None:
    pod = await forgotten(story)
    await stop(story, await run_of(story, pod.id), "ada")
    await story.advance(minutes=3, step=TEN)
    async with story.runtime.store(read_only=True) as uow:
        x = await uow.plans.by_number(team(story), 1)
        assert x is not None
        items = {e.item: e for e in await uow.evidence.of(x.id)}
    proof = items["stop_proof"]
    assert (proof.state, proof.source) == (EvidenceState.GIVEN, Source.PROVEN)
    assert "EXITED" in str(proof.content["listing"])
    ada = story.person("ada")
    thread = [said.text for said in ada.thread(ada.cards("ml-lab")[0])]
    assert any("proof of the stop" in text for text in thread)


async def test_a_key_that_is_revoked_is_the_admins_business(story: Story) -> None:
    await forgotten(story)
    before = [c.message.ts for c in told(story, "ada")]
    story.fleet.runpod.is_revoked = True
    await story.advance(hours=8, step=10 * MINUTE)
    said = [c.text for c in told(story, "grace") if "RunPod" in c.text]
    assert len(said) == 1
    assert [c.message.ts for c in told(story, "ada")] == before, "owners hear nothing of it"
