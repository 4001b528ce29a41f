"""`/owroute settings`: who may change a channel, what it says, and what follows."""

from datetime import time, timedelta
from decimal import Decimal

from sqlalchemy import select

from bot.domain.watch import Watching
from sandbox.seen import Modal, Shown, words_of
from storage.tables import audit
from tests.e2e.test_reminders import reminders, running, settings, watched
from tests.harness.gpus import team
from tests.harness.stories import Story


async def test_an_admin_changes_a_channel_and_it_says_so(story: Story) -> None:
    grace = story.person("grace")
    await grace.command("/owroute settings")
    form = grace.modal
    assert form.title == "Channel settings"
    assert form.value("Time zone") == "America/New_York", "her own: nothing was set yet"
    assert form.value("Reminders of missing evidence") == "Every day"
    assert form.value("On weekends too") == "No"
    assert form.value("Hour of reminders") == "10:00"
    await form.fill(
        {
            "Language of the cards": "简体中文",
            "Time zone": " asia/shanghai ",
            "Hour of reminders": "09:00",
            "Reminders of missing evidence": "Every second day",
        }
    )
    assert (await form.submit()).ok
    line = story.person("ada").last("ml-lab").text
    assert "更改了本频道的设置" in line
    assert "`UTC` → `Asia/Shanghai`" in line
    assert "10:00 → 09:00" in line
    async with story.runtime.store.engine.connect() as connection:
        [row] = (
            await connection.execute(select(audit).where(audit.c.action == "channel.settings"))
        ).all()
    assert row.actor == grace.user
    assert '"tz": "UTC"' in row.before
    assert '"tz": "Asia/Shanghai"' in row.after
    await grace.command("/owroute settings")
    assert grace.modal.value("Time zone") == "Asia/Shanghai"


async def test_saving_what_is_there_says_nothing(story: Story) -> None:
    await settings(story, {"Time zone": "Europe/Berlin"})
    before = len(story.said())
    await settings(story, {})
    assert len(story.said()) == before


async def test_a_zone_that_does_not_exist_is_answered_beside_its_field(story: Story) -> None:
    grace = story.person("grace")
    await grace.command("/owroute settings")
    await grace.modal.fill({"Time zone": "Berlin <!channel>", "On weekends too": "Yes"})
    assert not (await grace.modal.submit()).ok
    assert "Europe/Berlin" in grace.modal.errors["Time zone"]
    assert "Berlin <!channel>" in grace.modal.errors["Time zone"]
    assert grace.modal.value("On weekends too") == "Yes"
    await grace.modal.fill({"Time zone": "Europe/Berlin"})
    assert (await grace.modal.submit()).ok


