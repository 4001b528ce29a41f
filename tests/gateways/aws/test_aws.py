"""EC2 through AWS's own library and moto's server: what is seen, ended, and not misunderstood."""

import asyncio
import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from starlette.responses import Response
from typing_extensions import override

from bot.clock import SystemClock
from bot.domain.fleet import (
    Billing,
    Ended,
    Ending,
    MachineState,
    PriceSource,
    Problem,
    Read,
)
from tests.gateways.aws.conftest import Cloud, machine
from tests.gateways.aws.moto import EU, US, Answering, refused, xml


def told(answer: Response) -> str:
    return bytes(answer.body).decode()


async def test_machines_of_every_region_are_seen_with_gpu_price_owner_and_disk(
    cloud: Cloud,
) -> None:
    [ada] = cloud.start(tags={"Name": "ow-12-ada", "owner": "U0ADA"})
    [big] = cloud.start("p4d.24xlarge", EU, tags={"Name": "train"})
    cloud.start("t3.micro", tags={"Name": "web"})
    found = await cloud.listed()
    assert [(r, one.complete) for r, one in found.items()] == [(EU, True), (US, True)]
    [small], [large] = found[US].instances, found[EU].instances
    assert (small.machine.instance_id, small.machine.region) == (ada, US)
    assert (small.state, small.billing) == (MachineState.RUNNING, Billing.COMPUTE)
    assert (small.gpu, small.gpu_count, small.vram_bytes) == ("A10G", 1, 22888 * 1024**2)
    assert (small.price_per_hour, small.price_source) == (Decimal("1.006"), PriceSource.TABLE)
    assert (small.name, small.joined, small.owner_hint) == ("ow-12-ada", ("ow-12-ada",), "U0ADA")
    assert small.endings == {Ending.STOP, Ending.TERMINATE}
    assert small.volume_gb == 8
    assert small.storage_per_hour is None, "the price of a gp2 volume is not known"
    assert small.started_at is not None
    assert timedelta(0) <= SystemClock().now() - small.started_at < timedelta(minutes=1)
    assert (large.machine.instance_id, large.gpu, large.gpu_count) == (big, "A100", 8)
    assert (large.joined, large.owner_hint) == ((), None)


async def test_a_machine_without_a_gpu_counts_when_it_names_an_experiment(cloud: Cloud) -> None:
    cloud.start("t3.micro", tags={"team": "OW-7-bo"})
    cloud.start("t3.micro", tags={"ow-8": ""})
    cloud.start("t3.micro", tags={"Name": "ow-nothing"})
    found = (await cloud.listed())[US].instances
    assert {i.joined for i in found} == {("OW-7-bo",), ("ow-8",)}
    assert {(i.gpu, i.gpu_count) for i in found} == {(None, 0)}


async def test_all_pages_are_read(cloud: Cloud) -> None:
    ids = [one for _ in range(11) for one in cloud.start("g4dn.xlarge")]
    async with cloud.watched(page=5) as fleet:
        _, found = await fleet.listings()
    assert found.complete
    assert sorted(i.machine.instance_id for i in found.instances) == sorted(ids)
    assert cloud.door.count("DescribeInstances", US) == 3
    assert cloud.door.count("DescribeInstanceTypes", US) == 1


async def test_disks_of_known_price_cost_on_after_the_stop(cloud: Cloud) -> None:
    disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 500, "VolumeType": "gp3"}}
    [here] = cloud.start(BlockDeviceMappings=[disk])
    cloud.client("ec2").stop_instances(InstanceIds=[here])
    found = await cloud.only()
    assert (found.state, found.billing) == (MachineState.STOPPED, Billing.STORAGE)
    assert found.volume_gb == 500
    assert found.storage_per_hour == Decimal("0.08") * 500 / 730
    assert found.endings == {Ending.TERMINATE}
    assert found.stopped_at is not None
    assert abs(SystemClock().now() - found.stopped_at) < timedelta(minutes=1)


async def test_spot_and_other_systems_have_no_list_price(cloud: Cloud) -> None:
    cloud.start(InstanceMarketOptions={"MarketType": "spot"})
    found = await cloud.only()
    assert (found.tier, found.price_per_hour, found.price_source) == ("spot", None, None)
    assert found.endings == {Ending.TERMINATE}, "a spot machine is not stopped, it is given back"


async def test_names_are_shown_cut_and_without_control_characters(cloud: Cloud) -> None:
    cloud.start(tags={"Name": "<!channel> *x*\u202e" + "n" * 240})
    name = (await cloud.only()).name
    assert name is not None
    assert name.startswith("<!channel> *x* nnn")
    assert len(name) == 200


