"""The week of a digest: by the wall clock of a place, each one where the last one ended."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.digest_week import Week

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
ZONES = (BERLIN, NEW_YORK, LORD_HOWE, "Asia/Shanghai", "Pacific/Apia", "Asia/Kathmandu")
HOUR = timedelta(hours=1)


def test_a_week_is_named_and_numbered_as_iso_has_it() -> None:
    week = Week.of(datetime(2026, 11, 22, 22, 59, tzinfo=UTC), BERLIN)
    assert (week.name, week.monday, week.sunday) == (
        "2026-W47", date(2026, 11, 16), date(2026, 11, 22),
    )  # fmt: skip
    assert Week.of(datetime(2026, 11, 22, 23, 0, tzinfo=UTC), BERLIN).name == "2026-W48"
    assert Week.of(datetime(2027, 1, 1, tzinfo=UTC), "UTC").name == "2026-W53"
    assert Week(2026, 53, "UTC").back(-1).name == "2027-W01"


@pytest.mark.parametrize(
    ("week", "hours"),
    [
        (Week(2026, 10, NEW_YORK), 167.0),
        (Week(2026, 44, NEW_YORK), 169.0),
        (Week(2026, 40, LORD_HOWE), 167.5),
        (Week(2026, 14, LORD_HOWE), 168.5),
        (Week(2026, 47, "Mars/Base"), 168.0),
    ],
)
def test_a_week_is_shorter_or_longer_where_clocks_change(week: Week, hours: float) -> None:
    assert (week.end - week.start) / HOUR == hours
    assert sum(((d.end - d.start) for d in week.days), timedelta(0)) == week.end - week.start


@given(st.integers(2020, 2040), st.integers(1, 52), st.sampled_from(ZONES))
def test_no_instant_is_between_two_weeks_or_in_both(year: int, number: int, zone: str) -> None:
    week = Week(year, number, zone)
    assert week.end == week.back(-1).start
    assert all(a.end == b.start for a, b in pairwise(week.days))
    assert Week.of(week.start, zone) == Week.of(week.end - timedelta(seconds=1), zone) == week