async def test_who_does_not_lead_is_told_whom_to_ask(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute settings")
    assert not ada.stack
    assert "Nobody leads this channel. To change it, ask an admin" in ada.whispers()[-1].text
    await settings(story, {"Lead of the channel": story.person("lin").user})
    await ada.command("/owroute settings")
    assert not ada.stack
    said = ada.whispers()[-1].text
    assert f"ask <@{story.person('lin').user}>, who leads this channel, or an admin" in said
    assert "Hour of reminders: 10:00" in said, "what holds is there to be read"


async def test_a_lead_changes_the_channel_but_not_who_leads_it(story: Story) -> None:
    lin = story.person("lin")
    await settings(story, {"Lead of the channel": lin.user})
    await lin.command("/owroute settings")
    assert "频道负责人" not in lin.modal.labels
    await lin.modal.fill({"时区": "Asia/Tokyo"})
    assert (await lin.modal.submit()).ok
    assert "Asia/Tokyo" in lin.last("ml-lab").text


async def test_a_lead_who_lost_the_channel_meanwhile_cannot_save(story: Story) -> None:
    lin, grace = story.person("lin"), story.person("grace")
    await settings(story, {"Lead of the channel": lin.user})
    await lin.command("/owroute settings")
    await settings(story, {"Lead of the channel": grace.user})
    before = len(story.said())
    assert not (await lin.modal.submit()).ok
    assert len(story.said()) == before


async def test_one_who_cannot_lead_is_answered_beside_the_field(story: Story) -> None:
    grace = story.person("grace")
    await grace.command("/owroute settings")
    await grace.modal.fill({"Lead of the channel": story.workspace.app.bot_user_id})
    assert not (await grace.modal.submit()).ok
    assert "cannot lead" in grace.modal.errors["Lead of the channel"]


async def test_a_direct_message_is_led_by_the_person(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute settings", "dm")
    await ada.modal.fill({"Hour of reminders": "14:00"})
    assert (await ada.modal.submit()).ok
    assert "10:00 → 14:00" in ada.last("dm").text


async def test_an_hour_that_is_moved_moves_the_next_reminder(story: Story) -> None:
    await running(story)
    assert await watched(story, zone="Europe/London", days=1.1) == ["Tue 10:00"]
    await settings(story, {"Hour of reminders": "15:00"})
    assert await watched(story, zone="Europe/London", days=1.3) == ["Wed 15:00"]
    await settings(story, {"Hour of reminders": "10:00"})
    assert await watched(story, zone="Europe/London", days=1) == ["Thu 10:00"]


async def test_weekends_and_every_fourth_hour_are_a_setting(story: Story) -> None:
    await running(story)
    await settings(
        story, {"Reminders of missing evidence": "Every 4 hours", "On weekends too": "Yes"}
    )
    told = await watched(story, zone="Europe/London", days=6)
    assert told[:4] == ["Tue 12:00", "Tue 16:00", "Tue 20:00", "Wed 08:00"]
    assert [t for t in told if t.startswith("Sat")] == [
        f"Sat {hour}" for hour in ("08:00", "12:00", "16:00", "20:00")
    ]
    assert len(reminders(story)) == 1


BUDGET, SPENT = "GPU budget a month, in USD", "When the budget is spent"


async def test_a_channels_budget_is_set_shown_and_removed(story: Story) -> None:
    lin = story.person("lin")
    await settings(story, {"Lead of the channel": lin.user})
    stops = "Stop what runs, and tell its owners"
    await settings(story, {BUDGET: " 49.90 ", SPENT: stops})
    line = story.person("ada").last("ml-lab").text
    assert "GPU budget a month, in USD: none → 49.90 USD a month" in line
    assert stops in line
    await story.person("ada").command("/owroute settings")
    assert "49.90 USD a month" in story.person("ada").whispers()[-1].text
    await settings(story, {BUDGET: ""})
    assert "49.90 USD a month → none" in story.person("ada").last("ml-lab").text
    async with story.runtime.store(read_only=True) as uow:
        assert await uow.watch.budgets(team(story)) == []


async def test_an_amount_that_is_none_is_answered_beside_its_field(story: Story) -> None:
    grace = story.person("grace")
    await grace.command("/owroute settings")
    await grace.modal.fill({BUDGET: "1,5", "On weekends too": "Yes"})
    assert not (await grace.modal.submit()).ok
    assert "I cannot read" in grace.modal.errors[BUDGET]
    assert grace.modal.value("On weekends too") == "Yes"


async def hold_ends_and_begins(form: Modal) -> None:
    """At once, and what was typed in the form stays."""
    await form.press("End hold")
    assert "owroute may stop GPUs" in form.text
    assert form.value(BUDGET) == "500"
    await form.press("Hold", confirmed=True)
    assert "On hold" in form.text
    assert "Put on hold by <@U0GRACE001>" in form.text


async def test_an_admin_sets_what_holds_for_all_gpus(story: Story) -> None:
    grace, ada = story.person("grace"), story.person("ada")
    async with story.runtime.store() as uow:
        await uow.watch.put(Watching(team(story), hold=True))
        await uow.commit()
    await grace.command("/owroute settings workspace")
    form = grace.modal
    assert form.title == "Workspace settings"
    assert form.value("Default stop of GPUs without a plan") == "Off"
    await form.fill(
        {
            "Ops channel": ada.channel("course-team").id,
            BUDGET: "500",
            "Who may press Stop now": "All members, never guests",
            "Default stop of GPUs without a plan": "20:00",
        }
    )
    await hold_ends_and_begins(form)
    assert (await form.submit()).ok
    await story.advance(seconds=5, step=timedelta(seconds=5))
    line = ada.last("course-team").text
    assert "GPU budget a month, in USD: none → 500 USD a month" in line
    assert "Default stop of GPUs without a plan: Off → 20:00" in line
    async with story.runtime.store(read_only=True) as uow:
        kept = await uow.watch.settings(team(story))
        [budget] = await uow.watch.budgets(team(story))
    assert (kept.hold, kept.members_stop, kept.default_stop) == (True, True, time(20))
    assert (budget.cap, budget.stops, budget.set_by) == (Decimal(500), False, grace.user)
    before = len(story.said())
    await grace.command("/owroute settings workspace")
    assert grace.modal.value(BUDGET) == "500"
    assert (await grace.modal.submit()).ok
    assert len(story.said()) == before, "the same again says nothing"


async def test_the_workspaces_settings_are_an_admins(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute settings workspace")
    assert not ada.stack
    assert "Only an admin of this workspace" in ada.whispers()[-1].text


async def test_what_new_plans_begin_with_is_a_setting_of_channel_and_workspace(
    story: Story,
) -> None:
    grace, ada = story.person("grace"), story.person("ada")
    await grace.command("/owroute settings workspace")
    await grace.modal.press("What new plans begin with")
    await grace.modal.fill({"Privacy": "Internal", REGION: "eu-west"})
    assert (await grace.modal.submit()).ok
    assert "Saved:\n• Privacy: No default → Internal" in grace.modal.text, "no ops channel has it"
    await grace.modal.close()
    assert grace.modal.title == "Workspace settings", "the form below is still there"
    await grace.command("/owroute settings")
    await grace.modal.press("What new plans begin with")
    form = grace.modal
    assert form.value("Privacy") == "The workspace's: Internal"
    await form.fill({"Privacy": "Private documents", HOURLY: "cheap"})
    assert not (await form.submit()).ok
    assert form.errors.keys() == {HOURLY}
    await form.fill({HOURLY: "2.50"})
    assert (await form.submit()).ok
    line = ada.last("ml-lab").text
    assert "Privacy: No default → Private documents" in line
    await ada.command("/owroute plan")
    assert ada.modal.value("Privacy") == "Private documents"
    assert "eu-west" in ada.modal.text
    assert "2.50" in ada.modal.text
    await ada.command("/owroute plan", "course-team")
    assert ada.modal.value("Privacy") == "Internal"


REGION, HOURLY = "Region", "USD per hour, at most"


def words(shown: Shown) -> str:
    return "\n".join(words_of(shown.message.blocks))


async def test_a_person_sets_nights_and_is_named_without_a_mention(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute settings")
    await ada.whispers()[-1].click("My settings")
    form = ada.modal
    assert form.title == "My settings"
    await form.fill({"Time zone": "Atlantis", "Mentions in evidence reminders": "Muted"})
    assert not (await form.submit()).ok
    assert "Europe/Berlin" in form.errors["Time zone"]
    await form.fill({"Time zone": "", "Quiet from": "19:00", "Quiet until": "09:00"})
    assert (await form.submit()).ok
    assert "Quiet hours: As everybody here → 19:00–09:00" in ada.modal.text, "nobody else is told"
    await ada.command("/owroute settings me")
    assert ada.modal.value("Quiet hours") == "The hours below"
    await running(story)
    assert await watched(story, zone="Europe/London", days=1.1) == ["Tue 10:00"]
    [reminder] = reminders(story)
    assert f"<@{ada.user}>" not in words(reminder)
    assert "ada: model card" in words(reminder)
