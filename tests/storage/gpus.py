"""GPU runs to start from, and a provider that counts what it is asked."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.fleet import (
    Billing,
    Ended,
    Ending,
    Instance,
    Listing,
    Machine,
    MachineState,
    PriceSource,
    Provider,
    Read,
    Scope,
    Sight,
)
from bot.domain.gpu import GpuRun
from bot.domain.ids import TeamId, UserId
from bot.domain.reconcile import adopted
from bot.domain.workspace import Person
from tests.storage.given import AT, TEAM


def machine(name: str = "pod_1") -> Machine:
    return Machine(Provider.RUNPOD, "default", name)


def instance(name: str = "pod_1", **changes: object) -> Instance:
    plain = Instance(
        machine=machine(name),
        state=MachineState.RUNNING,
        billing=Billing.COMPUTE,
        name=name,
        gpu="RTX 4090",
        price_per_hour=Decimal("0.69"),
        price_source=PriceSource.INSTANCE,
        started_at=AT - timedelta(hours=6),
        endings=frozenset({Ending.STOP, Ending.TERMINATE}),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names are checked by replace itself


def run(name: str = "pod_1", team: TeamId = TEAM, **changes: object) -> GpuRun:
    found = adopted(team, instance(name), AT)
    return replace(found, **changes)  # type: ignore[arg-type]  # names are checked by replace itself


class CountingFleet:
    """A provider that stops what it is told to at once, and counts the calls."""

    provider = Provider.RUNPOD
    account = "default"

    def __init__(self) -> None:
        self.stopped: list[str] = []

    async def listings(self) -> tuple[Listing, ...]:
        return (Listing(Scope(self.provider, self.account)),)

    async def read(self, machine: Machine) -> Read:
        off = machine.instance_id in self.stopped
        state = MachineState.STOPPED if off else MachineState.RUNNING
        billing = Billing.NONE if off else Billing.COMPUTE
        return Read(instance(machine.instance_id, state=state, billing=billing))

    async def end(self, machine: Machine, ending: Ending, key: str) -> Ended:
        self.stopped.append(machine.instance_id)
        return Ended.ACCEPTED

    async def sight(self) -> Sight:
        return Sight(None)


def admin(user: UserId) -> Person:
    return Person(
        team=TEAM, user=user, home_team=TEAM, name=user, locale="en", tz="UTC",
        is_admin=True, is_guest=False, is_bot=False, deleted=False, fetched_at=AT,
    )  # fmt: skip
