"""The default stop: proposed to what nobody planned, told in place of a ping, off by Keep."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.default_stop import next_default
from bot.domain.fleet import Grade, PlanReading
from bot.domain.gpu import RunState
from bot.domain.gpu_parts import DeadlineKind, StopReason
from bot.domain.ids import ChannelId
from bot.domain.steering import without_default_stop
from storage.database import SqlStore
from tests.harness.stores import KINDS, fresh_store
from tests.services.guarded import Guarded, later
from tests.services.watched import GRACE, OPS
from tests.storage.given import ADA, AT

EIGHT = time(20)
HOUR = timedelta(hours=1)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with fresh_store(str(request.param), tmp_path) as found:
        yield found


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with fresh_store("sqlite", tmp_path) as found:
        made = await opened(found)
        yield made


async def opened(store: SqlStore, ops: ChannelId | None = None) -> Guarded:
    """Monday 9:00 UTC; the workspace stops at eight in the evening."""
    watch = Guarded(store)
    await watch.opened(ops=ops)
    await watch.stops_by_default(EIGHT)
    return watch


def proposals(watch: Guarded, user: str = ADA) -> list[str]:
    return [
        said.by_the_clock_of("UTC")
        for said in watch.slack.said
        if str(said.place) == user and said.subject.startswith("propose_stop:")
    ]


async def test_what_nobody_planned_is_told_once_and_stopped_at_eight(store: SqlStore) -> None:
    watch = await opened(store)
    run = await watch.burns()
    await watch.goes_on(hours=10, minutes=55)
    plan = await watch.plan(run)
    assert (plan.grade, plan.proposed) == (Grade.ENFORCED, True)
    assert plan.stops_at == AT.replace(hour=20)
    assert proposals(watch) == ["Mon 09:10"]
    assert watch.asked(ADA) == ["Mon 09:10", "Mon 19:30", "Mon 19:55"]
    await watch.goes_on(minutes=6)
    stopping = (await watch.run(run)).stopping
    assert stopping is not None
    assert (stopping.why, stopping.by) == (StopReason.DEFAULT, None)


async def test_keep_ends_it_for_good_and_pings_begin(watch: Guarded) -> None:
    run = await watch.burns()
    await watch.goes_on(minutes=20)
    await watch.changed(run, lambda r: without_default_stop(r, at=watch.clock.now()))
    await watch.goes_on(hours=15)
    assert (await watch.run(run)).state is RunState.RUNNING
    assert (await watch.plan(run)).grade is Grade.NONE
    assert proposals(watch) == ["Mon 09:10"]
    assert watch.asked(ADA)[1] == "Mon 09:30", "ten minutes after nobody was in charge again"


async def test_who_plans_before_it_is_told_hears_nothing_of_it(watch: Guarded) -> None:
    run = await watch.burns()
    assert (await watch.plan(run)).proposed
    await watch.promised(run, later(watch, hours=2))
    await watch.goes_on(hours=1)
    assert proposals(watch) == []
    known = await watch.run(run)
    assert known.deadline is not None
    assert known.deadline.kind is DeadlineKind.PERSON


async def test_a_plan_that_the_provider_holds_takes_its_place(watch: Guarded) -> None:
    run = await watch.burns()
    await watch.goes_on(minutes=20)
    reading = PlanReading(Grade.ENFORCED, later(watch, hours=1), "dstack.max_duration")
    await watch.changed(run, lambda r: r.replanned(watch.clock.now(), reading=reading))
    assert (await watch.run(run)).deadline is None
    await watch.changed(run, lambda r: r.replanned(watch.clock.now(), reading=PlanReading()))
    assert (await watch.plan(run)).proposed


async def test_a_guard_takes_its_place(watch: Guarded) -> None:
    run = await watch.burns()
    token = await watch.token(run)
    until = later(watch, hours=2)
    await watch.lives(token, run, until, hours=0.5)
    known = await watch.run(run)
    assert known.deadline is not None
    assert (known.deadline.kind, known.deadline.at) == (DeadlineKind.GUARD, until)
    assert proposals(watch) == []


async def test_an_hour_that_is_too_near_is_tomorrows(watch: Guarded) -> None:
    await watch.goes_on(hours=10, minutes=30)
    run = await watch.burns()  # 19:30
    assert (await watch.plan(run)).stops_at == AT.replace(day=24, hour=20)


@pytest.mark.parametrize(
    "changes",
    [{"may_stop": False}, {"locked": True}, {"cluster": "c1"}, {"endings": frozenset()}],
    ids=["key", "locked", "cluster", "no way"],
)
async def test_what_owroute_cannot_stop_is_pinged_as_ever(
    watch: Guarded, changes: dict[str, Any]
) -> None:
    run = await watch.burns(**changes)
    await watch.goes_on(hours=1)
    assert (await watch.plan(run)).grade is Grade.NONE
    assert (proposals(watch), watch.asked(ADA)) == ([], ["Mon 09:10"])


async def test_a_key_that_is_refused_ends_it(watch: Guarded) -> None:
    run = await watch.burns()
    await watch.goes_on(minutes=20)
    await watch.changed(run, lambda r: r.replanned(watch.clock.now(), may_stop=False))
    assert (await watch.run(run)).deadline is None
    await watch.goes_on(hours=1)
    assert watch.asked(ADA) == ["Mon 09:10", "Mon 09:30"]


async def test_it_is_the_hour_of_the_owners_day(watch: Guarded) -> None:
    run = await watch.burns(owner=GRACE)  # New York
    assert (await watch.plan(run)).stops_at == AT.replace(day=24, hour=1)
    nobodys = await watch.burns("orphan", owner=None, claim=None)
    assert (await watch.plan(nobodys)).stops_at == AT.replace(hour=20)


async def test_who_sleeps_is_told_at_waking_if_that_is_before_the_stop(watch: Guarded) -> None:
    await watch.goes_on(hours=13, minutes=30)  # 22:30 of Ada's
    run = await watch.burns()
    await watch.goes_on(hours=10)
    assert proposals(watch) == ["Tue 08:00"]
    assert (await watch.plan(run)).stops_at == AT.replace(day=24, hour=20)


async def test_who_would_sleep_past_the_stop_is_told_at_night(watch: Guarded) -> None:
    await watch.stops_by_default(time(7))
    await watch.goes_on(hours=13, minutes=30)
    await watch.burns()
    await watch.goes_on(hours=2)
    assert proposals(watch) == ["Mon 22:40"]


async def test_nobodys_machine_is_proposed_to_the_admins(store: SqlStore) -> None:
    watch = await opened(store, ops=OPS)
    await watch.goes_on(hours=5)  # New York is up
    await watch.burns(owner=None, claim=None)
    await watch.goes_on(minutes=20)
    told = [str(s.place) for s in watch.slack.said if s.subject.startswith("propose_stop:")]
    assert told == [GRACE]


async def test_hold_takes_it_back_and_the_end_of_hold_makes_it_anew(watch: Guarded) -> None:
    run = await watch.burns()
    await watch.goes_on(minutes=20)
    grace = watch.actor(GRACE)
    await watch.hold(grace, "on", on=True)
    await watch.goes_on(minutes=5)
    assert (await watch.run(run)).deadline is None
    assert (await watch.plan(run)).grade is Grade.NONE
    await watch.goes_on(hours=12)
    assert (await watch.run(run)).state is RunState.RUNNING, "eight has come and gone"
    await watch.hold(grace, "off", on=False)
    await watch.goes_on(minutes=5)
    assert (await watch.plan(run)).stops_at == AT.replace(day=24, hour=20), "never at once"


async def test_another_hour_moves_it_and_off_ends_it(watch: Guarded) -> None:
    run = await watch.burns()
    await watch.stops_by_default(time(19, 30))
    await watch.changed(run, lambda r: r.changed(watch.clock.now()))
    assert (await watch.plan(run)).stops_at == AT.replace(hour=19, minute=30)
    await watch.stops_by_default(None)
    await watch.changed(run, lambda r: r.changed(watch.clock.now()))
    assert (await watch.plan(run)).grade is Grade.NONE
    assert (await watch.run(run)).deadline is None


async def test_put_off_after_an_outage_it_is_still_tonights(watch: Guarded) -> None:
    run = await watch.burns()
    await watch.goes_on(hours=10)
    watch.clock.at = AT.replace(hour=20, minute=30)  # down from seven on
    await watch.goes_on(minutes=1)
    known = await watch.run(run)
    assert known.deadline is not None
    assert known.deadline.kind is DeadlineKind.DEFAULT
    assert known.deadline.at == AT.replace(hour=20, minute=35), "one warning first"
    await watch.goes_on(minutes=6)
    stopping = (await watch.run(run)).stopping
    assert stopping is not None
    assert stopping.why is StopReason.DEFAULT


async def test_as_shipped_nothing_is_proposed(store: SqlStore) -> None:
    watch = Guarded(store)
    await watch.opened()
    run = await watch.burns()
    assert (await watch.plan(run)).grade is Grade.NONE


@pytest.mark.parametrize(
    ("zone", "now", "at"),
    [
        ("UTC", "2026-11-23T18:59", "2026-11-23T20:00"),
        ("UTC", "2026-11-23T19:01", "2026-11-24T20:00"),
        ("Asia/Shanghai", "2026-11-23T12:30", "2026-11-24T12:00"),
        ("America/New_York", "2026-11-01T12:00", "2026-11-02T01:00"),
    ],
)
def test_the_next_eight_of_the_evening(zone: str, now: str, at: str) -> None:
    when = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_default(EIGHT, zone, when) == datetime.fromisoformat(at).replace(tzinfo=UTC)


def test_an_hour_that_a_night_lacks_is_the_one_after() -> None:
    now = datetime(2026, 3, 8, 3, tzinfo=UTC)
    assert next_default(time(2, 30), "America/New_York", now) == datetime(
        2026, 3, 8, 7, 30, tzinfo=UTC
    )
