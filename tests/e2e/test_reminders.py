"""Evidence reminders: one message per channel and cadence, at the hours that the settings say."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.delivery import LEASE
from sandbox.faults import Fault, FaultKind
from sandbox.seen import Shown
from tests.e2e.cards import LAPTOP
from tests.harness.evidence import give
from tests.harness.stores import KINDS, database_url
from tests.harness.stories import Hands, Story, a_story

HOUR = timedelta(hours=1)
MISSES = "still miss"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
AT_ONCE = {"OWROUTE_EVIDENCE_REMIND_AFTER": "PT0M"}
Told = list[str]


def reminders(story: Story, channel: str = "ml-lab") -> list[Shown]:
    """The reminders that stand in a channel."""
    return [card for card in story.person("ada").cards(channel) if MISSES in card.text]


def the_reminder(story: Story) -> Shown:
    [standing] = reminders(story)
    return standing


async def running(story: Story, name: str = "ada", channel: str = "ml-lab") -> Shown:
    """A plan on a laptop that somebody has started."""
    person = story.person(name)
    card = await person.plan(LAPTOP, channel=channel) if name != "lin" else await chinese(person)
    await card.click(card.primary[0])
    await story.advance(seconds=10, step=timedelta(seconds=5))
    return card


async def chinese(lin: Hands) -> Shown:
    """Lin's Slack shows the form in Chinese; what she gets filled in will do."""
    await lin.command(
        "/owroute plan task='a small task' privacy=public available_route=local_cpu"
        " needs_service_api=no needs_fine_tuning=no budget_level=zero"
    )
    assert (await lin.modal.submit()).ok
    return lin.last("ml-lab")


async def watched(story: Story, *, zone: str, days: float, step: timedelta = HOUR) -> Told:
    """When new reminders came, by the wall clock of a zone; never more than one stands."""
    seen = {r.message.ts for r in reminders(story)}
    told: Told = []
    left = timedelta(days=days)
    while left > timedelta(0):
        await story.advance(step=step, seconds=step.total_seconds())
        left -= step
        standing = reminders(story)
        assert len(standing) <= 1, "exactly one may stand"
        for new in (r for r in standing if r.message.ts not in seen):
            seen.add(new.message.ts)
            told.append(f"{story.clock.now().astimezone(ZoneInfo(zone)):%a %H:%M}")
    return told


async def until(story: Story, *moment: int) -> None:
    """Time passes with the bot down: nothing ticks."""
    target = datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]  # a date and a time of day
    await story.workspace.advance(target - story.clock.now())


async def settings(story: Story, fields: Mapping[str, str], name: str = "grace") -> None:
    person = story.person(name)
    await person.command("/owroute settings")
    await person.modal.fill(fields)
    outcome = await person.modal.submit()
    assert outcome.ok, person.modal.errors
    await story.advance(seconds=5, step=timedelta(seconds=5))


async def test_a_week_of_reminders_comes_on_weekdays_at_ten(story: Story) -> None:
    await running(story)
    told = await watched(story, zone="Europe/London", days=8)
    assert told == [f"{day} 10:00" for day in (*WEEKDAYS[1:], "Mon")]


@pytest.mark.parametrize(
    ("zone", "friday"),
    [
        ("Europe/Berlin", (2027, 3, 26)),
        ("America/New_York", (2027, 3, 12)),
        ("Australia/Lord_Howe", (2027, 4, 2)),
    ],
)
async def test_ten_stays_ten_across_a_clock_change(
    zone: str, friday: tuple[int, int, int], tmp_path: Path
) -> None:
    async with a_story(tmp_path, more=AT_ONCE) as story:
        await until(story, *friday, 5)
        await story.tick()
        await settings(story, {"Time zone": zone, "On weekends too": "Yes"})
        await running(story)
        await until(story, *friday, 12)
        told = await watched(story, zone=zone, days=4, step=timedelta(minutes=30))
    days = [t for t in told if not t.startswith("Fri")]
    assert days == [f"{day} 10:00" for day in ("Sat", "Sun", "Mon", "Tue")][: len(days)]
    assert len(days) >= 3


async def test_three_days_down_are_made_up_for_by_one_reminder(story: Story) -> None:
    await running(story)
    assert await watched(story, zone="UTC", days=1.5) == ["Tue 10:00"]
    await story.stop()
    await until(story, 2026, 11, 27, 11)
    await story.start()
    assert len(reminders(story)) == 1
    assert await watched(story, zone="UTC", days=4) == ["Mon 10:00", "Tue 10:00"]
    posted = [
        e for e in story.workspace.inspector.entries if e.method_or_type == "chat.postMessage"
    ]
    texts = [str(e) for e in posted if MISSES in str(e)]
    assert len(texts) == 4, "Tuesday, one for the days without, Monday, Tuesday"


async def test_what_fell_due_while_down_waits_for_the_morning(story: Story) -> None:
    await running(story)
    await story.stop()
    await until(story, 2026, 11, 24, 23)
    await story.start()
    assert not reminders(story)
    assert await watched(story, zone="UTC", days=1) == ["Wed 10:00"]


async def test_every_four_hours_keeps_out_of_the_night(tmp_path: Path) -> None:
    every = AT_ONCE | {"OWROUTE_EVIDENCE_REMIND_EVERY": "PT4H"}
    async with a_story(tmp_path, more=every) as story:
        await running(story)
        told = await watched(story, zone="UTC", days=2)
    hours = ("08:00", "12:00", "16:00", "20:00")
    assert told == [
        "Mon 12:00",
        "Mon 16:00",
        "Mon 20:00",
        *(f"Tue {h}" for h in hours),
        "Wed 08:00",
    ]


