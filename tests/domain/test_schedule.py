"""Slots: at their hour, once per local date, never in the night, whatever the clocks do."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import ChannelId, TeamId
from bot.domain.reminders import ReminderRules
from bot.domain.schedule import (
    DAY,
    Cadence,
    QuietHours,
    Slot,
    WorkHours,
    catch_up,
    last_slot,
    local_to_utc,
    next_slot,
    zone_of,
)
from bot.domain.workspace import Channel

HOUR = timedelta(hours=1)
BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
NIGHT = QuietHours(time(22), time(8))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # a date and a time of day


def slots(start: datetime, cadence: Cadence, count: int) -> list[Slot]:
    found = [next_slot(start, cadence)]
    while len(found) < count:
        found.append(next_slot(found[-1].at, cadence))
    return found


def wall(slot: Slot, zone: str) -> str:
    return f"{slot.at.astimezone(ZoneInfo(zone)):%a %H:%M}"


@pytest.mark.parametrize(
    ("day", "hour", "zone", "instant"),
    [
        (date(2026, 3, 8), time(2, 30), NEW_YORK, utc(2026, 3, 8, 7, 30)),
        (date(2026, 11, 1), time(1, 30), NEW_YORK, utc(2026, 11, 1, 5, 30)),
        (date(2026, 10, 4), time(2, 15), LORD_HOWE, utc(2026, 10, 3, 15, 45)),
        (date(2026, 4, 5), time(1, 45), LORD_HOWE, utc(2026, 4, 4, 14, 45)),
        (date(2026, 3, 29), time(2, 30), BERLIN, utc(2026, 3, 29, 1, 30)),
        (date(2026, 10, 25), time(2, 30), BERLIN, utc(2026, 10, 25, 0, 30)),
    ],
)
def test_a_skipped_hour_moves_forward_and_of_two_the_earlier_counts(
    day: date, hour: time, zone: str, instant: datetime
) -> None:
    assert local_to_utc(day, hour, zone) == instant


@pytest.mark.parametrize("name", ["Europe/Berln", "", "../etc/passwd", "America", "Mars/Base\0"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert zone_of(name).key == "UTC"


@pytest.mark.parametrize(
    ("zone", "friday"),
    [
        (BERLIN, date(2026, 3, 27)),
        (BERLIN, date(2026, 10, 23)),
        (NEW_YORK, date(2026, 3, 6)),
        (NEW_YORK, date(2026, 10, 30)),
        (LORD_HOWE, date(2026, 4, 3)),
        (LORD_HOWE, date(2026, 10, 2)),
    ],
)
def test_weekdays_at_ten_stay_at_ten_across_a_clock_change(zone: str, friday: date) -> None:
    start = local_to_utc(friday, time(), zone)
    found = slots(start, Cadence(zone=zone), 3)
    assert [wall(s, zone) for s in found] == ["Fri 10:00", "Mon 10:00", "Tue 10:00"]
    assert [s.key for s in found] == [
        str(friday),
        str(friday + timedelta(days=3)),
        str(friday + timedelta(days=4)),
    ]


def test_every_second_day_and_every_week() -> None:
    monday = utc(2026, 11, 23, 0)
    second = slots(monday, Cadence(2 * DAY, weekends=True), 4)
    assert [b.at - a.at for a, b in pairwise(second)] == [2 * DAY] * 3
    weekly = slots(monday, Cadence(7 * DAY), 3)
    assert [f"{s.at:%a %d}" for s in weekly] == ["Mon 23", "Mon 30", "Mon 07"]


def test_every_four_hours_keeps_out_of_the_night_and_the_weekend() -> None:
    cadence = Cadence(4 * HOUR, zone=BERLIN, quiet=NIGHT)
    found = slots(utc(2026, 11, 27, 6), cadence, 7)
    assert [wall(s, BERLIN) for s in found] == [
        "Fri 08:00",
        "Fri 09:00",
        "Fri 13:00",
        "Fri 17:00",
        "Fri 21:00",
        "Mon 08:00",
        "Mon 09:00",
    ]


def test_an_hour_within_the_night_is_the_morning() -> None:
    cadence = Cadence(at=time(23, 30), weekends=True, quiet=NIGHT)
    assert [f"{s.at:%d %H:%M}" for s in slots(utc(2026, 11, 23), cadence, 2)] == [
        "23 08:00",
        "24 08:00",
    ]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (utc(2026, 11, 24, 14), utc(2026, 11, 24, 14)),
        (utc(2026, 11, 24, 23), utc(2026, 11, 25, 10)),
        (utc(2026, 11, 25, 8, 30), utc(2026, 11, 25, 10)),
        (utc(2026, 11, 28, 12), utc(2026, 11, 30, 10)),
    ],
)
def test_what_is_late_comes_soon_but_not_just_before_the_next(
    now: datetime, said: datetime
) -> None:
    assert catch_up(now, Cadence(quiet=NIGHT)) == said


zones = st.sampled_from(
    [BERLIN, NEW_YORK, LORD_HOWE, "Asia/Shanghai", "Pacific/Apia", "Africa/Cairo", "nowhere"]
)
hours = st.times().map(lambda t: t.replace(second=0, microsecond=0))
nights = st.none() | st.builds(
    lambda start, length: QuietHours(
        start, (datetime.combine(date(2026, 1, 1), start) + timedelta(minutes=length)).time()
    ),
    hours,
    st.integers(1, 20 * 60),
)
everies = st.one_of(st.integers(60, 1439).map(lambda m: timedelta(minutes=m)),
                    st.integers(1, 14).map(lambda d: timedelta(days=d)))  # fmt: skip
cadences = st.builds(Cadence, everies, hours, zones, st.booleans(), nights)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2031, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone


@given(moments, cadences)
def test_slots_rise_and_keep_out_of_the_night_and_the_weekend(
    start: datetime, cadence: Cadence
) -> None:
    found = slots(start, cadence, 6)
    assert found[0].at > start
    for before, after in pairwise(found):
        assert before.at < after.at
    assert len({s.key for s in found}) == len(found)
    assert all(cadence.is_open(s.at) for s in found)
    if cadence.days:
        zone = zone_of(cadence.zone)
        assert [s.key for s in found] == [str(s.at.astimezone(zone).date()) for s in found]


@given(moments, cadences)
def test_the_last_slot_is_the_one_before_the_next(now: datetime, cadence: Cadence) -> None:
    last, following = last_slot(now, cadence), next_slot(now, cadence)
    assert last.at <= now < following.at
    assert next_slot(last.at, cadence) == following


@given(moments, cadences)
def test_a_slot_has_the_same_name_whenever_it_is_asked_for(now: datetime, cadence: Cadence) -> None:
    slot = next_slot(now, cadence)
    assert last_slot(slot.at, cadence) == slot
    assert next_slot(slot.at - timedelta(seconds=1), cadence) == slot


@given(moments, cadences)
def test_what_is_late_waits_for_an_open_hour(now: datetime, cadence: Cadence) -> None:
    said = catch_up(now, cadence)
    assert said >= now
    assert cadence.is_open(said)


def test_with_working_hours_reminders_come_only_within_them() -> None:
    here = Channel(TeamId("T1"), ChannelId("C1"), tz=BERLIN, hours=WorkHours(time(13), time(15)))
    cadence = ReminderRules().cadence(here)
    assert [wall(s, BERLIN) for s in slots(utc(2026, 11, 23), cadence, 2)] == [
        "Mon 13:00", "Tue 13:00",
    ]  # fmt: skip
    night = replace(here, hours=WorkHours(time(22), time(6)), remind_at=time(23))
    assert (
        wall(slots(utc(2026, 11, 23), ReminderRules().cadence(night), 1)[0], BERLIN) == "Mon 23:00"
    )
