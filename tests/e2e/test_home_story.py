"""App Home: what waits for a person stands first, with the way to it."""

from bot.domain.ids import UserId
from tests.e2e.cards import LAPTOP
from tests.e2e.evidencing import led_by
from tests.harness.evidence import checklist, experiment, give
from tests.harness.stories import Story


async def test_home_says_what_needs_me_and_goes_silent_when_it_is_done(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await ada.open_home()
    assert "Needs you now:" not in ada.home.text, "what was not started needs nobody"
    await card.click("I'm running it")
    await give(story, but=("five_case_eval",))
    await ada.open_home()
    label = (await checklist(story))["five_case_eval"].label
    assert ada.home.text.startswith("Needs you now")
    assert f"1 item is missing:* {label}" in ada.home.text
    await give(story)
    await ada.open_home()
    assert "All evidence is there. Decide what comes of it." in ada.home.text
    await ada.home.press("Decide")
    await ada.modal.fill({"What is decided": "Keep"})
    assert (await ada.modal.submit()).ok
    await ada.open_home()
    assert "Needs you now:" not in ada.home.text


async def test_who_is_asked_for_an_item_finds_it_on_their_home(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    story.workspace.change_person(lin.user, locale="en-US")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await give(story, but=("five_case_eval", "shutdown_command"))
    items = await checklist(story)
    x, asked_of = await experiment(story), UserId(lin.user)
    async with story.runtime.store() as uow:
        asked = [e.assigned(asked_of) if e.item == "five_case_eval" else e for e in items.values()]
        await uow.evidence.replace(x.id, asked)
        await uow.commit()
    await lin.open_home()
    assert f"1 item is missing:* {items['five_case_eval'].label}" in lin.home.text
    assert "You own no open experiment." in lin.home.text
    await ada.open_home()
    assert items["five_case_eval"].label not in ada.home.text


async def test_the_open_button_leads_to_the_checklist(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await ada.open_home()
    await ada.home.press("Open")
    assert "OW-1" in ada.modal.text


async def test_a_bare_command_offers_the_evidence(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(LAPTOP)
    await ada.command("/owroute")
    assert "Evidence" in ada.whispers()[-1].buttons
    await ada.whispers()[-1].click("Evidence")
    assert "OW-1" in ada.whispers()[-1].text


async def test_status_counts_what_waits_and_names_what_was_decided(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await give(story, failed=1)
    await card.now().choose("Decide")
    await ada.modal.fill({"What is decided": "LoRA"})
    assert (await ada.modal.submit()).ok
    await ada.command("/owroute status")
    said = ada.whispers()[-1].text
    assert "Running" in said
    assert "evidence 9/11" in said
    assert "Decided: LoRA" in said


async def test_who_leads_finds_what_others_were_asked_for_in_vain(story: Story) -> None:
    ada = story.person("ada")
    lin = story.person("lin")
    story.workspace.change_person(lin.user, locale="en-US")
    await led_by(story, "lin")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await lin.open_home()
    assert "was asked three times" not in lin.home.text
    await story.advance(days=7)
    assert story.said()[-1].text.count("you lead this channel") == 1
    await lin.open_home()
    assert lin.home.text.startswith("Needs you now: 1\n")
    assert "OW-1" in lin.home.text
    assert f"<@{ada.user}> was asked three times or more" in lin.home.text
    await lin.home.press("Waive")
    assert "OW-1" in lin.modal.text
    await lin.actor.close(lin.stack[-1].id)
    assert "Channels you lead" in lin.home.text
    await lin.home.press("Settings")
    assert lin.modal.title == "Channel settings", "of the channel it stands beside"
