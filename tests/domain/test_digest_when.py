"""When a digest's turn comes: local weeks, changes of clocks, moved settings, outages."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.digest_when import (
    MONDAY,
    SPREAD,
    DigestPlace,
    Subject,
    WeekTime,
    digest_key,
    look,
    spread,
    told_in,
    turn_in,
    week_named,
    week_of,
)
from bot.domain.ids import ChannelId, TeamId, UserId

TEAM, HERE = TeamId("T1"), ChannelId("C1")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]  # a date and a time of day


def place(since: datetime = EPOCH, week: str | None = None) -> DigestPlace:
    return DigestPlace(TEAM, HERE, next_at=EPOCH, since=since, week=week)


PUT_OFF = spread(digest_key(TEAM, HERE))


@pytest.mark.parametrize(
    ("zone", "when", "day", "instant"),
    [
        ("America/New_York", "SUN 02:30", (2026, 3, 8), at(2026, 3, 8, 7, 30)),  # 03:30 EDT
        ("America/New_York", "SUN 01:30", (2026, 11, 1), at(2026, 11, 1, 5, 30)),  # the first one
        ("Australia/Lord_Howe", "SUN 02:15", (2026, 10, 4), at(2026, 10, 3, 15, 45)),  # 02:45
        ("Australia/Lord_Howe", "SUN 01:45", (2026, 4, 5), at(2026, 4, 4, 14, 45)),  # the first
        ("Pacific/Apia", "MON 00:15", (2026, 11, 23), at(2026, 11, 22, 11, 15)),
        ("Asia/Kolkata", "FRI 17:00", (2026, 11, 23), at(2026, 11, 27, 11, 30)),
        ("no such zone", "MON 09:00", (2026, 11, 23), at(2026, 11, 23, 9)),
    ],
)
def test_an_hour_that_clocks_skip_or_repeat_has_one_instant(
    zone: str, when: str, day: tuple[int, int, int], instant: datetime
) -> None:
    assert turn_in(datetime(*day).date(), WeekTime.read(when), zone).at == instant  # noqa: DTZ001  # a date only


def test_a_turn_comes_once_and_the_next_one_a_week_later() -> None:
    before = look(place(), MONDAY, "Europe/Berlin", at(2026, 11, 23, 7, 59))
    assert before.turn is not None
    assert before.turn.week.name == "2026-W47", "the last week's, which was missed"
    quiet = look(before.place, MONDAY, "Europe/Berlin", at(2026, 11, 23, 7, 59))
    assert quiet.turn is None
    assert quiet.place.next_at == at(2026, 11, 23, 8) + PUT_OFF
    now = look(quiet.place, MONDAY, "Europe/Berlin", quiet.place.next_at)
    assert now.turn is not None
    assert now.turn.week.name == "2026-W48"
    assert now.place.next_at == at(2026, 11, 30, 8) + PUT_OFF
    assert look(now.place, MONDAY, "Europe/Berlin", now.place.next_at - HOUR).turn is None


def test_after_weeks_of_outage_there_is_one_turn_and_no_burst() -> None:
    found = look(place(week="2026-W40"), MONDAY, "UTC", at(2026, 11, 25, 12))
    assert found.turn is not None
    assert found.turn.week.name == "2026-W48"
    assert look(found.place, MONDAY, "UTC", at(2026, 11, 25, 12)).turn is None


def test_what_came_before_a_place_was_known_is_not_made_up_for() -> None:
    found = look(place(since=at(2026, 11, 25, 12)), MONDAY, "UTC", at(2026, 11, 25, 12))
    assert found.turn is None
    assert found.place.next_at == at(2026, 11, 30, 9) + PUT_OFF
    unknown = replace(place(), since=None, is_moved=True)
    assert look(unknown, MONDAY, "UTC", at(2026, 11, 25, 12)).place == found.place


@pytest.mark.parametrize(
    ("was", "then", "turns"),
    [
        ("MON 09:00", "FRI 17:00", []),  # this week had its turn
        ("FRI 17:00", "MON 09:00", ["2026-W48"]),  # its turn is over by now: at once
        ("FRI 17:00", "THU 08:00", []),  # it comes tomorrow
    ],
)
def test_settings_that_are_moved_in_mid_week_make_neither_two_nor_none(
    was: str, then: str, turns: list[str]
) -> None:
    wednesday = at(2026, 11, 25, 12)
    known = look(place(week="2026-W47"), WeekTime.read(was), "UTC", wednesday).place
    moved = look(known, WeekTime.read(then), "UTC", wednesday)
    assert [moved.turn.week.name] if moved.turn else turns == []
    later = look(moved.place, WeekTime.read(then), "UTC", at(2026, 11, 29, 12))
    assert later.place.week == "2026-W48"


def test_a_zone_that_is_moved_over_the_weeks_end_makes_neither_two_nor_none() -> None:
    late_sunday = at(2026, 11, 29, 12)  # already Monday in Apia
    known = look(place(week="2026-W47"), WeekTime(7, time(20)), "UTC", late_sunday)
    assert known.turn is None
    moved = look(known.place, WeekTime(7, time(20)), "Pacific/Apia", late_sunday)
    assert moved.turn is not None
    assert moved.turn.week.name == "2026-W48"
    back = look(moved.place, WeekTime(7, time(20)), "UTC", at(2026, 11, 29, 21))
    assert back.turn is None
    assert back.place.next_at == at(2026, 12, 6, 20) + PUT_OFF


def test_a_clock_that_is_put_back_makes_no_second_one() -> None:
    found = look(place(week="2026-W48"), MONDAY, "UTC", at(2026, 9, 1))
    assert found.turn is None
    assert found.place.week == "2026-W48"


def test_ten_thousand_places_are_spread_over_minutes() -> None:
    found = {spread(digest_key(TEAM, ChannelId(f"C{n}"))) for n in range(10_000)}
    assert len(found) == SPREAD.total_seconds()
    assert min(found) == timedelta(0)
    assert max(found) < SPREAD


@pytest.mark.parametrize(
    "subject",
    [
        Subject(TEAM, HERE, "2026-W48"),
        Subject(TEAM, None, "2026-W48", UserId("U1")),
        Subject(TEAM, None, "2026-W48"),
    ],
)
def test_subjects_are_read_back(subject: Subject) -> None:
    assert Subject.read(str(subject)) == subject
    assert all(key.startswith(f"post:{subject}") for key in subject.posts)
    assert week_of(subject.key) == "2026-W48"
    assert len(set(subject.posts)) == len(subject.posts)


@pytest.mark.parametrize(
    "text", ["card:12", "digest:T1", "digest:T1:C1", "digest_csv:T1:C1:2026-W1"]
)
def test_what_is_no_digest_is_not_taken_for_one(text: str) -> None:
    assert Subject.read(text) is None


@pytest.mark.parametrize(
    "name", ["2026-W54", "2026-W00", "W48", "2026-48", "9999-W52", "２０２６-W48", ""]
)
def test_a_week_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        week_named(name, "UTC")


def test_a_week_is_told_in_the_turn_of_the_next_one() -> None:
    assert told_in(week_named("2026-W53", "UTC")) == "2027-W01"


@pytest.mark.parametrize("text", ["MON 09:00", "SUN 23:59"])
def test_times_of_the_week_are_read_as_they_are_written(text: str) -> None:
    assert str(WeekTime.read(text)) == text


@pytest.mark.parametrize("text", ["", "MON", "XXX 09:00", "MON 25:00", "mon 09:00"])
def test_other_words_are_no_time_of_the_week(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        WeekTime.read(text)
