"""Hold: nothing is written to a provider, all of it is said, and what waited goes on after."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import LEASE
from bot.domain.fleet import Grade
from bot.domain.gpu import RunState
from bot.domain.shutdown import Enforcer
from bot.errors_gpu import AdminOnly
from bot.services.gpu.holding import HoldByOperator
from storage.database import SqlStore
from tests.harness.stores import KINDS, fresh_store
from tests.services.guarded import Guarded, later
from tests.services.watched import GRACE, OPS
from tests.storage.given import ADA, LIN


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


async def test_a_stop_time_is_a_promise_until_the_hold_ends(store: SqlStore) -> None:
    watch = Guarded(store)
    await watch.opened()
    run = await watch.burns()
    await watch.promised(run, later(watch, hours=5))
    assert (await watch.plan(run)).by is Enforcer.OWROUTE
    await watch.hold(watch.actor(GRACE), "on", on=True)
    await watch.goes_on(minutes=5)
    plan = await watch.plan(run)
    assert (plan.grade, plan.by) == (Grade.DECLARED, Enforcer.PERSON)
    warned = [key for key in watch.passed if "stop_warn" in key]
    await watch.goes_on(hours=5, minutes=30)
    assert (await watch.run(run)).state is RunState.RUNNING
    assert (await watch.plan(run)).grade is Grade.NONE
    assert watch.asked(ADA)[-1] == "Mon 14:10", "pings go on"
    assert warned == []


async def test_what_is_promised_still_is_enforced_again(watch: Guarded) -> None:
    run = await watch.burns()
    await watch.promised(run, later(watch, hours=5))
    grace = watch.actor(GRACE)
    await watch.hold(grace, "on", on=True)
    await watch.goes_on(hours=1)
    await watch.hold(grace, "off", on=False)
    await watch.goes_on(minutes=5)
    assert (await watch.plan(run)).by is Enforcer.OWROUTE
    await watch.goes_on(hours=4)
    assert (await watch.run(run)).state is RunState.STOPPING


async def test_nobody_is_pinged_anew_because_of_it(watch: Guarded) -> None:
    run = await watch.burns()
    await watch.goes_on(hours=1)
    await watch.hold(watch.actor(GRACE), "on", on=True)
    before = len(watch.slack.edits)
    await watch.goes_on(minutes=30)
    assert watch.asked(ADA) == ["Mon 09:10"]
    assert len(watch.slack.edits) == before + 1, "the card that stands says it"
    assert "hold" in watch.slack.at(ADA)[-1].text or "Hold" in watch.slack.at(ADA)[-1].text
    assert (await watch.run(run)).pings == 1


async def test_all_runs_are_looked_at_again_also_after_a_crash(store: SqlStore) -> None:
    watch = Guarded(store)
    await watch.opened()
    runs = [await watch.burns(f"ow-1-{n}") for n in range(120)]
    for run in runs:
        await watch.promised(run, later(watch, hours=5))
    watch.clock.at += timedelta(minutes=1)
    await watch.hold(watch.actor(GRACE), "on", on=True)
    async with store() as uow:  # a process takes the row, does half of it and dies
        rows = await uow.due.claim(watch.clock.now(), 50, LEASE)
        await uow.commit()
    (row,) = [r for r in rows if r.due.key.startswith("look_again:")]
    now = watch.clock.now()
    for run in runs[:60]:
        await watch.changed(run, lambda r: r.replanned(now + timedelta(seconds=1)))
    halfway = [(await watch.run(run)).version for run in runs]
    await watch.goes_on(minutes=1)
    after = [(await watch.run(run)).version for run in runs]
    assert after[:60] == halfway[:60]
    assert [b - a for a, b in zip(halfway[60:], after[60:], strict=True)] == [1] * 60
    assert row.attempts == 1


@pytest.mark.parametrize("user", [ADA, LIN])
async def test_only_an_admin_may(watch: Guarded, user: str) -> None:
    with pytest.raises(AdminOnly):
        await watch.hold(watch.actor(user), "on", on=True)
    with pytest.raises(AdminOnly):
        await watch.hold.look(watch.actor(user))


async def test_it_is_told_once_in_the_ops_channel_and_the_letter_before_goes(
    store: SqlStore,
) -> None:
    watch = Guarded(store)
    await watch.opened(ops=OPS)
    grace = watch.actor(GRACE)
    for _ in range(3):
        await watch.hold(grace, "click-1", on=True)
        await watch.hold(grace, "click-2", on=True)  # on already
        await watch.slack.drain()
    assert [said.place for said in watch.slack.said] == [OPS]
    assert "owroute is on hold" in watch.slack.at(OPS)[0].text
    await watch.goes_on(minutes=5)
    await watch.hold(grace, "click-3", on=False)
    await watch.slack.drain()
    [letter] = watch.slack.at(OPS)
    assert "The hold has ended" in letter.text
    assert [line for line in await watch.audited() if "hold" in line] == [
        f"{GRACE} gpu.hold_on False>True", f"{GRACE} gpu.hold_off True>False",
    ]  # fmt: skip


async def test_without_an_ops_channel_each_admin_is_told(watch: Guarded) -> None:
    await watch.hold(watch.actor(GRACE), "on", on=True)
    await watch.slack.drain()
    assert [str(said.place) for said in watch.slack.said] == [GRACE]


async def test_the_operator_needs_no_slack(store: SqlStore) -> None:
    watch = Guarded(store)
    await watch.opened(ops=OPS)
    run = await watch.burns()
    await watch.promised(run, later(watch, hours=5))
    operator = HoldByOperator(store=store, clock=watch.clock)
    [held] = await operator(on=True)
    assert (held.changed, held.watching.hold, held.watching.held_by) == (True, True, None)
    assert not (await operator(on=True))[0].changed
    await watch.goes_on(minutes=1)
    assert (await watch.plan(run)).grade is Grade.DECLARED
    assert "by the operator" in watch.slack.at(OPS)[0].text
    assert (await operator.look())[0].watching.hold
    assert "None gpu.hold_on False>True" in await watch.audited()


async def test_a_guard_goes_on_under_hold(watch: Guarded) -> None:
    run = await watch.burns()
    token = await watch.token(run)
    until = later(watch, hours=3)
    await watch.promised(run, until)
    await watch.hold(watch.actor(GRACE), "on", on=True)
    await watch.lives(token, run, later(watch, hours=9), hours=0.5)
    plan = await watch.plan(run)
    assert (plan.grade, plan.by, plan.stops_at) == (Grade.ENFORCED, Enforcer.GUARD, until)