async def test_stop_is_sent_once_and_seen(cloud: Cloud) -> None:
    [here] = cloud.start()
    async with cloud.watched() as fleet:
        assert await fleet.end(machine(here), Ending.STOP, "stop:1:1") is Ended.ACCEPTED
        read = await fleet.read(machine(here))
        assert read.instance is not None
        assert read.instance.state is MachineState.STOPPED
        assert await fleet.end(machine(here), Ending.STOP, "stop:1:1") is Ended.ALREADY
        assert cloud.door.count("StopInstances") == 1
        assert await fleet.end(machine(here), Ending.TERMINATE, "t") is Ended.ACCEPTED
        assert await fleet.end(machine(here), Ending.TERMINATE, "t") is Ended.ALREADY
        assert await fleet.end(machine(here), Ending.STOP, "stop:1:1") is Ended.ALREADY
        [gone] = (await fleet.listings())[1].instances
        assert (gone.state, gone.billing, gone.endings) == (
            MachineState.GONE,
            Billing.NONE,
            frozenset(),
        )


async def test_a_machine_that_never_was_is_certainly_not_there(cloud: Cloud) -> None:
    async with cloud.watched() as fleet:
        missing = machine("i-0123456789abcdef0")
        assert await fleet.read(missing) == Read()
        assert await fleet.end(missing, Ending.STOP, "k") is Ended.ALREADY


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refused("UnauthorizedOperation", 403), Ended.FORBIDDEN),
        (refused("IncorrectInstanceState"), Ended.ALREADY),
        (refused("InvalidInstanceID.NotFound"), Ended.ALREADY),
        (refused("OperationNotPermitted"), Ended.LOCKED),
        (refused("RequestLimitExceeded", 503), Ended.LATER),
        (refused("InternalError", 500), Ended.UNKNOWN),
        (lambda _: xml("<html>proxy</html>"), Ended.UNKNOWN),
        (lambda _: xml("<StopInst"), Ended.UNKNOWN),
        (lambda _: None, Ended.UNKNOWN),
    ],
)
async def test_a_refused_or_unanswered_stop_is_sent_once_and_named(
    cloud: Cloud, answer: Answering, expected: Ended
) -> None:
    [here] = cloud.start()
    cloud.door.fault("StopInstances", answer)
    async with cloud.watched(read_seconds=0.5) as fleet:
        assert await fleet.end(machine(here), Ending.STOP, "k") is expected
    assert cloud.door.count("StopInstances") == 1


async def test_a_machine_that_is_still_made_is_told_again_to_stop(cloud: Cloud) -> None:
    [here] = cloud.start()

    def made(answer: Response) -> Response:
        text = re.sub("<name>(running|stopped)</name>", "<name>pending</name>", told(answer))
        return xml(text)

    cloud.door.fault("DescribeInstances", made)
    cloud.door.fault("StopInstances", refused("IncorrectInstanceState"))
    async with cloud.watched() as fleet:
        assert await fleet.end(machine(here), Ending.STOP, "k") is Ended.LATER
        cloud.door.faults.clear()
        assert await fleet.end(machine(here), Ending.STOP, "k") is Ended.ALREADY


async def test_a_reading_says_that_it_runs_whatever_its_plans_and_disks_do(cloud: Cloud) -> None:
    [here] = cloud.start()
    for service in ("scheduler", "monitoring", "DescribeVolumes", "DescribeInstanceTypes"):
        cloud.door.fault(service, lambda _: None)
    async with cloud.watched(read_seconds=60) as fleet, asyncio.timeout(9):
        read = await fleet.read(machine(here))
        assert (read.problem, read.instance and read.instance.state) == (
            None,
            MachineState.RUNNING,
        )
        assert await fleet.end(machine(here), Ending.STOP, "k") is Ended.ACCEPTED
    assert not {c.service for c in cloud.door.calls} & {"scheduler", "monitoring"}


async def test_what_is_off_is_read_with_its_gpu_and_disks(cloud: Cloud) -> None:
    disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 500, "VolumeType": "gp3"}}
    [here] = cloud.start("p4d.24xlarge", BlockDeviceMappings=[disk])
    cloud.client("ec2").stop_instances(InstanceIds=[here])
    async with cloud.watched() as fleet:
        off = (await fleet.read(machine(here))).instance
        assert off == (await fleet.listings())[1].instances[0]
        assert (off.gpu_count, off.volume_gb) == (8, 500)
        cloud.client("ec2").terminate_instances(InstanceIds=[here])
        gone = (await fleet.read(machine(here))).instance
    assert gone is not None
    assert (gone.state, gone.gpu_count, gone.billing) == (MachineState.GONE, 8, Billing.NONE)


