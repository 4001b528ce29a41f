"""RunPod: what its pods mean, and how they end."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.fleet import (
    Billing,
    Ended,
    Ending,
    Grade,
    Instance,
    Machine,
    MachineState,
    PlanReading,
    PriceSource,
    Problem,
    Provider,
    Read,
)
from sandbox.fleet.runpod import ABSENT
from sandbox.fleet.runpod import RunPod as Account
from tests.gateways.conftest import Answer
from tests.gateways.fleet.conftest import ANSWERS, HOUR, NOON, Side, Waiting, runpod_said

BOTH = frozenset({Ending.STOP, Ending.TERMINATE})


async def test_the_published_shape_is_understood(clock: Waiting) -> None:
    found = await runpod_said(clock, Answer(json.dumps(ANSWERS["runpod_v2_list_pods"])))
    assert found.complete
    forgotten, locked, booting, stopped = found.instances
    assert forgotten == Instance(
        Machine(Provider.RUNPOD, "default", "pod_run1", "US-KS-2"),
        MachineState.RUNNING,
        Billing.COMPUTE,
        raw_status="RUNNING",
        name="llama-eval",
        joined=("llama-eval", "U0AAA"),
        gpu="RTX 4090",
        tier="secure",
        price_per_hour=Decimal("0.69"),
        price_source=PriceSource.INSTANCE,
        storage_per_hour=20 * Decimal("0.20") / 730,
        volume_gb=20,
        created_at=datetime(2026, 11, 22, 20, 0, tzinfo=UTC),
        started_at=datetime(2026, 11, 22, 20, 2, tzinfo=UTC),
        owner_hint="U0AAA",
        gpu_util=(0,),
        gpu_mem=(0,),
        endings=BOTH,
    )
    assert (locked.locked, locked.gpu, locked.gpu_count) == (True, "H100 SXM", 8)
    assert (locked.vram_bytes, locked.gpu_util) == (80 * 2**30, None)
    assert (booting.state, booting.billing) == (MachineState.STARTING, Billing.COMPUTE)
    assert (booting.started_at, booting.machine.region) == (None, "")
    assert (stopped.state, stopped.billing) == (MachineState.STOPPED, Billing.STORAGE)
    assert stopped.price_per_hour is None
    assert stopped.endings == {Ending.TERMINATE}
    assert stopped.storage_per_hour is not None
    assert round(stopped.storage_per_hour * 730) == 100


async def test_a_forgotten_pod_is_seen_with_its_promise(runpod: Side[Account]) -> None:
    runpod.there.start(
        "ow-12-ada", ago=6 * HOUR, owner="U0ADA", until=NOON + HOUR, util=0, memory=0
    )
    found = await runpod.only()
    assert found.created_at == NOON - 6 * HOUR
    assert found.plan == PlanReading(Grade.DECLARED, NOON + HOUR, "runpod.shutdown_at")
    assert (found.owner_hint, found.joined) == ("U0ADA", ("ow-12-ada", "U0ADA"))
    assert (found.gpu_util, found.gpu_mem) == ((0,), (0,))


async def test_a_stop_is_asked_for_once_and_seen_when_it_is_done(runpod: Side[Account]) -> None:
    pod = runpod.there.start("eval", ago=HOUR, volume_gb=20)
    assert await runpod.end(pod.id) is Ended.ACCEPTED
    assert (await runpod.only()).state is MachineState.RUNNING
    runpod.clock.advance(timedelta(seconds=20))
    stopped = await runpod.only()
    assert (stopped.state, stopped.billing) == (MachineState.STOPPED, Billing.STORAGE)
    assert (await runpod.read(pod.id)).instance == stopped
    assert await runpod.end(pod.id) is Ended.ALREADY
    assert runpod.there.count("stop", pod.id) == 2


async def test_what_was_terminated_is_not_there(runpod: Side[Account]) -> None:
    pod = runpod.there.start("eval", ago=HOUR)
    assert await runpod.end(pod.id, Ending.TERMINATE) is Ended.ACCEPTED
    assert (await runpod.listing()).instances == ()
    assert await runpod.read(pod.id) == Read()
    assert await runpod.end(pod.id, Ending.TERMINATE) is Ended.ALREADY


async def test_a_stop_that_lies_proves_nothing(runpod: Side[Account]) -> None:
    pod = runpod.there.start("eval", ago=HOUR, lies=True)
    assert await runpod.end(pod.id) is Ended.ACCEPTED
    runpod.clock.advance(HOUR)
    assert (await runpod.only()).state is MachineState.RUNNING


async def test_a_pod_boots_costs_meanwhile_and_may_change_its_price(runpod: Side[Account]) -> None:
    pod = runpod.there.start("never-boots", usd="0.79", boots_in=None, ago=HOUR)
    found = await runpod.only()
    assert (found.state, found.billing, found.started_at) == (
        MachineState.STARTING, Billing.COMPUTE, None,
    )  # fmt: skip
    pod.boots_in = timedelta(0)
    runpod.there.reprice(pod, "0.99")
    assert (await runpod.only()).price_per_hour == Decimal("0.99")


async def test_members_of_clusters_are_listed_and_end_with_their_cluster(
    runpod: Side[Account],
) -> None:
    pod = runpod.there.start("node-0", cluster="cluster_1", ago=HOUR)
    found = await runpod.only()
    assert (found.cluster, found.endings) == ("cluster_1", frozenset())
    assert await runpod.end(pod.id) is Ended.CLUSTER


async def test_a_pod_that_can_only_be_terminated_offers_nothing_else(runpod: Side[Account]) -> None:
    pod = runpod.there.start("old", network_volume="vol_1", stoppable=False, ago=HOUR)
    assert (await runpod.only()).endings == {Ending.TERMINATE}
    assert await runpod.end(pod.id) is Ended.UNKNOWN
    assert await runpod.end(pod.id, Ending.TERMINATE) is Ended.ACCEPTED


async def test_pods_without_a_gpu_count_only_if_an_experiment_names_them(
    runpod: Side[Account],
) -> None:
    runpod.there.start("web", ago=HOUR, odd={"gpu": ABSENT})
    runpod.there.start("ow-7", ago=HOUR, odd={"gpu": ABSENT})
    found = await runpod.only()
    assert (found.name, found.gpu, found.gpu_count) == ("ow-7", None, 0)


ODD = [
    ({"status": "HIBERNATING"}, {"state": MachineState.UNKNOWN, "billing": Billing.COMPUTE}),
    ({"status": None}, {"state": MachineState.UNKNOWN, "raw_status": None}),
    ({"status": 7}, {"state": MachineState.UNKNOWN}),
    ({"status": "HIBERNATING", "cost": 0}, {"billing": Billing.UNKNOWN}),
    ({"status": "ERROR"}, {"state": MachineState.ERROR, "billing": Billing.COMPUTE}),
    ({"status": "ERROR", "cost": 0.0}, {"billing": Billing.UNKNOWN}),
    ({"status": "EXITED", "mounts": ABSENT}, {"billing": Billing.UNKNOWN}),
    ({"status": "EXITED", "mounts": {}}, {"billing": Billing.NONE}),
    ({"status": "TERMINATED"}, {"state": MachineState.GONE, "billing": Billing.NONE}),
    ({"cost": float("nan")}, {"price_per_hour": None, "price_source": None}),
    ({"cost": float("inf")}, {"price_per_hour": None}),
    ({"cost": -0.69}, {"price_per_hour": None}),
    ({"cost": 0.0}, {"price_per_hour": None, "billing": Billing.COMPUTE}),
    ({"cost": "0.69"}, {"price_per_hour": None}),
    ({"cost": True}, {"price_per_hour": None}),
    ({"cost": 1e6}, {"price_per_hour": None}),
    ({"cost": None}, {"price_per_hour": None}),
    ({"cost": 2}, {"price_per_hour": Decimal(2)}),
    ({"gpu": {"id": "NVIDIA L4", "count": 0}}, {"gpu": "L4", "gpu_count": 1}),
    ({"gpu": {"id": None, "count": 1e9}}, {"gpu": None, "gpu_count": 1}),
    ({"gpu": None}, {"gpu": None, "gpu_count": 1}),
    ({"gpu": "RTX 4090"}, {"gpu": None, "gpu_count": 1}),
    ({"actions": None}, {"endings": frozenset()}),
    ({"actions": ["stop", "explode"]}, {"endings": {Ending.STOP}}),
    ({"locked": None}, {"locked": False}),
    ({"runtime": {}}, {"gpu_util": None}),
    ({"runtime": {"gpus": []}}, {"gpu_util": None}),
    ({"runtime": {"gpus": [{"util": 3}, {}]}}, {"gpu_util": None, "gpu_mem": None}),
    ({"runtime": {"gpus": [{"util": 400}]}}, {"gpu_util": None}),
    ({"runtime": {"gpus": [{"util": 0.4}]}}, {"gpu_util": (1,)}),
    ({"mounts": {"persistent": {"size": -1}}}, {"volume_gb": None, "storage_per_hour": None}),
    ({"mounts": {"persistent": {"size": 1e18}}}, {"volume_gb": None}),
    ({"createdAt": "yesterday", "startedAt": 7}, {"created_at": None, "started_at": None}),
    ({"createdAt": "2026-11-23T10:00:00"}, {"created_at": None}),
    ({"createdAt": "0001-01-01T00:00:00+14:00"}, {"created_at": None}),
    ({"createdAt": "2026-11-23T18:00:00+08:00"}, {"created_at": NOON - 2 * HOUR}),
    ({"startedAt": "2026-11-23T13:00:00Z"}, {"started_at": NOON + HOUR}),
    ({"env": ["HF_TOKEN"]}, {"owner_hint": None, "plan": PlanReading()}),
    ({"env": {"OWROUTE_SHUTDOWN_AT": "18:00"}}, {"plan": PlanReading()}),
    ({"env": {"OWROUTE_OWNER": 7}}, {"owner_hint": None}),
    ({"name": "<!channel>\n*owroute*: stopped\u202e"}, {"name": "<!channel> *owroute*: stopped"}),
    ({"name": "x" * 10_000}, {"name": "x" * 200}),
    ({"name": ""}, {"name": None, "joined": ()}),
    ({"name": None}, {"name": None}),
    ({"cluster": 7, "cloud": None}, {"cluster": None, "tier": None}),
]  # fmt: skip


@pytest.mark.parametrize(("odd", "found"), ODD)
async def test_an_odd_field_is_unknown_and_spoils_nothing_else(
    near_runpod: Side[Account], odd: dict[str, Any], found: dict[str, Any]
) -> None:
    near_runpod.there.start("odd", ago=HOUR, odd=odd)
    near_runpod.there.start("even", ago=HOUR)
    listing = await near_runpod.listing()
    assert listing.complete
    one, other = listing.instances
    assert {name: getattr(one, name) for name in found} == found
    assert (other.state, other.price_per_hour) == (MachineState.RUNNING, Decimal("0.69"))


@pytest.mark.parametrize("row", [None, 7, [], {}, {"id": None}, {"id": "a/../b"}, {"id": True}])
async def test_a_pod_without_an_id_makes_the_list_a_part_of_one(clock: Waiting, row: Any) -> None:
    rows = [*ANSWERS["runpod_v2_list_pods"]["pods"][:1], row]
    found = await runpod_said(clock, Answer(json.dumps({"pods": rows})))
    assert (found.problem, len(found.instances)) == (Problem.PARTIAL, 1)


async def test_of_one_pod_listed_twice_the_later_row_counts(clock: Waiting) -> None:
    pod = ANSWERS["runpod_v2_list_pods"]["pods"][0]
    found = await runpod_said(clock, Answer(json.dumps({"pods": [pod, {**pod, "cost": 0.99}]})))
    (instance,) = found.instances
    assert (found.complete, instance.price_per_hour) == (True, Decimal("0.99"))


async def test_a_pod_that_runs_again_has_a_newer_start(runpod: Side[Account]) -> None:
    pod = runpod.there.start("eval", ago=3 * HOUR)
    before = await runpod.only()
    pod.stop(runpod.clock.now())
    runpod.clock.advance(HOUR)
    pod.start(runpod.clock.now())
    runpod.clock.advance(HOUR)
    after = await runpod.only()
    assert before.started_at is not None
    assert after.started_at is not None
    assert after.started_at > before.started_at
    assert after.created_at == before.created_at
