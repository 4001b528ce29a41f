"""How listings went, of accounts with regions: nothing stays unread for longer than it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from typing_extensions import override

from bot.domain.delivery import LEASE
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
    Problem,
    Provider,
    Read,
    Scope,
    Sight,
)
from bot.domain.ids import TeamId
from bot.domain.watch import Account
from bot.ports import Fleet
from bot.services.background import Background
from bot.services.gpu.polling import PollFleet, poll_key, poll_row
from bot.services.gpu.reconciling import Reconcile
from bot.services.gpu.seeing import Seen
from tests.services.watched import GRACE, Watch
from tests.storage.given import TEAM

EU, US = "eu-west-1", "us-east-1"
PLANNED = PlanReading(Grade.ENFORCED, reason="aws.schedule")


@dataclass
class Cloud:
    """AWS with a machine in the first of two regions; `fails` per region, "" for the whole."""

    fails: dict[str, Problem] = field(default_factory=dict)
    regions: tuple[str, ...] = (EU, US)
    provider = Provider.AWS
    account = "acc"

    async def listings(self) -> tuple[Listing, ...]:
        if "" in self.fails:
            return (Listing(Scope(self.provider, self.account), problem=self.fails[""]),)
        return tuple(self._listing(region) for region in self.regions)

    def _listing(self, region: str) -> Listing:
        scope, problem = Scope(self.provider, self.account, region), self.fails.get(region)
        here = Machine(self.provider, self.account, "i-1", region)
        found = Instance(
            here,
            MachineState.RUNNING,
            Billing.COMPUTE,
            plan=PLANNED,
            endings=frozenset({Ending.STOP}),
        )
        seen = (found,) if region == EU and problem is None else ()
        return Listing(scope, seen, problem)

    async def read(self, machine: Machine) -> Read:
        raise NotImplementedError(machine)

    async def end(self, machine: Machine, ending: Ending, key: str) -> Ended:
        raise NotImplementedError(machine, ending, key)

    async def sight(self) -> Sight:
        raise NotImplementedError


class Process:
    """A bot that has just been started, with these keys."""

    def __init__(self, watch: Watch, *fleets: Fleet) -> None:
        self.watch = watch
        self.fleets = fleets
        self.poll = PollFleet(
            store=watch.store,
            clock=watch.clock,
            fleets=fleets,
            reconcile=Reconcile(
                store=watch.store, clock=watch.clock, keep=watch.keep, end=watch.end
            ),
            keep=watch.keep,
            troubles=watch.troubles,
            background=Background(),
        )

    async def polls(self, times: int = 1) -> None:
        for _ in range(times):
            for fleet in self.fleets:
                await self.poll.now(TEAM, fleet)
            await self.watch.goes_on(minutes=2)

    async def misses(self, fleet: Fleet) -> None:
        """The beat of an account for which there is no key now."""
        now = self.watch.clock.now()
        async with self.watch.store() as uow:
            await uow.due.arm(poll_row(TEAM, fleet, now))
            row = await uow.due.claim_key(poll_key(fleet), now, LEASE)
            await uow.commit()
        assert row is not None
        await self.poll(row)


async def seen(watch: Watch) -> Seen:
    """What holds for the machine."""
    async with watch.store(read_only=True) as uow:
        [run] = await uow.gpus.watched(TEAM)
        return await watch.keep.look(uow, run, watch.clock.now())


async def rows(watch: Watch) -> dict[str, Account]:
    async with watch.store(read_only=True) as uow:
        return {row.scope.region: row for row in await uow.watch.accounts(TEAM)}


def problems(found: dict[str, Account]) -> dict[str, Problem | None]:
    return {region: row.problem for region, row in found.items()}


async def test_a_key_that_was_missing_once_is_forgiven(watch: Watch) -> None:
    watch.clock.at += timedelta(hours=5)
    cloud = Cloud()
    await Process(watch, cloud).polls()
    assert (await seen(watch)).plan.grade is Grade.ENFORCED
    await Process(watch).misses(cloud)
    unread = await seen(watch)
    assert (unread.trouble, unread.shut, unread.plan.grade) == (True, True, Grade.UNKNOWN)
    assert problems(await rows(watch)) == {EU: Problem.AUTH, US: Problem.AUTH}
    await Process(watch, cloud).polls()
    again = await seen(watch)
    assert (again.trouble, again.shut, again.plan.grade) == (False, False, Grade.ENFORCED)


async def test_a_row_of_the_whole_account_goes_when_its_regions_answer(watch: Watch) -> None:
    cloud = Cloud({"": Problem.AUTH})
    process = Process(watch, cloud)
    await process.polls(2)
    assert problems(await rows(watch)) == {"": Problem.AUTH}
    cloud.fails = {EU: Problem.SERVER, US: Problem.SERVER}
    await process.polls()
    assert problems(await rows(watch)) == {"": None, EU: Problem.SERVER, US: Problem.SERVER}
    cloud.fails = {}
    await process.polls()
    assert set(problems(await rows(watch)).values()) == {None}
    assert not (await seen(watch)).trouble


async def test_a_key_that_is_dead_after_a_restart_is_one_in_every_region(watch: Watch) -> None:
    cloud = Cloud()
    await Process(watch, cloud).polls()
    await Process(watch, Cloud({"": Problem.AUTH})).polls()
    unread = await seen(watch)
    assert (unread.trouble, unread.plan.grade) == (True, Grade.UNKNOWN)
    assert problems(await rows(watch)) == {EU: Problem.AUTH, US: Problem.AUTH}


async def test_a_region_that_is_listed_no_more_is_no_trouble_for_ever(watch: Watch) -> None:
    cloud = Cloud({US: Problem.SERVER})
    process = Process(watch, cloud)
    await process.polls(4)
    cloud.fails, cloud.regions = {}, (EU,)
    await process.polls()
    assert problems(await rows(watch)) == {EU: None, US: None}


async def test_a_region_that_is_closed_while_something_runs_there_is_an_alarm(
    watch: Watch,
) -> None:
    watch.clock.at += timedelta(hours=5)
    cloud = Cloud()
    process = Process(watch, cloud)
    await process.polls()
    cloud.fails = {US: Problem.AUTH}
    await process.polls()
    assert watch.asked(GRACE) == [], "nothing ran there"
    cloud.fails = {EU: Problem.AUTH}
    await process.polls(2)
    assert len(watch.asked(GRACE)) == 1
    async with watch.store(read_only=True) as uow:
        [run] = await uow.gpus.watched(TEAM)
    await watch.changed(run, lambda r: r.reported_stopped(at=watch.clock.now(), by=GRACE))
    await process.polls()
    [standing] = watch.slack.at(GRACE)
    assert standing.subject.startswith("over:")


class Stumbles(Reconcile):
    """It fails on one region."""

    @override
    async def __call__(self, team: TeamId, listing: Listing, begun: datetime) -> int:
        if listing.scope.region == EU:
            raise RuntimeError(team, begun)
        return 0


async def test_what_could_not_be_worked_in_is_as_it_was(watch: Watch) -> None:
    cloud = Cloud({EU: Problem.SERVER})
    await Process(watch, cloud).polls()
    cloud.fails = {}
    process = Process(watch, cloud)
    process.poll = PollFleet(
        store=watch.store,
        clock=watch.clock,
        fleets=[cloud],
        reconcile=Stumbles(store=watch.store, clock=watch.clock, keep=watch.keep, end=watch.end),
        keep=watch.keep,
        troubles=watch.troubles,
        background=Background(),
    )
    await process.polls()
    assert problems(await rows(watch)) == {EU: Problem.SERVER, US: None}


async def test_fifteen_regions_that_refuse_the_key_are_one_message(watch: Watch) -> None:
    watch.clock.at += timedelta(hours=5)
    names: Sequence[str] = [f"r-{n}" for n in range(15)]
    cloud = Cloud(dict.fromkeys(names, Problem.AUTH), regions=tuple(names))
    process = Process(watch, cloud)
    await process.polls(3)
    assert len(watch.asked(GRACE)) == 1
    cloud.regions = (*names, EU)
    await process.polls(3)
    [standing] = watch.slack.at(GRACE)
    assert standing.subject.startswith("over:"), "they are closed to the key, which works"
