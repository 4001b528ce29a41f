"""Who did what, as admins read it; and providers that nobody knows, in a form of settings."""

import asyncio
from copy import deepcopy
from pathlib import Path

from sandbox.faults import Fault, FaultKind
from sandbox.seen import words_of
from tests.e2e.test_reminders import settings
from tests.harness.stories import Story, a_story

DEFAULTS = "What new plans begin with"


async def test_a_provider_that_nobody_knows_is_answered_beside_its_field(story: Story) -> None:
    grace, providers = story.person("grace"), "Providers allowed"
    await grace.command("/owroute settings")
    await grace.modal.press("What new plans begin with")
    form = grace.modal
    assert "Known: aws, azure" in form.text
    await form.fill({providers: "runpodd, aws"})
    assert not (await form.submit()).ok
    assert "Did you mean runpod?" in form.errors[providers]
    await form.fill({providers: "our-own"})
    assert not (await form.submit()).ok
    assert "nothing could be rented there. Known: aws, azure" in form.errors[providers]
    await form.fill({providers: "RunPod, aws", "Budget": "Large", "USD per month, at most": "800"})
    assert (await form.submit()).ok
    assert "USD per month, at most: No default → `800`" in grace.last("ml-lab").text


async def test_an_engine_that_says_nothing_is_asked_only_of_providers_that_were_typed(
    tmp_path: Path,
) -> None:
    asked: list[bytes] = []

    async def hung_up(reads: asyncio.StreamReader, writes: asyncio.StreamWriter) -> None:
        asked.append(await reads.readline())
        writes.close()

    async with (
        await asyncio.start_server(hung_up, "127.0.0.1", 0) as server,
        a_story(tmp_path, engine=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as story,
    ):
        grace = story.person("grace")
        for place in ("", " workspace"):
            await grace.command(f"/owroute settings{place}")
            story.workspace.faults.add(Fault(FaultKind.ERROR, "views.push", times=1))
            await grace.modal.press(DEFAULTS)
            assert "Nothing was changed: please try once more" in grace.modal.text
            await grace.modal.press(DEFAULTS)
            form = grace.modal
            assert form.title == "New plans begin with"
            await form.fill({"Budget": "Small"})
            asked.clear()
            assert (await form.submit()).ok
            assert asked == []


async def test_what_is_saved_already_is_not_said_to_be_nothing(story: Story) -> None:
    grace = story.person("grace")
    for words, field, value in (
        ("me", "Time zone", "Europe/Berlin"),
        ("workspace", "Admins of owroute", story.person("ada").user),
    ):
        await grace.command(f"/owroute settings {words}")
        await grace.modal.fill({field: value})
        form = deepcopy(grace.modal.view)
        assert (await grace.modal.submit()).ok
        assert "Saved:" in grace.modal.text
        story.workspace.views._stacks[grace.user] = [form]  # as if the answer had been lost
        assert (await grace.submit(form.id)).ok
        assert "This was saved already." in grace.modal.text
        await grace.modal.close()


async def test_an_admin_names_another_and_the_audit_says_so(story: Story) -> None:
    grace, ada = story.person("grace"), story.person("ada")
    await ada.command("/owroute audit")
    assert "Only an admin" in ada.whispers()[-1].text
    await grace.command("/owroute settings workspace")
    await grace.modal.fill({"Admins of owroute": ada.user})
    assert (await grace.modal.submit()).ok
    assert f"Saved:\n• Admins of owroute: none → <@{ada.user}>" in grace.modal.text
    await ada.command("/owroute settings workspace")
    await ada.modal.press("Prices of GPUs")
    await ada.modal.fill({"GPU": "H100 SXM", "USD an hour for one GPU": "0.000001"})
    assert (await ada.modal.submit()).ok
    assert "0.000001 USD/h" in ada.modal.text, "the list stays open and shows it"
    for _ in range(20):
        await settings(story, {"On weekends too": "Yes"})
        await settings(story, {"On weekends too": "No"})
    await ada.command("/owroute audit")
    said = "\n".join(words_of(ada.whispers()[-1].message.blocks))
    assert "changed the settings of <#" in said
    assert "On weekends too: Yes → No" in said
    assert "set the price" not in said
    for _ in range(2):
        await ada.whispers()[-1].click("Older")
    said = "\n".join(words_of(ada.whispers()[-1].message.blocks))
    assert "set the price of `H100 SXM` at RunPod\n• 0.000001 USD an hour" in said
    assert f"<@{ada.user}> was refused, for lack of rights" in said
    assert f"Admins of owroute: none → <@{ada.user}>" in said
    assert "Older" not in said
