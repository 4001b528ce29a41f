"""A guard on a machine: what its heartbeats change, and what becomes of a run when they cease."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.fleet import Ending, Grade
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import Deadline, DeadlineKind
from bot.domain.shutdown import Enforcer
from bot.errors import OldGeneration
from bot.errors_guard import BadGuard, GuardTooOften
from storage.database import SqlStore
from tests.harness.stores import KINDS, fresh_store
from tests.services.guarded import Guarded, later
from tests.services.watched import GRACE
from tests.storage.given import ADA, LIN

HOUR = timedelta(hours=1)
NO_KEY: dict[str, Any] = {"may_stop": False}
"""A machine that owroute itself cannot stop."""


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with fresh_store(str(request.param), tmp_path) as found:
        yield found


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with fresh_store("sqlite", tmp_path) as found:
        made = Guarded(found)
        await made.opened()
        yield made


async def burning(watch: Guarded, **changes: Any) -> tuple[GpuRun, str]:
    run = await watch.burns(**{**NO_KEY, **changes})
    return run, await watch.token(run)


async def test_a_guard_enforces_its_own_time_and_nobody_is_pinged(store: SqlStore) -> None:
    watch = Guarded(store)
    await watch.opened()
    run, token = await burning(watch)
    until = later(watch, hours=3)
    told = await watch.lives(token, run, until, hours=2)
    assert set(told) == {until}
    plan = await watch.plan(run)
    assert (plan.grade, plan.by, plan.stops_at) == (Grade.ENFORCED, Enforcer.GUARD, until)
    assert watch.asked(ADA) == []
    assert (await watch.run(run)).deadline == Deadline(until, DeadlineKind.GUARD, run.started_at)


async def test_it_is_told_when_owroutes_clock_says_that(watch: Guarded) -> None:
    run, token = await burning(watch)
    until = later(watch, hours=3)
    answer = await watch.beats(token, run, until)
    assert (answer.until, answer.now) == (until, watch.clock.now())


async def test_silence_makes_a_promise_of_it_and_its_voice_an_enforced_stop(
    watch: Guarded,
) -> None:
    run, token = await burning(watch)
    until = later(watch, hours=3)
    await watch.lives(token, run, until, hours=0.5)
    await watch.goes_on(minutes=4)
    assert (await watch.plan(run)).grade is Grade.ENFORCED
    await watch.goes_on(minutes=2)
    plan = await watch.plan(run)
    assert (plan.grade, plan.by, plan.stops_at) == (Grade.DECLARED, Enforcer.PERSON, until)
    silent = await watch.run(run)
    await watch.goes_on(minutes=10)
    assert await watch.run(run) == silent, "it is planned anew once"
    await watch.beats(token, run, until)
    assert (await watch.plan(run)).by is Enforcer.GUARD
    assert watch.asked(ADA) == []


async def test_a_time_set_in_slack_reaches_it(watch: Guarded) -> None:
    run, token = await burning(watch)
    typed, wanted = later(watch, hours=6), later(watch, hours=2)
    await watch.lives(token, run, typed, hours=0.5)
    await watch.promised(run, wanted)
    answer = await watch.beats(token, run, typed, age=1800)
    assert answer.until == wanted
    plan = await watch.plan(run)
    assert (plan.grade, plan.by, plan.stops_at) == (Grade.ENFORCED, Enforcer.GUARD, wanted)
    await watch.promised(run, wanted + HOUR)  # Extend 1 h
    await watch.goes_on(minutes=5)
    assert (await watch.beats(token, run, typed, age=2100)).until == wanted + HOUR


async def test_a_time_in_slack_that_passed_while_it_was_cut_off_still_reaches_it(
    watch: Guarded,
) -> None:
    run, token = await burning(watch)
    typed = later(watch, hours=6)
    await watch.beats(token, run, typed)
    wanted = later(watch, minutes=10)
    await watch.promised(run, wanted)
    await watch.goes_on(minutes=40)
    answer = await watch.beats(token, run, typed, age=2400)
    assert answer.until == wanted, "the machine is stopped at once"


async def test_a_time_that_had_passed_before_it_started_stops_nothing(watch: Guarded) -> None:
    run, token = await burning(watch)
    await watch.promised(run, later(watch, minutes=10))
    await watch.goes_on(hours=2)
    typed = later(watch, hours=3)
    assert (await watch.beats(token, run, typed, age=5)).until == typed
    assert (await watch.run(run)).deadline == Deadline(typed, DeadlineKind.GUARD, watch.clock.now())


async def test_another_time_typed_on_the_machine_replaces_the_one_typed_before(
    watch: Guarded,
) -> None:
    run, token = await burning(watch)
    await watch.beats(token, run, later(watch, hours=3))
    await watch.goes_on(minutes=2)
    sooner = later(watch, hours=1)
    assert (await watch.beats(token, run, sooner)).until == sooner


async def test_owroute_never_stops_a_machine_because_a_guard_named_a_time(
    watch: Guarded,
) -> None:
    run = await watch.burns()  # owroute could
    token = await watch.token(run)
    await watch.beats(token, run, later(watch, minutes=20))
    await watch.goes_on(hours=1)
    assert (await watch.run(run)).state is RunState.RUNNING
    assert not [key for key in watch.passed if key.startswith("end:")]


async def test_where_owroute_can_it_keeps_the_time_set_in_slack_itself(watch: Guarded) -> None:
    run = await watch.burns()
    token = await watch.token(run)
    wanted = later(watch, hours=1)
    await watch.promised(run, wanted)
    await watch.lives(token, run, later(watch, hours=6), hours=0.5)
    assert (await watch.plan(run)).by is Enforcer.OWROUTE
    await watch.goes_on(minutes=31)
    assert (await watch.run(run)).state is RunState.STOPPING


async def test_a_machine_that_runs_on_ten_minutes_after_its_time_is_pinged(
    watch: Guarded,
) -> None:
    run, token = await burning(watch)
    until = later(watch, hours=1)
    await watch.lives(token, run, until, hours=1.15)
    assert (await watch.plan(run)).by is Enforcer.GUARD
    assert watch.asked(ADA) == ["Mon 09:30", "Mon 09:55"], "as before any stop"
    await watch.goes_on(minutes=5)
    await watch.beats(token, run, until, age=4200)
    assert (await watch.plan(run)).grade is Grade.NONE
    assert watch.asked(ADA)[2:] == ["Mon 10:10"]
    known = await watch.run(run)
    assert known.planless_since == until


async def test_a_command_that_fails_is_told_to_the_owner_once(watch: Guarded) -> None:
    run, token = await burning(watch)
    until = later(watch, hours=1)
    await watch.lives(token, run, until, hours=1)
    for n in range(4):
        await watch.goes_on(minutes=1)
        await watch.beats(token, run, until, age=3600 + 60 * n, failed=True)
    assert watch.asked(ADA) == ["Mon 09:30", "Mon 09:55", "Mon 10:01"]
    [said] = watch.slack.at(ADA)
    assert said.subject.startswith("guard_failed:")
    assert (await watch.plan(run)).grade is Grade.NONE
    assert "None guard.failed >" in await watch.audited()


async def test_with_nobody_who_owns_it_the_lead_and_the_admins_are_told(watch: Guarded) -> None:
    run = await watch.burns(owner=None, claim=None, **NO_KEY)
    token = await watch.token(run, GRACE)
    until = later(watch, hours=1)
    await watch.beats(token, run, until)
    await watch.goes_on(minutes=65)
    await watch.beats(token, run, until, age=3900, failed=True)
    told = {str(s.place) for s in watch.slack.said if s.subject.startswith("guard_failed:")}
    assert told == {LIN, GRACE}


async def test_once_a_minute_and_whatever_comes_counts(store: SqlStore) -> None:
    watch = Guarded(store)
    await watch.opened()
    _, token = await burning(watch)
    await watch.hear.door(token)
    with pytest.raises(GuardTooOften):
        await watch.hear.door(token)
    await watch.goes_on(seconds=59)
    with pytest.raises(GuardTooOften):
        await watch.hear.door(token)
    await watch.goes_on(seconds=1)
    await watch.hear.door(token)
    watch.clock.at -= timedelta(hours=2)  # our clock was set back
    await watch.hear.door(token)


async def test_a_token_ends_with_the_run_and_never_opens_another(watch: Guarded) -> None:
    run, token = await burning(watch)
    other, _ = await burning(watch, name="ow-2-ada", id=run.id)
    door = await watch.hear.door(token)
    for label in (f"GPU-{other.id + 7}", "OW-2"):
        with pytest.raises(BadGuard):
            await watch.hear(door, watch.beat(run, later(watch, hours=1), experiment=label))
    await watch.goes_on(minutes=2)
    newer = await watch.token(run)
    with pytest.raises(BadGuard):
        await watch.hear.door(token)
    await watch.changed(run, lambda r: r.changed(watch.clock.now(), generation=2))
    with pytest.raises(BadGuard):
        await watch.hear.door(newer)
    with pytest.raises(OldGeneration):
        await watch.token(run)
    again = await watch.token(await watch.run(run))
    await watch.hear.door(again)
    await watch.goes_on(minutes=2)
    await watch.changed(
        run, lambda r: r.changed(watch.clock.now(), state=RunState.ENDED, ended_at=r.last_seen)
    )
    with pytest.raises(BadGuard):
        await watch.hear.door(again)


async def test_a_door_that_closes_meanwhile_lets_nothing_in(watch: Guarded) -> None:
    run, token = await burning(watch)
    door = await watch.hear.door(token)
    await watch.token(run)
    with pytest.raises(BadGuard):
        await watch.hear(door, watch.beat(run, later(watch, hours=1)))
    assert (await watch.run(run)).guard_seen is None


async def test_who_has_left_guards_nothing(watch: Guarded) -> None:
    _, token = await burning(watch)
    watch.book.gone.add(ADA)
    await watch.goes_on(minutes=11)
    with pytest.raises(BadGuard):
        await watch.hear.door(token)


async def test_while_a_stop_is_carried_out_its_guard_goes_on(watch: Guarded) -> None:
    run = await watch.burns(endings=frozenset({Ending.STOP}))
    token = await watch.token(run)
    until = later(watch, hours=1)
    await watch.beats(token, run, until)
    await watch.goes_on(minutes=2)
    now = watch.clock.now()
    await watch.changed(run, lambda r: r.changed(now, state=RunState.STOPPING))
    assert (await watch.beats(token, run, until, age=120)).until == until


async def test_what_a_guard_changes_is_in_the_audit(watch: Guarded) -> None:
    run, token = await burning(watch)
    until = later(watch, hours=3)
    await watch.lives(token, run, until, hours=0.5)
    lines = await watch.audited()
    assert lines == [
        f"{ADA} guard.token_issued >",
        f"None guard.stop_time >{until.isoformat()}",
    ]
