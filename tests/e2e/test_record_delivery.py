"""The files of a record on Slack's bad days: none lost, none twice, the channel never held up."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.crash import HANDED_POINTS, UPLOAD_POINTS
from bot.domain.delivery import LEASE
from engine.app import create_app, load_data
from owroute.demo.stage import free_port
from owroute.server import served
from sandbox.faults import Fault, FaultKind
from tests.e2e.delivered import alive_again, dying_at, posted, shared, uploads
from tests.e2e.test_crashes import HISTORY, until
from tests.e2e.test_record_story import PUBLIC, asked
from tests.harness.stories import Hands, Story, a_story

COMPLETE, BEGIN = "files.completeUploadExternal", "files.getUploadURLExternal"


async def asked_on(story: Story, fault: Fault) -> Hands:
    """Somebody with a card, who asks for its record on a bad day."""
    ada = story.person("ada")
    await ada.plan(PUBLIC)
    story.workspace.faults.add(fault)
    await asked(story, ada)
    return ada


async def later(story: Story, step: timedelta, **by: float) -> None:
    """Time passes, and Slack looks through what has come."""
    await story.advance(step=step, **by)
    await shared(story)


@pytest.mark.parametrize("method", [BEGIN, COMPLETE])
async def test_a_429_is_waited_out(story: Story, method: str) -> None:
    ada = await asked_on(story, Fault(FaultKind.TOO_MANY, method, retry_after="30", times=1))
    assert not uploads(story, ada)
    assert "on their way" in await asked(story, ada)
    await later(story, seconds=40, step=timedelta(seconds=20))
    assert len(uploads(story, ada)) == 1


@pytest.mark.parametrize(
    "kind", [FaultKind.SERVER_ERROR, FaultKind.CUT_AFTER_ACCEPT, FaultKind.REFUSE]
)
async def test_what_fails_before_the_last_call_is_certainly_not_posted(
    story: Story, kind: FaultKind
) -> None:
    ada = await asked_on(story, Fault(kind, BEGIN, times=2))
    await later(story, minutes=1, step=timedelta(seconds=12))
    assert len(uploads(story, ada)) == 1
    assert "Nothing has changed" in await asked(story, ada)


@pytest.mark.parametrize(
    "lost",
    [FaultKind.CUT_AFTER_ACCEPT, FaultKind.SERVER_ERROR],
    ids=["found again by its name", "nothing was done, so it is sent again"],
)
async def test_where_history_can_be_read_a_lost_reply_leaves_one(
    tmp_path: Path, lost: FaultKind
) -> None:
    async with a_story(tmp_path, optional=HISTORY) as story:
        ada = await asked_on(story, Fault(lost, COMPLETE, times=1))
        await later(story, minutes=2, step=LEASE)
        assert len(uploads(story, ada)) == 1
        assert "Nothing has changed" in await asked(story, ada)


async def test_without_history_a_lost_reply_is_not_repeated_until_somebody_asks(
    story: Story,
) -> None:
    ada = await asked_on(story, Fault(FaultKind.CUT_AFTER_ACCEPT, COMPLETE, times=1))
    await later(story, minutes=2, step=LEASE)
    assert len(uploads(story, ada)) == 1
    assert "was left open" in await asked(story, ada)
    assert len(uploads(story, ada)) == 2


async def test_asked_for_before_the_card_stands_and_again_it_comes_once(story: Story) -> None:
    ada = story.person("ada")
    slow = Fault(FaultKind.TOO_MANY, "chat.postMessage", retry_after="30", times=1)
    story.workspace.faults.add(slow)
    await ada.command("/owroute plan")
    await ada.modal.fill(PUBLIC)
    assert (await ada.modal.submit()).ok
    assert not ada.cards("ml-lab")
    await asked(story, ada)
    await later(story, minutes=2, step=timedelta(seconds=20))
    assert len(uploads(story, ada)) == 1
    assert "Nothing has changed" in await asked(story, ada)
    await later(story, minutes=1, step=timedelta(seconds=20))
    assert len(uploads(story, ada)) == 1


async def test_what_the_channel_refuses_goes_whole_to_who_asked(story: Story) -> None:
    ada, grace = story.person("ada"), story.person("grace")
    await ada.plan(PUBLIC)
    story.workspace.faults.add(Fault(FaultKind.ERROR, COMPLETE, error="is_archived", times=1))
    await asked(story, grace)
    await later(story, seconds=30, step=timedelta(seconds=10))
    assert not uploads(story, ada)
    assert "archived" in grace.last("dm").text
    (posted,) = uploads(story, grace, "dm")
    assert len(posted.files) == 2
    assert not ada.cards("dm")


async def test_a_file_server_that_is_never_reached_does_not_hold_the_channel(
    story: Story,
) -> None:
    ada = await asked_on(story, Fault(FaultKind.SERVER_ERROR, BEGIN))
    await story.advance(hours=2, step=timedelta(minutes=5))
    story.workspace.faults.clear()
    await ada.plan(PUBLIC)
    assert "OW-2" in ada.last("ml-lab").text
    story.expect_errors(1)


async def test_an_engine_that_is_down_leaves_the_record(tmp_path: Path) -> None:

    port = free_port()
    async with a_story(tmp_path, engine=f"http://127.0.0.1:{port}") as story:
        ada = story.person("ada")
        async with served(create_app(load_data()), port=port):
            await ada.plan(PUBLIC)
        assert "were not checked" in await asked(story, ada)
        assert len(uploads(story, ada)) == 1


@pytest.mark.timeout(180)
@pytest.mark.parametrize("point", UPLOAD_POINTS)
async def test_a_crash_leaves_exactly_one_upload(point: str, tmp_path: Path) -> None:
    async with dying_at(point, tmp_path) as (up, ada):
        await ada.command("/owroute record OW-1", "ml-lab")
        await until(lambda: not up.bot.is_running)
        await up.workspace.chores.settle()
        assert len(posted(up, ada)) == (point == "upload.after_complete")
        await alive_again(up)
        await up.workspace.advance(LEASE + timedelta(seconds=5))
        await until(lambda: bool(posted(up, ada)))
        await up.workspace.advance(LEASE + timedelta(seconds=5))
        assert len(posted(up, ada)) == 1


@pytest.mark.timeout(180)
@pytest.mark.parametrize("point", HANDED_POINTS)
async def test_what_is_asked_for_comes_once_whenever_the_bot_dies(
    point: str, tmp_path: Path
) -> None:
    async with dying_at(point, tmp_path) as (up, ada):
        await ada.command("/owroute record OW-1", "ml-lab")
        await until(lambda: not up.bot.is_running)
        assert not posted(up, ada)
        await alive_again(up)
        if point == "handed.before_commit":  # Slack said that it failed, so she asks again
            await ada.command("/owroute record OW-1", "ml-lab")
        await until(lambda: bool(posted(up, ada)))
        await ada.command("/owroute record OW-1", "ml-lab")
        await until(lambda: any("Nothing has changed" in w.text for w in ada.whispers("ml-lab")))
        assert len(posted(up, ada)) == 1
