"""owroute comes into a channel: one message, a lead, and a way to quiet it."""

from pathlib import Path

from tests.harness.stories import Story, a_story

JOINS = ("channels:read", "groups:read")


async def test_who_brings_it_in_leads_the_channel_and_can_mute_it_at_once(tmp_path: Path) -> None:
    async with a_story(tmp_path, optional=JOINS) as story:
        ada, lin = story.person("ada"), story.person("lin")
        room = ada.channel("general").id
        bot = story.workspace.app.bot_user_id
        story.workspace.events.copies = 2
        await ada.actor.invite(room, bot)
        await story.settle()
        [greeting] = ada.cards("general")
        assert f"<@{ada.user}> added owroute to this channel" in greeting.text
        assert greeting.buttons == ["Plan", "Settings", "Mute reminders and digests", "Help"]
        await lin.cards("general")[-1].click("Mute reminders and digests")
        assert "负责人" in lin.whispers("general")[-1].text, "she does not lead it"
        await greeting.click("Mute reminders and digests")
        await greeting.click("Mute reminders and digests")
        said = ada.last("general").text
        assert "Mute reminders: No → Yes" in said
        assert "Weekly digest: In weeks in which something happened → Paused" in said
        await ada.actor.kick(room, bot)
        await ada.actor.invite(room, bot)
        await ada.actor.archive(room)
        await ada.actor.archive(room, is_archived=False)
        await story.settle()
        assert len(ada.cards("general")) == 2, "nothing is said twice"


async def test_without_the_permission_nothing_is_heard_and_nothing_said(story: Story) -> None:
    ada = story.person("ada")
    await ada.actor.kick(ada.channel("ml-lab").id, story.workspace.app.bot_user_id)
    await ada.actor.invite(ada.channel("ml-lab").id, story.workspace.app.bot_user_id)
    await story.settle()
    assert ada.cards("ml-lab") == []
