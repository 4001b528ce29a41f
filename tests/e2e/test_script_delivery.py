"""The capture script in an experiment's thread: asked for by a button, there once."""

from datetime import timedelta
from pathlib import Path

import pytest

from capture import NAME, script
from sandbox.faults import Fault, FaultKind
from tests.e2e.cards import LAPTOP
from tests.e2e.delivered import alive_again, dying_at, file_of, posted, shared, uploads
from tests.e2e.evidencing import PUBLIC_LAPTOP
from tests.e2e.test_crashes import until
from tests.harness.evidence import give
from tests.harness.stories import Hands, Story

BUTTON = "Put the script into the thread"
COMPLETE = "files.completeUploadExternal"


async def offered(
    by: Hands, label: str = "OW-1", channel: str = "ml-lab", button: str = "Capture command"
) -> None:
    """Ask for the capture command, the newest thing said to this person."""
    await by.command(f"/owroute evidence {label}", channel)
    await by.whispers(channel)[-1].click(button)


async def pressed(story: Story, by: Hands, channel: str = "ml-lab") -> str:
    """Press the button; where it says the script is."""
    await offered(by, channel=channel)
    await by.whispers(channel)[-1].click(BUTTON)
    await shared(story)
    return by.whispers(channel)[-1].text


@pytest.mark.parametrize("card", [PUBLIC_LAPTOP, LAPTOP], ids=["public", "private"])
async def test_the_script_is_in_the_thread_byte_for_byte(
    story: Story, card: dict[str, str]
) -> None:
    ada, grace = story.person("ada"), story.person("grace")
    await ada.plan(card)
    said = await pressed(story, grace)  # no owner and no lead: any full member may
    place = ada.channel("ml-lab").id
    assert f"{NAME}` is being put into the thread of the card of OW-1 in <#{place}>" in said
    (posted,) = uploads(story, ada)
    found = file_of(story, posted, NAME)
    assert (found.name, (found.content or b"").decode()) == (NAME, script())
    assert "Capture command" in posted.text


async def test_it_is_there_once_however_often_it_is_asked_for(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    await ada.plan(PUBLIC_LAPTOP)
    await pressed(story, ada)
    assert "is there already" in await pressed(story, ada)
    await offered(lin, button="采集命令")
    await lin.whispers()[-1].click("把脚本放入消息列")
    assert "已经在" in lin.whispers()[-1].text
    await story.restart()
    assert "is there already" in await pressed(story, ada)
    assert len(uploads(story, ada)) == 1


async def test_each_experiment_has_its_own(story: Story) -> None:
    ada = story.person("ada")
    first = await ada.plan(PUBLIC_LAPTOP)
    await pressed(story, ada)
    second = await ada.plan(PUBLIC_LAPTOP)
    await offered(ada, "OW-2")
    await ada.whispers()[-1].click(BUTTON)
    await shared(story)
    assert "of OW-2" in ada.whispers()[-1].text
    threads = [m.thread_ts for m in story.said() if m.files]
    assert threads == [first.message.ts, second.message.ts]


async def test_an_upload_that_was_left_open_is_sent_again_when_somebody_asks(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(PUBLIC_LAPTOP)
    story.workspace.faults.add(Fault(FaultKind.ERROR, COMPLETE, error="restricted_action", times=1))
    await pressed(story, ada)
    await story.advance(seconds=30, step=timedelta(seconds=10))
    await shared(story)
    assert not uploads(story, ada)
    assert len(uploads(story, ada, "dm")) == 1, "it goes whole to who asked"
    assert "It is sent once more into the thread" in await pressed(story, ada)
    assert len(uploads(story, ada)) == 1


async def test_below_a_card_in_a_direct_message_that_is_said(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan", "dm")
    await ada.modal.fill(PUBLIC_LAPTOP)
    await ada.modal.submit()
    await shared(story)
    assert "in a direct message with owroute" in await pressed(story, ada, "dm")
    assert len(uploads(story, ada, "dm")) == 1


async def test_who_has_become_a_guest_gets_nothing(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    story.workspace.change_person(lin.user, locale="en-US")
    await ada.plan(PUBLIC_LAPTOP)
    await offered(lin)
    offer = lin.whispers()[-1]
    story.workspace.change_person(lin.user, is_restricted=True, locale="en-US")
    await story.advance(minutes=11)
    await offer.click(BUTTON)
    assert "Only full members" in lin.whispers()[-1].text
    assert not uploads(story, ada)


async def test_for_one_that_is_over_it_is_not_put_anywhere(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(PUBLIC_LAPTOP)
    await offered(ada)
    offer = ada.whispers()[-1]
    await card.now().choose("Archive")
    await offer.click(BUTTON)
    assert "archived" in ada.whispers()[-1].text.lower()
    assert not uploads(story, ada)


async def test_a_replan_to_private_data_takes_records_back_and_not_the_script(
    story: Story,
) -> None:
    ada = story.person("ada")
    card = await ada.plan(PUBLIC_LAPTOP)
    story.workspace.faults.add(
        Fault(FaultKind.TOO_MANY, "files.getUploadURLExternal", retry_after="30", times=1)
    )
    await offered(ada)
    await ada.whispers()[-1].click(BUTTON)
    await shared(story)
    assert not uploads(story, ada)
    await card.now().click("Re-plan")
    await ada.modal.fill({"Privacy": "Private documents"})
    assert (await ada.modal.submit()).ok
    await story.advance(seconds=60, step=timedelta(seconds=20))
    await shared(story)
    (posted,) = uploads(story, ada)
    assert file_of(story, posted, NAME).name == NAME


async def test_below_a_card_that_was_posted_anew_it_comes_again(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(PUBLIC_LAPTOP)
    await pressed(story, ada)
    story.workspace.conversations.remove(card.message.channel, card.message.ts)
    await give(story)
    await story.advance(seconds=10)
    assert ada.last("ml-lab").message.ts != card.message.ts
    assert "is being put into the thread" in await pressed(story, ada)
    assert len(uploads(story, ada)) == 1


@pytest.mark.timeout(180)
async def test_it_comes_though_the_bot_dies_behind_its_answer(tmp_path: Path) -> None:
    async with dying_at("handed.after_ack", tmp_path) as (up, ada):
        await ada.command("/owroute evidence OW-1", "ml-lab")
        await until(lambda: bool(ada.whispers("ml-lab")))
        sheet = ada.whispers("ml-lab")[-1]
        await sheet.click("Capture command")
        await until(lambda: BUTTON in ada.whispers("ml-lab")[-1].buttons)
        await ada.whispers("ml-lab")[-1].click(BUTTON)
        await until(lambda: not up.bot.is_running)
        assert not posted(up, ada)
        await alive_again(up)
        await until(lambda: bool(posted(up, ada)))
        assert len(posted(up, ada)) == 1
