"""What providers say over time, and what becomes of runs, costs and orders by it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.domain.costs import Spent, spent
from bot.domain.delivery import DueKind
from bot.domain.fleet import (
    Billing,
    Ended,
    Ending,
    Grade,
    Instance,
    Listing,
    Machine,
    MachineState,
    PlanReading,
    PriceSource,
    Provider,
    Read,
    Scope,
    Sight,
)
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import StopReason
from bot.domain.ids import ChannelId, GpuId
from bot.domain.tokens import GuardToken
from bot.domain.watch import Budget, BudgetScope, Watching
from bot.services.gpu.budgets import budgets_row
from bot.services.gpu.carrying import CarryOutEnd
from bot.services.gpu.reconciling import Reconcile
from tests.services.watched import GRACE, Watch
from tests.storage.given import ADA, TEAM

HERS = ChannelId(ADA)
"""Her direct messages."""

BOTH_WAYS = frozenset({Ending.STOP, Ending.TERMINATE})
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Told:
    """A provider that says what it was told to say, and says OK to every order."""

    account = "default"

    def __init__(self, provider: Provider = Provider.RUNPOD) -> None:
        self.provider = provider
        self.says: tuple[Instance, ...] = ()
        self.orders: list[tuple[str, Ending]] = []

    async def listings(self) -> tuple[Listing, ...]:
        return (Listing(Scope(self.provider, self.account), self.says),)

    async def read(self, machine: Machine) -> Read:
        found = next((i for i in self.says if i.machine == machine), None)
        return Read(found)

    async def sight(self) -> Sight:
        return Sight(None)

    async def end(self, machine: Machine, ending: Ending, key: str) -> Ended:
        self.orders.append((machine.instance_id, ending))
        return Ended.ACCEPTED


class Scene:
    """A watch with providers."""

    def __init__(self, watch: Watch, *fleets: Told) -> None:
        self.watch = watch
        self.fleets = fleets
        self.reconcile = Reconcile(
            store=watch.store, clock=watch.clock, keep=watch.keep, end=watch.end
        )
        watch.work[DueKind.END_GPU] = CarryOutEnd(
            store=watch.store,
            clock=watch.clock,
            fleets=fleets,
            keep=watch.keep,
            tell=watch.tell,
        )

    async def listed(self, fleet: Told, *says: Instance, after: timedelta = MINUTE) -> None:
        """So much later it says this."""
        self.watch.clock.at += after
        fleet.says = says
        for listing in await fleet.listings():
            await self.reconcile(TEAM, listing, self.watch.clock.at)

    async def runs(self) -> list[GpuRun]:
        async with self.watch.store(read_only=True) as uow:
            return sorted(
                await uow.gpus.by_ids(TEAM, [GpuId(n) for n in range(1, 9)]), key=lambda r: r.id
            )

    async def cost(self, run: GpuRun) -> Spent:
        async with self.watch.store(read_only=True) as uow:
            return spent(await uow.accruals.of([run.id]), self.watch.clock.at)


def says(scene: Scene, name: str = "pod-1", **changes: object) -> Instance:
    plain = Instance(
        Machine(Provider.RUNPOD, "default", name),
        MachineState.RUNNING,
        Billing.COMPUTE,
        name=name,
        price_per_hour=Decimal(1),
        price_source=PriceSource.INSTANCE,
        storage_per_hour=Decimal("0.10"),
        started_at=scene.watch.clock.at,
        endings=BOTH_WAYS,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names are checked by replace itself


OFF: dict[str, Any] = {
    "state": MachineState.STOPPED,
    "billing": Billing.STORAGE,
    "price_per_hour": None,
    "price_source": None,
    "endings": frozenset({Ending.TERMINATE}),
}


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
