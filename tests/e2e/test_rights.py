"""Who is answered, and with what: guests, people Slack says nothing about, buttons of old cards."""

from collections.abc import Awaitable, Callable

import pytest

from sandbox.faults import Fault, FaultKind
from tests.e2e.cards import COURSE, LAPTOP
from tests.harness.stories import Hands, Story

MEMBERS_ONLY = "Only full members of this workspace"


@pytest.mark.parametrize("command", ["", "status", "lesson"])
async def test_a_guest_sees_no_experiments(story: Story, command: str) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    await ada.plan(LAPTOP)
    story.workspace.change_person(lin.user, is_restricted=True, locale="en-US")
    await lin.command(f"/owroute {command}".strip())
    said = lin.whispers()[-1].text
    assert MEMBERS_ONLY in said
    assert "OW-1" not in said


async def test_a_guest_who_is_known_gets_no_card_to_fill_in(story: Story) -> None:
    lin = story.person("lin")
    story.workspace.change_person(lin.user, is_restricted=True, locale="en-US")
    await lin.command("/owroute status")
    await lin.command("/owroute plan")
    assert not lin.stack
    assert MEMBERS_ONLY in lin.whispers()[-1].text


async def test_a_guests_home_says_why_it_is_empty(story: Story) -> None:
    lin = story.person("lin")
    story.workspace.change_person(lin.user, is_restricted=True, locale="en-US")
    await lin.open_home()
    assert MEMBERS_ONLY in lin.home.text


async def test_a_guest_cannot_open_the_inputs_of_a_card(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    await ada.plan(COURSE)
    story.workspace.change_person(lin.user, is_restricted=True, locale="en-US")
    await lin.last("ml-lab").click("Fix")
    assert not lin.stack
    assert MEMBERS_ONLY in lin.whispers()[-1].text


async def test_while_slack_is_silent_a_member_is_not_called_a_guest(story: Story) -> None:
    ada = story.person("ada")
    fault = story.workspace.faults.add(Fault(FaultKind.SERVER_ERROR, "users.info"))
    await ada.command("/owroute plan")
    await ada.modal.fill(LAPTOP)
    await ada.modal.submit()
    assert "Slack does not say just now who you are" in str(ada.modal.errors)
    story.workspace.faults.remove(fault)
    await story.advance(minutes=1)
    await ada.modal.submit()
    assert len(ada.cards("ml-lab")) == 1


async def test_an_owner_slack_says_nothing_about_is_accepted(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    await ada.command("/owroute status")
    story.workspace.faults.add(Fault(FaultKind.SERVER_ERROR, "users.info"))
    await ada.command("/owroute plan")
    await ada.modal.fill(LAPTOP)
    await ada.modal.press("More constraints")
    await ada.modal.put("Owner", lin.user)
    await ada.modal.submit()
    assert lin.user in str(ada.last("ml-lab").message.blocks)


async def test_words_may_be_parted_by_any_white_space(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan\ntask=chatbot")
    assert ada.modal.value("Task") == "chatbot"


async def _archive(hands: Hands) -> None:
    await hands.last("ml-lab").choose("Archive")


async def _change_owner(hands: Hands) -> None:
    await hands.last("ml-lab").choose("Change owner")


@pytest.mark.parametrize("act", [_archive, _change_owner])
async def test_a_menu_of_an_older_revision_changes_nothing(
    story: Story, act: Callable[[Hands], Awaitable[None]]
) -> None:
    ada = story.person("ada")
    card = await ada.plan(COURSE)
    story.workspace.faults.add(Fault(FaultKind.TOO_MANY, "chat.update", retry_after="30", times=1))
    await card.click("Fix")
    await ada.modal.submit()  # re-planned, but Slack still shows the card of before
    await act(ada)
    assert not ada.stack
    assert "OW-1 was changed after you opened this" in ada.whispers()[-1].text
    await story.advance(minutes=2)
    assert "Archived" not in card.now().text


async def test_somebody_slack_does_not_know_cannot_own(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute status")  # ada is known before Slack forgets everybody
    await ada.command("/owroute plan")
    await ada.modal.fill(LAPTOP)
    await ada.modal.press("More constraints")
    await ada.modal.put("Owner", story.person("lin").user)
    fault = Fault(FaultKind.ERROR, "users.info", error="user_not_found")
    story.workspace.faults.add(fault)
    await ada.modal.submit()
    assert "Owner" in ada.modal.errors


async def test_a_fix_is_refused_when_it_is_pressed_not_when_it_is_filled_in(story: Story) -> None:
    await story.person("ada").plan(COURSE)
    lin = story.person("lin")
    await lin.last("ml-lab").click("Fix")
    assert not lin.stack
    assert "OW-1" in lin.whispers()[-1].text
