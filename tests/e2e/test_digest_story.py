"""A week in a channel, told on Monday: its card, its picture, its CSV, and what may go wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.faults import Fault, FaultKind
from sandbox.model import StoredFile
from sandbox.seen import Shown
from tests.e2e.cards import SERVICE
from tests.e2e.delivered import shared
from tests.harness.gpus import TEN, listed, run_of, stop
from tests.harness.stories import Story, a_story

TITLE = "Weekly digest"
NEXT_MONDAY = datetime(2026, 11, 30, 8, 55, tzinfo=UTC)
TUESDAY_AFTER = datetime(2026, 12, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


async def a_week_with_a_gpu(story: Story) -> None:
    """Ada's pod burns for eight hours, six of them before anybody looked; then she stops it."""
    await story.person("ada").plan(SERVICE)
    await story.advance(seconds=10, step=TEN)
    pod = story.fleet.runpod.start("ow-1-ada", usd="0.69", ago=6 * HOUR)
    await listed(story)
    await story.advance(hours=2, step=HOUR)
    await stop(story, await run_of(story, pod.id), "ada")
    await story.advance(minutes=2, step=TEN)


async def until_monday(story: Story) -> None:
    """The rest of the week passes with the bot up."""
    left = NEXT_MONDAY - story.clock.now()
    await story.advance(step=12 * HOUR, seconds=left.total_seconds())


async def digest_time(story: Story) -> None:
    """Nine o'clock, and the minutes over which digests are spread."""
    await story.advance(minutes=15, step=timedelta(minutes=2))
    await shared(story)


def digests(story: Story, who: str = "ada", place: str = "ml-lab") -> list[Shown]:
    return [card for card in story.person(who).cards(place) if TITLE in card.text]


def pictures(story: Story, card: Shown) -> list[StoredFile]:
    """The files in the thread of a card."""
    files = story.workspace.files
    return [files[f] for reply in card.by.thread(card) for f in reply.message.files]


async def test_a_week_is_told_once_with_its_picture_and_what_stands_behind(story: Story) -> None:
    ada = story.person("ada")
    await a_week_with_a_gpu(story)
    await ada.command("/owroute digest now")
    assert "5.5" in ada.whispers()[-1].text, "USD so far"
    await until_monday(story)
    await digest_time(story)
    [card] = digests(story)
    assert "23–29 Nov 2026" in card.text
    assert "5.5" in card.text
    [picture] = pictures(story, card)
    assert (picture.content or b"").startswith(b"\x89PNG")
    assert "23–29 Nov 2026" in picture.alt_txt
    await card.click("Details")
    assert "OW-1" in ada.modal.text
    await ada.modal.close()
    await card.click("CSV")
    await shared(story)
    [table] = [f for f in pictures(story, card) if f.name.endswith(".csv")]
    assert b"ow-1-ada" in (table.content or b"")
    [workspace] = digests(story, "grace", "dm")
    assert "workspace" in workspace.text
    await paused_and_resumed(story)


async def paused_and_resumed(story: Story) -> None:
    """By its lead or an admin, and by nobody else."""
    ada, grace = story.person("ada"), story.person("grace")
    await digests(story)[0].click("Pause")
    assert "lead" in ada.whispers()[-1].text
    await digests(story, "grace")[0].click("Pause")
    await story.advance(seconds=10, step=TEN)
    assert "paused the weekly digest" in ada.last("ml-lab").text
    await ada.command("/owroute digest")
    assert "paused" in ada.whispers()[-1].text
    await grace.command("/owroute digest resume")
    await story.advance(seconds=10, step=TEN)
    assert "resumed the weekly digest" in ada.last("ml-lab").text
    await ada.command("/owroute digest tomorrow")
    assert "do not know" in ada.whispers()[-1].text


async def test_one_that_may_have_arrived_is_offered_and_one_after_an_outage_is_late(
    story: Story,
) -> None:
    grace = story.person("grace")
    await a_week_with_a_gpu(story)
    await until_monday(story)
    here = grace.channel("ml-lab").id
    lost = Fault(FaultKind.SERVER_ERROR, "chat.postMessage", times=1, channel=here)
    story.workspace.faults.add(lost)
    await digest_time(story)
    assert digests(story) == []
    [offer] = [c for c in grace.cards("dm") if "Send again" in c.buttons]
    await offer.click("Send again")
    await story.advance(seconds=20, step=TEN)
    await shared(story)
    [card] = digests(story)
    assert len(pictures(story, card)) == 1
    await offer.click("Send again")
    await story.advance(seconds=20, step=TEN)
    assert len(digests(story)) == 1
    await comes_late(story)


async def comes_late(story: Story) -> None:
    """A pod ran, and the bot is down over the next digest and for days beyond it."""
    pod = story.fleet.runpod.start("ow-1-ada-2", usd="1.00", ago=HOUR)
    await listed(story)
    await story.advance(minutes=10, step=TEN * 6)
    await stop(story, await run_of(story, pod.id), "grace")
    await story.advance(minutes=2, step=TEN)
    await story.stop()
    await story.workspace.advance(TUESDAY_AFTER - story.clock.now())
    await story.start()
    await story.advance(minutes=1, step=TEN)
    await shared(story)
    [_, late] = digests(story)
    assert "30 Nov" in late.text
    assert "late" in late.text.lower()