async def test_what_is_off_is_off_also_where_its_disks_cannot_be_read(cloud: Cloud) -> None:
    [here] = cloud.start()
    cloud.client("ec2").stop_instances(InstanceIds=[here])
    cloud.door.fault("DescribeVolumes", lambda _: None)
    async with cloud.watched(read_seconds=60) as fleet, asyncio.timeout(9):
        off = (await fleet.read(machine(here))).instance
    assert off is not None
    assert (off.state, off.billing) == (MachineState.STOPPED, Billing.STORAGE)
    assert (off.volume_gb, off.storage_per_hour) == (None, None)


async def test_a_stop_waits_for_no_listing_and_for_no_other_region(cloud: Cloud) -> None:
    [here] = cloud.start()
    cloud.door.regions = tuple(f"eu-west-{n}" for n in range(1, 4)) * 3
    for region in cloud.door.regions:
        cloud.door.fault("DescribeInstances", lambda _: None, region)
    async with cloud.watched(read_seconds=60) as fleet, asyncio.timeout(9):
        lost = machine("i-0123456789abcdef0", "eu-west-1")
        reading = [asyncio.create_task(fleet.read(lost)) for _ in range(3)]
        listing = asyncio.create_task(fleet.listings())
        while cloud.door.count("DescribeInstances") < 8 + 2:
            await asyncio.sleep(0)
        assert await fleet.end(machine(here), Ending.STOP, "k") is Ended.ACCEPTED
        for task in (listing, *reading):
            task.cancel()


async def test_nothing_is_sent_where_the_state_cannot_be_read(cloud: Cloud) -> None:
    [here] = cloud.start()
    async with cloud.watched() as fleet:
        cloud.door.fault("DescribeInstances", refused("UnauthorizedOperation", 403))
        assert await fleet.end(machine(here), Ending.STOP, "k") is Ended.FORBIDDEN
        cloud.door.fault("DescribeInstances", lambda _: xml("<html>"))
        assert await fleet.end(machine(here), Ending.STOP, "k") is Ended.LATER
        assert await fleet.read(machine(here)) == Read(problem=Problem.SHAPE)
    assert cloud.door.count("StopInstances") == 0


async def test_what_the_key_may_do_is_learnt_without_doing_it(cloud: Cloud) -> None:
    async with cloud.watched() as fleet:
        nothing = await fleet.sight()
        assert (nothing.problem, nothing.machines, nothing.may_stop) == (None, 0, None)
        cloud.start()
        cloud.door.fault("DescribeInstances", refused("UnauthorizedOperation", 403), EU)
        seen = await fleet.sight()
        assert (seen.problem, seen.machines, seen.may_stop) == (None, 1, True)
        assert (seen.regions, seen.denied) == ((US,), (EU,))
        cloud.door.fault("StopInstances", refused("UnauthorizedOperation", 403))
        assert (await fleet.sight()).may_stop is False
        assert (await cloud.only()).state is MachineState.RUNNING
        cloud.door.fault("DescribeRegions", refused("AuthFailure", 401))
        assert (await fleet.sight()).problem is Problem.AUTH


async def test_a_clock_that_is_off_is_told(cloud: Cloud) -> None:
    class Late(SystemClock):
        @override
        def now(self) -> datetime:
            return super().now() - timedelta(minutes=5)

    async with cloud.watched(Late()) as fleet:
        assert abs((await fleet.sight()).skew - timedelta(minutes=5)) < timedelta(seconds=5)


async def test_a_state_nobody_knows_is_unknown_and_a_strange_time_none(cloud: Cloud) -> None:
    cloud.start()

    def strange(answer: Response) -> Response:
        text = bytes(answer.body).replace(b"<name>running</name>", b"<name>napping</name>")
        return xml(text.decode())

    cloud.door.fault("DescribeInstances", strange)
    found = await cloud.only()
    assert (found.state, found.billing, found.raw_status) == (
        MachineState.UNKNOWN,
        Billing.UNKNOWN,
        "napping",
    )


async def test_the_event_loop_is_free_while_a_region_hangs(cloud: Cloud) -> None:
    cloud.start(region=EU)
    cloud.door.fault("DescribeInstances", lambda _: None, US)
    async with cloud.watched(whole_seconds=3, read_seconds=5) as fleet:
        looking = asyncio.create_task(fleet.listings())
        while cloud.door.count("DescribeInstances") < 2:
            await asyncio.sleep(0)
        assert not looking.done()
        eu, us = await looking
        assert (us.problem, eu.problem, len(eu.instances)) == (Problem.NETWORK, None, 1)


async def test_one_region_denied_is_one_unknown_region(cloud: Cloud) -> None:
    others = ("ap-south-1", "ca-central-1", "sa-east-1", US)
    cloud.door.regions = (*others, EU)
    cloud.start()
    cloud.door.fault("DescribeInstances", refused("UnauthorizedOperation", 403), EU)
    found = await cloud.listed()
    assert {r: one.problem for r, one in found.items()} == {
        EU: Problem.AUTH,
        **dict.fromkeys(others),
    }
    assert len(found[US].instances) == 1
