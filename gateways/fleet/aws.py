"""AWS EC2: all enabled regions, one listing each. Needs the extra `aws`.

AWS's library blocks, so every call runs in a thread.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import boto3

from bot.clock import Clock
from bot.domain.fleet import (
    Ended,
    Ending,
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
from gateways.fleet.aws_calls import Ec2
from gateways.fleet.aws_client import PAGE, Clients
from gateways.fleet.aws_plan import Plans, plan_of
from gateways.fleet.aws_threads import Threads
from gateways.fleet.aws_wire import (
    Around,
    Gpus,
    PriceOf,
    Row,
    Volume,
    guessed,
    instance,
    names_experiment,
    state_of,
)
from gateways.fleet.http import WHOLE_SECONDS, Failed, http_date
from gateways.provider_http import READ_SECONDS

DISKS_SECONDS = 3.0
"""So long a reading waits for more than the state; a worker that ends machines waits for 9 s."""
_MAY_PLAN = {MachineState.STARTING, MachineState.RUNNING, MachineState.UNKNOWN}
_OFF = {MachineState.STOPPED, MachineState.GONE}


class AwsFleet:
    """One AWS account. `session` makes the library's session, with the key and region in it."""

    def __init__(
        self,
        session: Callable[[], boto3.Session],
        clock: Clock,
        price: PriceOf,
        *,
        account: str = "default",
        read_seconds: float = READ_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
        page: int = PAGE,
    ) -> None:
        self._clients = Clients(session, read_seconds=read_seconds, page=page)
        self._ec2 = Ec2(self._clients)
        self._clock = clock
        self._price = price
        self._account = account
        self._whole = whole_seconds
        self.threads = Threads()

    @property
    def provider(self) -> Provider:
        """AWS."""
        return Provider.AWS

    @property
    def account(self) -> str:
        """As it was named here."""
        return self._account

    async def listings(self) -> tuple[Listing, ...]:
        """One listing per region; a region that fails or is too slow says so in its own.

        Where the regions cannot be read, one that speaks for all of them says why.
        """
        until = self._time() + self._whole
        try:
            regions = await self.threads.listing(until, self._ec2.regions)
        except Failed as failed:
            return (self._nothing("", failed),)
        return tuple(await asyncio.gather(*(self._listing(r, until) for r in regions)))

    async def read(self, machine: Machine) -> Read:
        """What one machine does now, without a plan; its GPUs and disks where it is off.

        So a machine that runs needs one answer of EC2, whatever the services of plans do. Of such a
        reading nothing but the state is taken, of one that is off all.
        """
        until = self._time() + self._whole
        ask = partial(self.threads.reading, machine.region)
        try:
            row = await ask(until, partial(self._ec2.machine, machine))
        except Failed as failed:
            return Read(problem=failed.problem)
        if row is None:
            return Read()
        gpus, volumes = guessed(row.instance_type), None
        if state_of(row)[0] in _OFF:
            soon = min(until, self._time() + DISKS_SECONDS)
            with suppress(Failed):
                gpus = await ask(soon, partial(self._gpus, machine.region, row))
                volumes = await ask(soon, partial(self._volumes, machine.region, row))
        return Read(instance(row, Around(machine, gpus, PlanReading(), volumes, self._price)))

    async def end(self, machine: Machine, ending: Ending, key: str) -> Ended:
        """Stop or terminate it. AWS takes no key here: a second end changes nothing."""
        del key
        return await self.threads.ending(machine.region, partial(self._ec2.end, machine, ending))

    async def sight(self) -> Sight:
        """The regions that are seen, and by a dry run on one machine whether it may be stopped."""
        found = await self.listings()
        seen = tuple(one for one in found if one.problem is not Problem.AUTH)
        machines = [i for one in found for i in one.instances if i.state is not MachineState.GONE]
        problems = [one.problem for one in seen or found if one.problem]
        return Sight(
            problem=problems[0] if problems else None,
            machines=len(machines),
            may_stop=await self._may_stop(machines),
            skew=next((one.skew for one in found if one.skew), timedelta(0)),
            regions=tuple(one.scope.region for one in seen if one.complete),
            denied=tuple(o.scope.region for o in found if o.problem is Problem.AUTH),
        )

    async def close(self) -> None:
        """Take no more work; what is under way ends by its own time limits."""
        self.threads.close()
        self._clients.close()

    async def _may_stop(self, machines: Iterable[Instance]) -> bool | None:
        one = next(iter(machines), None)
        if one is None:
            return None
        here = one.machine
        return await self.threads.ending(here.region, partial(self._ec2.may_stop, here))

    async def _listing(self, region: str, until: float) -> Listing:
        try:
            return await self.threads.listing(until, partial(self._listed, region))
        except Failed as failed:
            return self._nothing(region, failed)

    def _time(self) -> float:
        return asyncio.get_running_loop().time()

    def _nothing(self, region: str, failed: Failed) -> Listing:
        return Listing(self._scope(region), problem=failed.problem, retry_after=failed.retry_after)

    def _scope(self, region: str) -> Scope:
        return Scope(Provider.AWS, self._account, region)

    def _listed(self, region: str) -> Listing:
        """Blocking. One region's machines with GPUs, and those that name an experiment."""
        found = self._ec2.machines(region)
        gpus = self._ec2.gpus(region, found.rows)
        rows = [r for r in found.rows if gpus[r.instance_type] or names_experiment(r)]
        return Listing(
            self._scope(region),
            self._instances(region, rows),
            problem=found.failed.problem if found.failed else None,
            retry_after=found.failed.retry_after if found.failed else None,
            skew=self._skew(found.date),
        )

    def _gpus(self, region: str, row: Row) -> Gpus | None:
        """Blocking."""
        return self._ec2.gpus(region, [row])[row.instance_type]

    def _volumes(self, region: str, row: Row) -> list[Volume] | None:
        """Blocking. What is gone has none."""
        if state_of(row)[0] is MachineState.GONE:
            return []
        found = self._ec2.volumes(region, [row.instance_id])
        return None if found is None else found.get(row.instance_id, [])

    def _instances(self, region: str, rows: list[Row]) -> tuple[Instance, ...]:
        """Blocking. Disks and plans are asked for once, and only where somebody needs them."""
        gpus = self._ec2.gpus(region, rows)
        kept = [r.instance_id for r in rows if state_of(r)[0] is not MachineState.GONE]
        planned = {r.instance_id for r in rows if state_of(r)[0] in _MAY_PLAN}
        volumes = self._ec2.volumes(region, kept) if kept else {}
        plans = self._ec2.plans(region) if planned else Plans()
        now = self._clock.now()
        return tuple(
            instance(
                row,
                Around(
                    machine=Machine(Provider.AWS, self._account, row.instance_id, region),
                    gpus=gpus[row.instance_type],
                    plan=plan_of(row, plans, now) if row.instance_id in planned else PlanReading(),
                    volumes=None if volumes is None else volumes.get(row.instance_id, ()),
                    price=self._price,
                ),
            )
            for row in rows
        )

    def _skew(self, date: str) -> timedelta:
        theirs = http_date(date)
        if theirs is None:
            return timedelta(0)
        return timedelta(seconds=round((theirs - self._clock.now()).total_seconds()))
