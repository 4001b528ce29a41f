"""A real dstack server: what its runs and machines are here, and how they end."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.clock import SystemClock
from bot.domain.fleet import (
    Billing,
    Ended,
    Ending,
    Grade,
    Instance,
    Listing,
    Machine,
    MachineState,
    PriceSource,
    Problem,
    Provider,
    Read,
)
from gateways.fleet.dstack import Dstack
from gateways.fleet.http import ProviderApi
from gateways.provider_http import provider_client
from tests.gateways.dstack.server import Server, Team

pytestmark = pytest.mark.timeout(400)  # whoever comes first waits for the server

HOUR = timedelta(hours=1)
SOON = timedelta(minutes=1)


async def listed(fleet: Dstack) -> Listing:
    [listing] = await fleet.listings()
    return listing


async def only(fleet: Dstack) -> Instance:
    listing = await listed(fleet)
    assert listing.complete
    [found] = listing.instances
    return found


async def test_a_run_is_a_machine_with_price_plan_owner_and_the_one_below(
    team: Team, fleet: Dstack
) -> None:
    run = team.submit("ow-12-ada", max_duration="4h", idle_duration="30m")
    waiting = await only(fleet)
    assert (waiting.state, waiting.billing, waiting.price_per_hour, waiting.at_provider) == (
        MachineState.STARTING,
        Billing.NONE,
        None,
        None,
    )
    team.runs(run)
    team.busy(run, 7, 6)
    found = await only(fleet)
    assert found.machine == Machine(
        Provider.DSTACK, "default", f"{run}:0-0", "US-KS-2", team.project
    )
    assert (found.state, found.billing) == (MachineState.RUNNING, Billing.COMPUTE)
    assert (found.gpu, found.gpu_count, found.vram_bytes) == ("RTX 4090", 1, 24 * 2**30)
    assert (found.price_per_hour, found.price_source) == (Decimal("0.69"), PriceSource.ORCHESTRATOR)
    assert (found.name, found.joined, found.owner_hint) == ("ow-12-ada", ("ow-12-ada",), team.name)
    assert found.at_provider == Machine(Provider.RUNPOD, "", "pod_run1", "US-KS-2")
    assert (found.gpu_util, found.gpu_mem) == ((7,), (25,))
    assert (found.plan.grade, found.plan.reason) == (Grade.ENFORCED, "dstack.max_duration")
    assert found.plan.stops_at is not None
    assert abs(SystemClock().now() + HOUR - found.plan.stops_at) < SOON
    assert found.endings == {Ending.END_RUN}
    assert "must-never-be-stored" not in repr(found)


async def test_ending_a_run_is_told_once_and_is_over_when_dstack_says_so(
    team: Team, fleet: Dstack
) -> None:
    run = team.submit()
    team.runs(run)
    machine = (await only(fleet)).machine
    assert await fleet.end(machine, Ending.END_RUN, "stop:1:1") is Ended.ACCEPTED
    ending = await only(fleet)
    assert (ending.state, ending.billing, ending.endings) == (
        MachineState.STOPPING,
        Billing.COMPUTE,
        frozenset(),
    )
    assert await fleet.end(machine, Ending.END_RUN, "stop:1:1") is Ended.ALREADY
    team.has(run, "TERMINATED")
    assert (await listed(fleet)).instances == ()
    over = (await fleet.read(machine)).instance
    assert over is not None
    assert (over.state, over.billing) == (MachineState.STOPPED, Billing.NONE)
    assert over.stopped_at is not None
    team.runs(team.submit())  # a newer one of the same name
    assert await fleet.end(machine, Ending.END_RUN, "k") is Ended.ALREADY, (
        "a newer namesake runs on"
    )
    assert (await only(fleet)).state is MachineState.RUNNING


async def test_what_is_not_there_and_what_is_not_ours(
    server: Server, team: Team, fleet: Dstack
) -> None:
    run = team.submit()
    machine = (await only(fleet)).machine
    nowhere = replace(machine, instance_id="42454b3a-fd5e-4fca-8c94-1d1395ffd78b:0-0")
    for gone in (nowhere, replace(machine, project="nobodys")):
        assert await fleet.read(gone) == Read()
        assert await fleet.end(gone, Ending.END_RUN, "k") is Ended.ALREADY
    other = server.user()
    clock = SystemClock()
    async with provider_client(server.url, other.token) as client:
        theirs = Dstack(ProviderApi(client, clock), clock)
        assert (await listed(theirs)).instances == ()
        assert await theirs.read(machine) == Read(problem=Problem.AUTH)
        assert await theirs.end(machine, Ending.END_RUN, "k") is Ended.FORBIDDEN
    async with provider_client(server.url, "wrong") as client:
        revoked = Dstack(ProviderApi(client, clock), clock)
        assert (await listed(revoked)).problem is Problem.AUTH
        assert (await revoked.sight()).problem is Problem.AUTH
    assert (await fleet.sight()).machines == 1
    assert (await fleet.read(machine)).instance is not None, run


async def test_every_node_counts_and_only_its_latest_try(team: Team, fleet: Dstack) -> None:
    nodes = team.submit("train", nodes=2)
    team.runs(nodes, pod="pod_a", price=2.0)
    lost = team.submit("eval")
    team.runs(lost, pod="pod_lost")
    team.retried(lost, pod="pod_new", ago=HOUR)
    found = (await listed(fleet)).instances
    below = {i.at_provider.instance_id: i for i in found if i.at_provider}
    assert sorted(below) == ["pod_a", "pod_a1", "pod_new"]
    assert [below[n].price_per_hour for n in ("pod_a", "pod_a1")] == [Decimal("2.0")] * 2
    began = below["pod_new"].started_at
    assert began is not None
    assert abs(SystemClock().now() - HOUR - began) < SOON


async def test_only_machines_with_a_gpu_that_somebody_rents_out_cost(
    team: Team, fleet: Dstack
) -> None:
    team.runs(team.submit("web", resources={"gpu": 0}), gpus=[])
    team.submit("later", resources={"gpu": 0})
    team.runs(team.submit("own"), backend="remote", price=0.0)
    team.runs(team.submit("free"), price=0.0)
    found = {i.name: i for i in (await listed(fleet)).instances}
    assert sorted(filter(None, found)) == ["free", "own"]
    assert (found["own"].billing, found["own"].at_provider) == (Billing.NONE, None)
    assert (found["free"].billing, found["free"].price_per_hour) == (Billing.COMPUTE, None)


async def test_plans_are_as_sure_as_what_dstack_will_do(team: Team, fleet: Dstack) -> None:
    usage = {"min_gpu_utilization": 10, "time_window": "1h"}
    team.runs(team.submit("idle-only", idle_duration="30m"), ago=HOUR)
    team.runs(team.submit("used", utilization_policy=usage), ago=HOUR)
    team.runs(team.submit("both", utilization_policy=usage, max_duration="4h"), ago=HOUR)
    team.runs(team.submit("late", max_duration="4h"), ago=5 * HOUR)
    slow = team.submit("slow", max_duration="4h")
    team.runs(slow, ago=HOUR)
    team.has(slow, "PROVISIONING")
    plans = {i.name: (i.plan.grade, i.plan.reason) for i in (await listed(fleet)).instances}
    assert plans == {
        "idle-only": (Grade.NONE, ""),
        "used": (Grade.CONDITIONAL, "dstack.utilization_policy"),
        "both": (Grade.ENFORCED, "dstack.max_duration"),
        "late": (Grade.NONE, "dstack.overdue"),
        "slow": (Grade.NONE, "dstack.never_ran"),
    }


async def test_a_machine_that_idles_after_its_job_is_the_one_its_provider_lists(
    team: Team, fleet: Dstack
) -> None:
    run = team.submit()
    team.runs(run, pod="pod_run7", hostname="203.0.113.7")
    team.has(run, "DONE")
    team.idles("gpu-fleet", hostname="203.0.113.7")
    found = await only(fleet)
    assert (found.state, found.billing, found.raw_status) == (
        MachineState.RUNNING,
        Billing.COMPUTE,
        "idle",
    )
    assert (found.gpu, found.price_per_hour) == ("RTX 4090", Decimal("0.69"))
    assert (found.plan.grade, found.plan.reason) == (Grade.CONDITIONAL, "dstack.idle_duration")
    assert found.at_provider == Machine(Provider.RUNPOD, "", "pod_run7", "US-KS-2")
    assert found.endings == {Ending.TERMINATE}
    assert await fleet.end(found.machine, Ending.TERMINATE, "k") is Ended.ACCEPTED
    for going in (await only(fleet), (await fleet.read(found.machine)).instance):
        assert going is not None
        assert (going.machine, going.state) == (found.machine, MachineState.STOPPING)
        assert (going.billing, going.endings) == (Billing.COMPUTE, frozenset())
    assert await fleet.end(found.machine, Ending.TERMINATE, "k") is Ended.ALREADY


async def test_a_machine_that_a_fleet_makes_is_seen_before_it_waits(
    team: Team, fleet: Dstack
) -> None:
    row = team.idles("gpu-fleet")
    team.machine(row, "PROVISIONING")
    found = await only(fleet)
    assert (found.state, found.billing) == (MachineState.STARTING, Billing.COMPUTE)
    assert found.price_per_hour == Decimal("0.69")
    assert found.endings == {Ending.TERMINATE}
    assert await fleet.end(found.machine, Ending.TERMINATE, "k") is Ended.ACCEPTED
    assert (await only(fleet)).state is MachineState.STOPPING


async def test_a_machine_that_works_is_listed_as_its_run_and_is_never_gone(
    team: Team, fleet: Dstack
) -> None:
    row = team.idles("gpu-fleet")
    waited = (await only(fleet)).machine
    run = team.submit()
    team.runs(run)
    for status in ("PROVISIONING", "BUSY"):
        team.machine(row, status, jobs=1)
        assert (await only(fleet)).machine.instance_id == f"{run}:0-0"
        read = await fleet.read(waited)
        assert (read.problem, read.instance and read.instance.billing) == (None, Billing.COMPUTE)
        assert await fleet.end(waited, Ending.TERMINATE, "k") is Ended.LATER
    team.machine(row, "TERMINATING", why="JOB_FINISHED")
    assert (await only(fleet)).machine.instance_id == f"{run}:0-0", "one machine, one row"
    team.has(run, "DONE")
    team.machine(row, "TERMINATED", why="JOB_FINISHED")
    assert (await listed(fleet)).instances == ()
    over = (await fleet.read(waited)).instance
    assert over is not None
    assert (over.state, over.billing) == (MachineState.GONE, Billing.NONE)


async def test_a_machine_that_is_not_rented_yet_costs_nothing_and_is_not_gone(
    team: Team, fleet: Dstack
) -> None:
    row = team.idles("gpu-fleet")
    machine = (await only(fleet)).machine
    team.machine(row, "PENDING")
    assert (await listed(fleet)).instances == ()
    read = (await fleet.read(machine)).instance
    assert read is not None
    assert (read.state, read.billing) == (MachineState.STARTING, Billing.NONE)


async def test_a_sample_that_is_old_says_nothing(team: Team, fleet: Dstack) -> None:
    run = team.submit()
    team.runs(run)
    team.busy(run, 0, 0, ago=HOUR)
    found = await only(fleet)
    assert (found.gpu_util, found.gpu_mem) == (None, None)
