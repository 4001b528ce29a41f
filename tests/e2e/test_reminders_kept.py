"""Who owes something is reminded, and who wants quiet has it, whatever happened meanwhile."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from bot.domain.delivery import Due, DueKind
from bot.domain.evidence import Source
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Actor
from storage.tables import due
from tests.e2e.test_reminders import AT_ONCE, HOUR, reminders, running, settings, watched
from tests.harness.evidence import experiment, give
from tests.harness.stores import KINDS, database_url
from tests.harness.stories import PEOPLE, Story, a_story


async def test_a_row_that_was_lost_is_armed_anew(story: Story) -> None:
    await running(story)
    async with story.runtime.store.engine.begin() as connection:
        await connection.execute(delete(due).where(due.c.kind == "remind_evidence"))
    assert (await watched(story, zone="UTC", days=2))[0] == "Tue 10:00"
    assert [e for e in story.log.entries if e["event"] == "evidence.rearmed"]


async def test_a_workspace_that_comes_back_is_reminded(story: Story) -> None:
    await running(story)
    assert await watched(story, zone="UTC", days=1.5) == ["Tue 10:00"]
    await story.runtime.cases.remove(TeamId(story.workspace.team.id), "removed")
    assert await told_in(story, days=2) == 0
    await story.restart()  # Slack says who we are again
    assert await told_in(story, days=2) == 1, "on Friday"


async def test_what_waits_for_accept_is_not_called_missing(story: Story) -> None:
    card = await running(story)
    await story.advance(days=1, hours=2, step=HOUR)
    before = reminders(story)[0]
    await give(story, source=Source.CAPTURED)
    await story.advance(seconds=10, step=timedelta(seconds=5))
    (standing,) = (
        c for c in story.person("ada").cards("ml-lab") if c.message.ts == before.message.ts
    )
    assert "1 running experiment has evidence that waits for Accept" in standing.text
    assert "miss" not in standing.text
    assert "Attach evidence" not in standing.buttons
    await standing.click("Open checklist")
    assert "Accept all" in " ".join(story.person("ada").whispers()[-1].buttons)
    assert card.message.ts != standing.message.ts


async def told_in(story: Story, *, days: int) -> int:
    """How many reminders came."""
    before = {m.ts for m in story.said()}
    found: set[str] = set()
    for _ in range(days * 24):
        await story.advance(hours=1, step=HOUR)
        found |= {r.message.ts for r in reminders(story)} - before
    return len(found)


async def test_reminders_of_a_muted_channel_are_not_armed_anew(story: Story) -> None:
    await running(story)
    await settings(story, {"Mute reminders": "Yes"})
    assert await watched(story, zone="UTC", days=2) == []
    assert not [e for e in story.log.entries if e["event"] == "evidence.rearmed"]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_mute_beside_a_reminder_is_kept(kind: str, tmp_path: Path) -> None:
    async with database_url(kind, tmp_path) as url, a_story(tmp_path, database_url=url) as story:
        await running(story)
        x = await experiment(story)
        await story.workspace.advance(timedelta(days=1, hours=2))
        me = Actor(x.team, UserId(PEOPLE["ada"]), x.team)
        quiet = story.runtime.cases.quiet
        await asyncio.gather(story.tick(), *(quiet.mute(me, x.id, f"m{n}") for n in range(4)))
        async with story.runtime.store(read_only=True) as uow:
            assert (await uow.reminders.of([x.id]))[x.id].muted
        await story.advance(days=1, step=HOUR)
        assert not reminders(story)


@pytest.mark.parametrize("kind", KINDS)
async def test_channels_of_one_morning_are_told_each_once(kind: str, tmp_path: Path) -> None:
    async with (
        database_url(kind, tmp_path) as url,
        a_story(tmp_path, database_url=url, more=AT_ONCE) as story,
    ):
        for channel in ("ml-lab", "course-team"):
            await running(story, channel=channel)
        team, place = story.workspace.team.id, story.person("ada").channel("ml-lab").id
        async with story.runtime.store() as uow:
            older = Due(
                "evidence:of an older cadence", DueKind.REMIND_EVIDENCE, TeamId(team),
                story.clock.now() + HOUR, channel=ChannelId(place),
            )  # fmt: skip
            await uow.due.add(older)
            await uow.commit()
        await story.advance(hours=3, step=timedelta(minutes=30))
        for channel, label in (("ml-lab", "OW-1"), ("course-team", "OW-2")):
            [told] = reminders(story, channel)
            assert label in told.text
