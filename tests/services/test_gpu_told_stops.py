"""What providers say over time, and what becomes of orders to end a machine by it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.fleet import (
    Billing,
    Ending,
    Listing,
    Machine,
    MachineState,
    Problem,
    Provider,
    Scope,
)
from bot.domain.gpu import RunState
from bot.domain.gpu_parts import StopReason
from bot.domain.tokens import GuardToken
from bot.domain.watch import Budget, BudgetScope, Watching
from bot.services.gpu.budgets import budgets_row
from tests.services.told import HERS, HOUR, OFF, Scene, Told, says
from tests.services.watched import GRACE, Watch
from tests.storage.given import ADA, TEAM


async def test_what_was_first_seen_stopped_is_stopped_and_not_deleted(watch: Watch) -> None:
    pods = Told()
    scene = Scene(watch, pods)
    off = says(scene, **OFF)
    await scene.listed(pods, off)
    await scene.listed(pods, replace(off, raw_status="EXITED"))
    async with watch.store() as uow:
        cap = Budget(TEAM, BudgetScope.WORKSPACE, "", Decimal(5), True, GRACE)
        await uow.watch.put_budget(cap)
        await uow.commit()
    await watch.burns(usd="10")
    await scene.listed(pods, says(scene, state=MachineState.STARTING), after=HOUR)
    async with watch.store() as uow:
        await uow.due.add(budgets_row(TEAM, watch.clock.at))
        await uow.commit()
    await watch.goes_on(minutes=2)
    (started, _) = await scene.runs()
    assert started.ending is Ending.STOP
    assert pods.orders == [("pod-1", Ending.STOP)]


async def test_an_order_that_is_taken_and_not_carried_out_is_told_at_each_ping(
    watch: Watch,
) -> None:
    watch.clock.at = watch.clock.at.replace(hour=12)
    pods = Told()
    scene = Scene(watch, pods)
    await scene.listed(pods, says(scene, owner_hint=ADA), after=timedelta(0))
    (run,) = await scene.runs()
    async with watch.store() as uow:
        await watch.end.intend(uow, run, Ending.STOP, StopReason.PERSON, watch.clock.at, by=ADA)
        await uow.commit()
    await watch.goes_on(hours=4)
    told = [s for s in watch.slack.said if "NOT stopped" in s.text and s.place == HERS]
    assert len(pods.orders) > 10
    assert len(told) == 2


async def test_an_order_goes_on_at_the_machine_that_a_run_is_merged_into(watch: Watch) -> None:
    jobs, pods = Told(Provider.DSTACK), Told()
    scene = Scene(watch, jobs, pods)
    job = says(
        scene,
        machine=Machine(Provider.DSTACK, "default", "run:0-0"),
        at_provider=Machine(Provider.RUNPOD, "default", "pod-1"),
        endings=frozenset({Ending.END_RUN}),
    )
    await scene.listed(jobs, job)
    (run,) = await scene.runs()
    async with watch.store() as uow:
        await uow.watch.put(Watching(TEAM, hold=True))
        await watch.end.intend(uow, run, run.ending, StopReason.PERSON, watch.clock.at, by=GRACE)
        await uow.commit()
    await scene.listed(pods, says(scene))
    await scene.listed(jobs, job)
    async with watch.store() as uow:
        await uow.watch.put(Watching(TEAM))
        await uow.commit()
    await watch.goes_on(minutes=3)
    merged, host = await scene.runs()
    assert merged.merged_into == host.id
    assert pods.orders[:1] == [("pod-1", Ending.STOP)]
    assert host.stopping is not None
    assert host.stopping.by == GRACE
    async with watch.store(read_only=True) as uow:
        op = await uow.ends.by_key(f"stop:{merged.id}:1")
    assert op is not None
    assert op.state.value == "moved"


async def test_a_stop_elsewhere_that_hangs_past_the_stop_time_is_ours_to_end(
    watch: Watch,
) -> None:
    watch.clock.at = watch.clock.at.replace(hour=12)
    pods = Told()
    scene = Scene(watch, pods)
    await scene.listed(pods, says(scene, owner_hint=ADA), after=timedelta(0))
    (run,) = await scene.runs()
    await watch.stops_in(run, minutes=40)
    hangs = replace(pods.says[0], state=MachineState.STOPPING)
    await watch.goes_on(minutes=39)
    await scene.listed(pods, hangs, after=timedelta(0))
    await watch.goes_on(minutes=5)
    assert not any("NOT stopped" in s.text for s in watch.slack.said)
    await watch.goes_on(minutes=30)
    assert any("NOT stopped" in s.text and s.place == HERS for s in watch.slack.said)


async def test_a_listing_from_before_a_stop_does_not_bring_it_back(watch: Watch) -> None:
    pods = Told()
    scene = Scene(watch, pods)
    up = says(scene)
    await scene.listed(pods, up, after=timedelta(0))
    begun = watch.clock.at
    await scene.listed(pods, replace(up, **OFF))
    old = Listing(Scope(Provider.RUNPOD, "default"), (up,))
    await scene.reconcile(TEAM, old, begun)
    (run,) = await scene.runs()
    assert (run.state, run.generation) == (RunState.STOPPED, 1)


async def test_a_refused_deletion_leaves_a_stopped_machine_without_a_disk_stopped(
    watch: Watch,
) -> None:
    pods = Told()
    scene = Scene(watch, pods)
    up = says(scene)
    await scene.listed(pods, up, after=timedelta(0))
    await scene.listed(pods, replace(up, **{**OFF, "billing": Billing.NONE}))
    (run,) = await scene.runs()
    async with watch.store() as uow:
        kept = await watch.end.intend(
            uow, run, Ending.TERMINATE, StopReason.PERSON, watch.clock.at, by=ADA
        )
        await uow.commit()
    assert kept is not None
    assert kept.not_stopping(at=watch.clock.at).state is RunState.STOPPED


async def test_a_guard_is_heard_after_its_machine_was_listed(watch: Watch) -> None:
    jobs, pods = Told(Provider.DSTACK), Told()
    scene = Scene(watch, jobs, pods)
    job = says(
        scene,
        machine=Machine(Provider.DSTACK, "default", "run:0-0"),
        at_provider=Machine(Provider.RUNPOD, "default", "pod-1"),
    )
    await scene.listed(jobs, job)
    (run,) = await scene.runs()
    async with watch.store() as uow:
        await uow.guards.add(GuardToken("abc", TEAM, run.id, 1, ADA, watch.clock.at))
        await uow.commit()
    await scene.listed(pods, says(scene))
    await scene.listed(jobs, job)
    _, host = await scene.runs()
    async with watch.store(read_only=True) as uow:
        token = await uow.guards.by_hash("abc")
    assert token is not None
    assert (token.gpu, token.generation, token.revoked_at) == (host.id, host.generation, None)


async def test_what_nobody_can_read_is_not_said_to_run(watch: Watch) -> None:
    watch.clock.at = watch.clock.at.replace(hour=12)
    pods = Told()
    scene = Scene(watch, pods)
    await scene.listed(pods, says(scene, owner_hint=ADA), after=timedelta(0))
    (run,) = await scene.runs()
    listed_at = watch.clock.at
    async with watch.store() as uow:
        await watch.end.intend(uow, run, Ending.STOP, StopReason.PERSON, watch.clock.at, by=ADA)
        await uow.commit()
    await scene.is_read(pods, Problem.RATE, listed_at)
    await watch.goes_on(minutes=20)
    told = [s.text for s in watch.slack.said if s.place == HERS]
    assert any("Not known whether it has stopped" in text for text in told)
    assert not any("NOT stopped" in text for text in told)
    pods.says = ()
    await scene.is_read(pods, None, listed_at)
    await watch.goes_on(minutes=3)
    (run,) = await scene.runs()
    assert run.state is RunState.ENDED
    assert (await scene.cost(run)).estimated, "when it ended nobody saw"
    assert "cost about" in watch.slack.edits[-1].text


async def test_a_stop_that_a_key_was_let_do_frees_what_it_was_refused_before(
    watch: Watch,
) -> None:
    pods = Told()
    scene = Scene(watch, pods)
    await scene.listed(pods, says(scene), says(scene, "pod-2"), after=timedelta(0))
    first, second = await scene.runs()
    await watch.changed(first, lambda r: r.changed(watch.clock.at, may_stop=False))
    async with watch.store() as uow:
        await watch.end.intend(uow, second, Ending.STOP, StopReason.PERSON, watch.clock.at, by=ADA)
        await uow.commit()
    await watch.goes_on(minutes=1)
    first, _ = await scene.runs()
    assert first.may_stop


async def test_a_stop_time_is_named_though_it_was_carried_out_later(watch: Watch) -> None:
    watch.clock.at = watch.clock.at.replace(hour=12, minute=0)
    pods = Told()
    scene = Scene(watch, pods)
    await scene.listed(pods, says(scene, owner_hint=ADA), after=timedelta(0))
    (run,) = await scene.runs()
    await watch.stops_in(run, minutes=33)
    await watch.goes_on(minutes=29)
    watch.clock.at += timedelta(minutes=20)
    await watch.tick()
    await watch.goes_on(minutes=1)
    shown = [s.text for s in (*watch.slack.said, *watch.slack.edits) if "came at" in s.text]
    assert shown
    assert all("came at 12:33" in text for text in shown)