async def test_a_snooze_ends_by_itself_and_a_mute_does_not(story: Story) -> None:
    await running(story)
    await watched(story, zone="UTC", days=1.1)
    await the_reminder(story).choose("Snooze until tomorrow 9:00")
    await story.advance(seconds=5)
    [quiet] = [c for c in story.person("ada").cards("ml-lab") if "snoozed until" in c.text]
    assert re.search(r"is snoozed until \w{3} \d+ Nov 9:00 \(\w+\)\.", quiet.text), quiet.text
    assert not reminders(story)
    assert await watched(story, zone="UTC", days=1) == ["Wed 10:00"]
    with pytest.raises(AssertionError, match="deleted"):
        quiet.now()
    await the_reminder(story).choose("Mute this experiment")
    assert await watched(story, zone="UTC", days=3) == []
    [muted] = [c for c in story.person("ada").cards("ml-lab") if "is muted" in c.text]
    await muted.choose("Unmute this experiment")
    await story.advance(seconds=5)
    assert "OW-1" in the_reminder(story).text, "an edit: the next one comes in its time"
    assert await watched(story, zone="UTC", days=2) == ["Mon 10:00"]


async def test_a_week_of_snooze_is_a_week(story: Story) -> None:
    await running(story)
    await watched(story, zone="UTC", days=1.1)
    await the_reminder(story).choose("Snooze for a week")
    await story.advance(seconds=5)
    assert await watched(story, zone="UTC", days=7) == ["Tue 10:00"]


async def test_only_who_may_steer_it_can_snooze(story: Story) -> None:
    await running(story)
    await watched(story, zone="UTC", days=1.1)
    before = the_reminder(story).message
    [lins] = [c for c in story.person("lin").cards("ml-lab") if MISSES in c.text]
    await lins.choose("Mute this experiment")
    await story.advance(seconds=5)
    assert the_reminder(story).message == before
    assert "负责人" in story.person("lin").whispers()[-1].text


async def test_the_lead_is_named_after_three(story: Story) -> None:
    await settings(story, {"Time zone": "utc", "Lead of the channel": story.person("lin").user})
    await running(story)
    await watched(story, zone="UTC", days=0.2)
    named = []
    for _ in WEEKDAYS[1:]:
        assert len(await watched(story, zone="UTC", days=1)) == 1
        named.append("you lead" in the_reminder(story).text)
    assert named == [False, False, False, True]
    assert story.person("lin").user in the_reminder(story).message.text


async def test_it_is_edited_when_something_is_attached_and_goes_when_nothing_is_missing(
    story: Story,
) -> None:
    await running(story)
    await watched(story, zone="UTC", days=1.1)
    said = the_reminder(story)
    assert "first prompt and output" in said.text
    await give(story, but=["no_leak_note"])
    assert "first prompt and output" not in said.now().text
    assert "leak" in said.now().text
    await give(story)
    assert not reminders(story)
    assert await watched(story, zone="UTC", days=3) == []


async def test_two_owners_share_one_reminder(story: Story) -> None:
    await running(story)
    await running(story, "lin")
    await watched(story, zone="UTC", days=1.1)
    said = the_reminder(story).message.text
    ada, lin = story.person("ada").user, story.person("lin").user
    assert f"<@{ada}>" in said
    assert f"<@{lin}>" in said
    await give(story, number=2)
    assert f"<@{lin}>" not in the_reminder(story).message.text


async def test_a_channel_keeps_the_zone_of_its_first_owner(story: Story) -> None:
    await running(story, "lin")
    await running(story)
    hours = 0
    while not [c for c in story.person("ada").cards("ml-lab") if "还缺少证据" in c.text]:
        await story.advance(step=HOUR, hours=1)
        hours += 1
        assert hours < 48
    assert f"{story.clock.now():%a %H:%M}" == "Wed 02:00", "ten in Shanghai, a day after the start"


async def test_a_muted_channel_is_silent_and_speaks_again_when_asked(story: Story) -> None:
    await running(story)
    await watched(story, zone="UTC", days=1.1)
    await settings(story, {"Mute reminders": "Yes"})
    assert not reminders(story)
    assert await watched(story, zone="UTC", days=2) == []
    await settings(story, {"Mute reminders": "No", "Hour of reminders": "15:00"})
    assert await watched(story, zone="UTC", days=3.5) == ["Thu 15:00", "Fri 15:00"]


async def test_a_channel_that_was_archived_sends_it_to_the_first_owner(story: Story) -> None:
    await running(story)
    ada = story.person("ada")
    story.workspace.conversations.archive(ada.channel("ml-lab").id)
    await story.advance(days=1.1, step=HOUR)
    assert "archived" in ada.last("dm").text
    await story.advance(days=1, step=HOUR)
    assert len([c for c in ada.cards("dm") if MISSES in c.text]) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_dying_between_post_and_delete_leaves_one(kind: str, tmp_path: Path) -> None:
    async with database_url(kind, tmp_path) as url, a_story(tmp_path, database_url=url) as story:
        await running(story)
        assert await watched(story, zone="UTC", days=1.5) == ["Tue 10:00"]
        first = the_reminder(story)
        await story.workspace.advance(timedelta(hours=13))
        story.workspace.faults.add(Fault(FaultKind.SERVER_ERROR, "chat.delete"))
        await story.tick()
        assert len(reminders(story)) == 2, "posted, and the older one still stands"
        await story.stop()
        story.workspace.faults.clear()
        await story.workspace.advance(LEASE)
        await story.start()
        assert the_reminder(story).message.ts != first.message.ts
        assert await watched(story, zone="UTC", days=0.5) == []
