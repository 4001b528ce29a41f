"""What providers say over time, and what becomes of runs, plans and costs by it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.fleet import (
    Billing,
    Ending,
    Grade,
    Machine,
    MachineState,
    PlanReading,
    Provider,
)
from bot.domain.gpu import RunState
from tests.services.told import HERS, HOUR, MINUTE, OFF, Scene, Told, says
from tests.services.watched import Watch
from tests.storage.given import ADA


async def test_the_disk_of_a_stopped_machine_costs_until_it_is_gone(watch: Watch) -> None:
    pods = Told()
    scene = Scene(watch, pods)
    up = says(scene)
    await scene.listed(pods, up, after=timedelta(0))
    await scene.listed(pods, replace(up, **OFF), after=2 * HOUR)
    await scene.listed(pods, after=100 * HOUR)
    await scene.listed(pods, after=HOUR)
    (run,) = await scene.runs()
    assert run.state is RunState.ENDED
    cost = await scene.cost(run)
    assert (cost.compute, cost.storage) == (Decimal(2), Decimal(10))


async def test_a_restart_that_is_seen_late_costs_from_its_start(watch: Watch) -> None:
    pods = Told()
    scene = Scene(watch, pods)
    up = says(scene)
    began = watch.clock.at
    await scene.listed(pods, up, after=timedelta(0))
    await scene.listed(pods, replace(up, **OFF), after=2 * HOUR)
    await scene.listed(pods, replace(up, started_at=began + 10 * HOUR), after=11 * HOUR)
    watch.clock.at += HOUR
    (run,) = await scene.runs()
    cost = await scene.cost(run)
    assert (run.generation, cost.compute) == (2, Decimal(2 + 4))
    assert cost.storage == Decimal("0.8"), "8 hours of disk between the two"


async def test_a_host_that_is_offline_and_bills_nothing_costs_nothing(watch: Watch) -> None:
    pods = Told()
    scene = Scene(watch, pods)
    up = says(scene)
    await scene.listed(pods, up, after=timedelta(0))
    away = replace(up, state=MachineState.UNKNOWN, billing=Billing.NONE)
    await scene.listed(pods, away, after=HOUR)
    watch.clock.at += 5 * HOUR
    (run,) = await scene.runs()
    assert (await scene.cost(run)).known == Decimal(1)


async def test_what_a_job_cost_elsewhere_is_kept_when_it_is_merged(watch: Watch) -> None:
    jobs, pods = Told(Provider.DSTACK), Told()
    scene = Scene(watch, jobs, pods)
    job = says(
        scene,
        machine=Machine(Provider.DSTACK, "default", "run:0-0"),
        price_per_hour=Decimal(3),
        endings=frozenset({Ending.END_RUN}),
    )
    await scene.listed(jobs, job, after=timedelta(0))
    watch.clock.at += 10 * HOUR
    await scene.listed(pods, says(scene), after=timedelta(0))
    below = Machine(Provider.RUNPOD, "default", "pod-1")
    await scene.listed(
        jobs, replace(job, started_at=watch.clock.at, at_provider=below), after=MINUTE
    )
    first, host = await scene.runs()
    assert first.merged_into == host.id
    assert (await scene.cost(first)).known == Decimal(30)


async def test_a_plan_that_cannot_be_read_for_a_moment_asks_nobody_anew(watch: Watch) -> None:
    watch.clock.at = watch.clock.at.replace(hour=12)
    pods = Told()
    scene = Scene(watch, pods)
    up = says(scene, owner_hint=ADA)
    await scene.listed(pods, up, after=timedelta(0))
    await watch.goes_on(minutes=11)
    unread = replace(up, plan=PlanReading(Grade.UNKNOWN, reason="aws.plans_unread"))
    for _ in range(3):
        await scene.listed(pods, unread)
        await watch.goes_on(minutes=8)
        await scene.listed(pods, up)
        await watch.goes_on(minutes=8)
    assert len([s for s in watch.slack.said if s.place == HERS]) == 1
    (run,) = await scene.runs()
    assert run.pings == 1


async def test_one_listing_without_it_takes_no_machine_from_its_orchestrator(
    watch: Watch,
) -> None:
    jobs, pods = Told(Provider.DSTACK), Told()
    scene = Scene(watch, jobs, pods)
    job = says(
        scene,
        machine=Machine(Provider.DSTACK, "default", "run:0-0"),
        at_provider=Machine(Provider.RUNPOD, "default", "pod-1"),
    )
    await scene.listed(pods, says(scene))
    await scene.listed(jobs, job)
    await scene.listed(jobs)
    (run,) = await scene.runs()
    assert run.orchestrator is not None
    await scene.listed(jobs, job)
    await scene.listed(jobs)
    await scene.listed(jobs, after=2 * MINUTE)
    (run,) = await scene.runs()
    assert run.orchestrator is None
