"""What falls due for a run, who is asked, and when it is night: sums over instants."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from bot.domain.alerts import (
    asleep_until,
    local_day,
    next_morning,
    quiet_until,
    recipients,
)
from bot.domain.budgets import month_of, over_budget
from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import Deadline, DeadlineKind, Idle
from bot.domain.ids import UserId
from bot.domain.moments import (
    ahead,
    is_current,
    is_note,
    later_ping,
    ping_slots,
    sleeper_of,
    soft_notes,
    unclaimed,
)
from bot.domain.schedule import QuietHours
from bot.domain.shutdown import Enforcer, ShutdownPlan
from bot.domain.watch import WatchRules, mark_reached
from bot.domain.workspace import Person
from tests.storage.given import AT
from tests.storage.gpus import run

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RULES = WatchRules()
ADA, LIN, GRACE, HOPE = (UserId(f"U{n}") for n in (1, 2, 3, 4))
NIGHT = QuietHours(time(22), time(8))


def burning(**changes: Any) -> GpuRun:
    """Without a plan since nine, so that its first ping is due at 09:10."""
    return run(planless_since=AT, started_at=AT, **changes)


def slots(found: GpuRun, now: datetime, most: int = 3) -> list[tuple[str, str]]:
    moments = islice(ping_slots(found, RULES, now), most)
    return [(m.key.rpartition(":")[2], f"{m.at:%H:%M}") for m in moments]


@pytest.mark.parametrize(
    ("hours", "first"),
    [(0, ("0", "09:10")), (0.5, ("0", "09:10")), (3, ("1", "11:10")), (8, ("3", "15:10"))],
)
def test_the_newest_slot_comes_first(hours: float, first: tuple[str, str]) -> None:
    assert slots(burning(), AT + hours * HOUR)[0] == first


def test_two_pings_are_never_closer_than_half_the_cadence() -> None:
    late = burning(pinged_at=AT + 1.5 * HOUR, pings=1)
    assert slots(late, AT + 1.5 * HOUR) == [("2", "13:10"), ("3", "15:10"), ("4", "17:10")]
    on_time = burning(pinged_at=AT + 10 * MINUTE, pings=1)
    assert slots(on_time, AT + 10 * MINUTE)[0] == ("1", "11:10")


def test_a_snooze_moves_all_slots_behind_it() -> None:
    assert slots(burning(snoozed_until=AT + 4 * HOUR), AT + HOUR)[:2] == [
        ("0", "13:00"), ("1", "15:00"),
    ]  # fmt: skip


def test_a_machine_that_boots_has_half_an_hour() -> None:
    assert slots(burning(state=RunState.STARTING), AT)[0] == ("0", "09:30")


def test_with_somebody_in_charge_there_is_none() -> None:
    assert slots(replace(burning(), planless_since=None), AT) == []


def test_only_an_idle_spell_that_was_not_told_hastens_only_the_next() -> None:
    now = AT + 20 * MINUTE
    pinged = burning(pinged_at=AT + 10 * MINUTE, pings=1)
    spell = Idle(samples=6, since=AT, sampled_at=now)
    assert slots(replace(pinged, idle=spell), now)[:2] == [("1", "10:10"), ("2", "13:10")]
    assert slots(replace(pinged, idle=replace(spell, told=True)), now)[0] == ("1", "11:10")
    assert slots(replace(pinged, idle=replace(spell, samples=5)), now)[0] == ("1", "11:10")
    assert replace(pinged, idle=spell).pinged(at=now).idle == replace(spell, told=True)


def test_a_row_belongs_to_one_start_and_one_plan() -> None:
    now = burning()
    key = next(ping_slots(now, RULES, AT)).key
    assert is_current(now, key)
    assert not is_current(now.snoozed(AT + HOUR, at=AT), key)
    assert not is_current(replace(now, generation=2), key)
    assert not is_current(replace(now, plan_version=10), key.replace(":0:", ":1:"))


def test_a_later_ping_names_its_sleeper() -> None:
    key = later_ping(burning(), LIN, AT).key
    assert sleeper_of(key) == LIN
    assert sleeper_of(next(ping_slots(burning(), RULES, AT)).key) is None
    assert is_note(next(soft_notes(burning(), AT)).key)
    assert not is_note(key)


def test_notes_come_after_twelve_hours_then_daily() -> None:
    found = list(islice(soft_notes(burning(), AT), 3))
    assert [m.at - AT for m in found] == [12 * HOUR, 36 * HOUR, 60 * HOUR]
    assert next(soft_notes(burning(), AT + 40 * HOUR)).at == AT + 40 * HOUR, "a missed one is late"


@pytest.mark.parametrize(
    ("minutes", "grade", "before"),
    [
        (180, Grade.ENFORCED, ["30", "5"]),
        (20, Grade.ENFORCED, ["5"]),
        (4, Grade.ENFORCED, []),
        (180, Grade.DECLARED, ["15"]),
        (10, Grade.DECLARED, []),
    ],
)
def test_nobody_is_warned_of_a_time_before_it_was_set(
    minutes: int, grade: Grade, before: list[str]
) -> None:
    at = AT + minutes * MINUTE
    planned = burning(deadline=Deadline(at, DeadlineKind.PERSON, AT))
    *warnings, stop = ahead(planned, ShutdownPlan(grade, at, Enforcer.OWROUTE))
    assert [w.key.rpartition(":")[2] for w in warnings] == before
    assert stop.at == at


def test_what_nobody_claims_waits_for_as_long_as_a_ping() -> None:
    assert unclaimed(burning(), RULES).at == AT + 10 * MINUTE


@pytest.mark.parametrize(
    ("owner", "lead", "admins", "ping", "asked"),
    [
        (ADA, LIN, (GRACE,), 1, (ADA,)),
        (ADA, LIN, (GRACE,), 2, (ADA, LIN)),
        (ADA, LIN, (GRACE,), 3, (ADA, LIN)),
        (ADA, LIN, (GRACE, HOPE), 4, (ADA, LIN, GRACE, HOPE)),
        (ADA, None, (), 9, (ADA,)),
        (ADA, ADA, (ADA,), 9, (ADA,)),
        (None, LIN, (GRACE,), 1, (GRACE,)),
        (None, LIN, (), 1, (LIN,)),
        (None, None, (), 1, ()),
    ],
)
def test_who_is_asked(
    owner: UserId | None,
    lead: UserId | None,
    admins: tuple[UserId, ...],
    ping: int,
    asked: tuple[UserId, ...],
) -> None:
    assert recipients(owner, lead, admins, ping) == asked


def person(zone: str | None) -> Person:
    return Person(
        AT.tzname(), ADA, AT.tzname(), "ada", None, zone, is_admin=False, is_guest=False,  # type: ignore[arg-type]  # any team
        is_bot=False, deleted=False, fetched_at=AT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "at", "until"),
    [
        ("UTC", "2026-11-23T21:59", None),
        ("UTC", "2026-11-23T22:00", "2026-11-24T08:00"),
        ("UTC", "2026-11-24T07:59", "2026-11-24T08:00"),
        ("UTC", "2026-11-24T08:00", None),
        ("Asia/Shanghai", "2026-11-23T15:00", "2026-11-24T00:00"),
        ("America/New_York", "2026-11-01T04:30", "2026-11-01T13:00"),  # clocks go back
        ("Europe/Berlin", "2026-03-28T23:00", "2026-03-29T06:00"),  # and forward
        (None, "2026-11-23T23:00", None),
    ],
)
def test_when_a_night_ends(zone: str | None, at: str, until: str | None) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    end = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    assert quiet_until(person(zone), NIGHT, now) == end
    assert quiet_until(person(zone), None, now) is None
    assert quiet_until(None, NIGHT, now) is None


@pytest.mark.parametrize(
    ("usd", "wakes"), [("2.50", False), ("2.51", True), ("98.32", True), (None, False)]
)
def test_a_night_is_broken_above_twenty_dollars(usd: str | None, wakes: bool) -> None:  # a table
    at_midnight = datetime(2026, 11, 24, tzinfo=UTC)
    found = burning(price_per_hour=Decimal(usd) if usd else None)
    assert (asleep_until(found, person("UTC"), NIGHT, at_midnight) is None) is wakes


@pytest.mark.parametrize(
    ("zone", "at", "morning"),
    [
        ("UTC", "2026-11-23T08:59", "2026-11-23T09:00"),
        ("UTC", "2026-11-23T09:00", "2026-11-24T09:00"),
        ("UTC", "2026-11-27T18:00", "2026-11-30T09:00"),  # Friday evening: Monday
        ("UTC", "2026-11-28T03:00", "2026-11-30T09:00"),
        ("Asia/Shanghai", "2026-11-27T02:00", "2026-11-30T01:00"),
        ("America/New_York", "2026-10-30T20:00", "2026-11-02T14:00"),  # over a clock change
    ],
)
def test_projections_run_to_the_next_working_morning(zone: str, at: str, morning: str) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert next_morning(zone, now) == datetime.fromisoformat(morning).replace(tzinfo=UTC)


def test_days_are_the_readers_own() -> None:
    late = datetime(2026, 11, 23, 18, tzinfo=UTC)
    assert local_day(person("Asia/Shanghai"), late) == date(2026, 11, 24)
    assert local_day(None, late) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("spent", "mark"),
    [("0", 0), ("4.99", 0), ("5", 50), ("7.99", 50), ("8", 80), ("9.99", 80), ("10", 100)],
)
def test_marks_are_reached_exactly(spent: str, mark: int) -> None:
    assert mark_reached(Decimal(spent), Decimal(10)) == mark


def test_months_are_local() -> None:
    eve = datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert month_of(eve, "UTC").name == "2026-11"
    shanghai = month_of(eve, "Asia/Shanghai")
    assert (shanghai.name, shanghai.start) == ("2026-12", datetime(2026, 11, 30, 16, tzinfo=UTC))


def test_a_spent_budget_is_a_ping_and_ends_a_snooze() -> None:
    quiet = burning(snoozed_until=AT + 9 * HOUR, pings=2)
    after = over_budget(quiet, at=AT)
    assert (after.snoozed_until, after.pings, after.pinged_at) == (None, 1, AT)
    assert after.version == quiet.version + 1
    assert after.plan_version == quiet.plan_version + 1
    awake = over_budget(burning(pings=2), at=AT)
    assert (awake.pings, awake.plan_version) == (3, 0)
