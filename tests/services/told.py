"""Providers that say what they were told to say, over a watch without a bot around it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.costs import Spent, spent
from bot.domain.delivery import DueKind
from bot.domain.fleet import (
    Billing,
    Ended,
    Ending,
    Instance,
    Listing,
    Machine,
    MachineState,
    PriceSource,
    Problem,
    Provider,
    Read,
    Scope,
    Sight,
)
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, GpuId
from bot.domain.watch import Account
from bot.services.gpu.carrying import CarryOutEnd
from bot.services.gpu.reconciling import Reconcile
from tests.services.watched import Watch
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
        self.deaf: Problem | None = None

    async def listings(self) -> tuple[Listing, ...]:
        return (Listing(Scope(self.provider, self.account), self.says),)

    async def read(self, machine: Machine) -> Read:
        found = next((i for i in self.says if i.machine == machine), None)
        return Read(found) if self.deaf is None else Read(problem=self.deaf)

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

    async def is_read(self, fleet: Told, problem: Problem | None, listed_at: datetime) -> None:
        """Whether it answers just now; it was listed completely at that time."""
        fleet.deaf, here = problem, Scope(fleet.provider, fleet.account)
        since = self.watch.clock.at if problem else None
        async with self.watch.store() as uow:
            await uow.watch.put_account(
                Account(TEAM, here, problem=problem, since=since, complete_at=listed_at)
            )
            await uow.commit()

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
