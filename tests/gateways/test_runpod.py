"""RunPod: what its pods mean, what its bad days mean, and what became of a stop."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

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
    Problem,
    Provider,
    Read,
)
from gateways.fleet.http import MAX_BYTES, ProviderApi
from gateways.fleet.runpod import RunPod
from gateways.provider_http import provider_client
from sandbox.clock import SharedClock
from sandbox.fleet.fleet import RUNPOD_PATH, Fleet
from sandbox.fleet.runpod import ABSENT, RUNPOD_KEY
from sandbox.fleet.runpod import RunPod as Account
from sandbox.fleet.service import FleetFault, FleetFaultKind
from sandbox.prices import SECRET
from tests.gateways.conftest import Answer, StandIn
from tests.gateways.fleets import ANSWERS, HOUR, NOON, Waiting, api_of, near_api_of

Kind = FleetFaultKind
BOTH = frozenset({Ending.STOP, Ending.TERMINATE})


@dataclass
class Side:
    """Both sides of the wire: the account at RunPod, and our way to it."""

    there: Account
    ours: RunPod
    clock: Waiting

    async def listing(self) -> Listing:
        (found,) = await self.ours.listings()
        return found

    async def only(self) -> Instance:
        found = await self.listing()
        assert found.complete
        (instance,) = found.instances
        return instance

    def fails(self, kind: Kind, call: str = "list", **more: Any) -> None:
        self.there.faults.add(FleetFault(kind, call, **more))

    async def end(self, instance_id: str, ending: Ending = Ending.STOP) -> Ended:
        return await self.ours.end(_machine(instance_id), ending, "stop:1:1")


@asynccontextmanager
async def opened(clock: Waiting, **more: Any) -> AsyncIterator[Side]:
    fleet = Fleet(clock)
    async with api_of(fleet.app, clock, path=RUNPOD_PATH, key=RUNPOD_KEY, **more) as api:
        yield Side(fleet.runpod, RunPod(api), clock)


@pytest.fixture
def clock(tmp_path: Path) -> Waiting:
    return Waiting(tmp_path / "clock.json")


@pytest.fixture
async def side(clock: Waiting) -> AsyncIterator[Side]:
    async with opened(clock) as found:
        yield found


@pytest.fixture
async def near(clock: Waiting) -> AsyncIterator[Side]:
    fleet = Fleet(clock)
    async with near_api_of(fleet.app, clock, path=RUNPOD_PATH, key=RUNPOD_KEY) as api:
        yield Side(fleet.runpod, RunPod(api), clock)


def _machine(instance_id: str) -> Machine:
    return Machine(Provider.RUNPOD, "default", instance_id)


async def said(clock: Waiting, answer: Answer) -> Listing:
    """What is understood of one prepared answer."""
    async with near_api_of(StandIn(answer).app, clock, key="key") as api:
        (found,) = await RunPod(api).listings()
        return found


async def test_the_published_shape_is_understood(clock: Waiting) -> None:
    found = await said(clock, Answer(json.dumps(ANSWERS["runpod_v2_list_pods"])))
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


async def test_a_forgotten_pod_is_seen_with_its_promise(side: Side) -> None:
    side.there.start("ow-12-ada", ago=6 * HOUR, owner="U0ADA", until=NOON + HOUR, util=0, memory=0)
    found = await side.only()
    assert found.created_at == NOON - 6 * HOUR
    assert found.plan == PlanReading(Grade.DECLARED, NOON + HOUR, "runpod.shutdown_at")
    assert (found.owner_hint, found.joined) == ("U0ADA", ("ow-12-ada", "U0ADA"))
    assert (found.gpu_util, found.gpu_mem) == ((0,), (0,))


async def test_a_stop_is_asked_for_once_and_seen_when_it_is_done(side: Side) -> None:
    pod = side.there.start("eval", ago=HOUR, volume_gb=20)
    assert await side.end(pod.id) is Ended.ACCEPTED
    assert (await side.only()).state is MachineState.RUNNING
    side.clock.advance(timedelta(seconds=20))
    stopped = await side.only()
    assert (stopped.state, stopped.billing) == (MachineState.STOPPED, Billing.STORAGE)
    assert (await side.ours.read(_machine(pod.id))).instance == stopped
    assert await side.end(pod.id) is Ended.ALREADY
    assert side.there.count("stop", pod.id) == 2


async def test_what_was_terminated_is_not_there(side: Side) -> None:
    pod = side.there.start("eval", ago=HOUR)
    assert await side.end(pod.id, Ending.TERMINATE) is Ended.ACCEPTED
    assert (await side.listing()).instances == ()
    assert await side.ours.read(_machine(pod.id)) == Read()
    assert await side.end(pod.id, Ending.TERMINATE) is Ended.ALREADY


async def test_a_stop_that_lies_proves_nothing(side: Side) -> None:
    pod = side.there.start("eval", ago=HOUR, lies=True)
    assert await side.end(pod.id) is Ended.ACCEPTED
    side.clock.advance(HOUR)
    assert (await side.only()).state is MachineState.RUNNING


async def test_a_pod_boots_costs_meanwhile_and_may_change_its_price(side: Side) -> None:
    pod = side.there.start("never-boots", usd="0.79", boots_in=None, ago=HOUR)
    found = await side.only()
    assert (found.state, found.billing, found.started_at) == (
        MachineState.STARTING, Billing.COMPUTE, None,
    )  # fmt: skip
    pod.boots_in = timedelta(0)
    side.there.reprice(pod, "0.99")
    assert (await side.only()).price_per_hour == Decimal("0.99")


async def test_members_of_clusters_are_listed_and_end_with_their_cluster(side: Side) -> None:
    pod = side.there.start("node-0", cluster="cluster_1", ago=HOUR)
    found = await side.only()
    assert (found.cluster, found.endings) == ("cluster_1", frozenset())
    assert await side.end(pod.id) is Ended.CLUSTER


async def test_a_pod_that_can_only_be_terminated_offers_nothing_else(side: Side) -> None:
    pod = side.there.start("old", network_volume="vol_1", stoppable=False, ago=HOUR)
    assert (await side.only()).endings == {Ending.TERMINATE}
    assert await side.end(pod.id) is Ended.UNKNOWN
    assert await side.end(pod.id, Ending.TERMINATE) is Ended.ACCEPTED


async def test_pods_without_a_gpu_count_only_if_an_experiment_names_them(side: Side) -> None:
    side.there.start("web", ago=HOUR, odd={"gpu": ABSENT})
    side.there.start("ow-7", ago=HOUR, odd={"gpu": ABSENT})
    found = await side.only()
    assert (found.name, found.gpu, found.gpu_count) == ("ow-7", None, 0)


LISTING_FAULTS = [
    (Kind.SERVER_ERROR, Problem.SERVER, 3),
    (Kind.REFUSE, Problem.NETWORK, 3),
    (Kind.SLOW, Problem.NETWORK, 3),
    (Kind.CUT_AFTER_ACCEPT, Problem.NETWORK, 3),
    (Kind.TOO_MANY, Problem.RATE, 1),
    (Kind.TOO_MANY_PLAIN, Problem.RATE, 1),
    (Kind.GONE, Problem.GONE, 1),
    (Kind.UNAUTHORIZED, Problem.AUTH, 1),
    (Kind.FORBIDDEN, Problem.AUTH, 1),
    (Kind.NOT_FOUND, Problem.SHAPE, 1),
    (Kind.REDIRECT, Problem.SHAPE, 1),
    (Kind.HTML, Problem.SHAPE, 1),
    (Kind.TRUNCATED, Problem.SHAPE, 1),
    (Kind.A_LIST, Problem.SHAPE, 1),
    (Kind.NO_LIST, Problem.SHAPE, 1),
    (Kind.SUCCESS_FALSE, Problem.SHAPE, 1),
]


@pytest.mark.parametrize(("kind", "problem", "calls"), LISTING_FAULTS)
async def test_a_listing_that_fails_says_why_and_is_not_complete(
    clock: Waiting, kind: Kind, problem: Problem, calls: int
) -> None:
    async with opened(clock, read_seconds=0.2) as side:
        side.there.start("eval", ago=HOUR)
        side.fails(kind)
        failed = await side.listing()
        assert (failed.problem, failed.complete, failed.instances) == (problem, False, ())
        assert side.there.count("list") == calls
        side.there.faults.clear()
        clock.advance(timedelta(minutes=5))
        assert (await side.listing()).complete


@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.REFUSE])
async def test_two_bad_moments_are_put_up_with(side: Side, kind: Kind) -> None:
    side.there.start("eval", ago=HOUR)
    side.fails(kind, times=2)
    assert len((await side.listing()).instances) == 1
    assert side.clock.slept == [2.0, 4.0]


async def test_an_empty_list_is_complete(side: Side) -> None:
    side.there.start("eval", ago=HOUR)
    side.fails(Kind.EMPTY, times=1)
    empty = await side.listing()
    assert (empty.complete, empty.instances) == (True, ())


async def test_a_limit_is_kept_as_long_as_the_provider_says(side: Side) -> None:
    side.fails(Kind.TOO_MANY, times=1, retry_after="12")
    assert (await side.listing()).retry_after == timedelta(seconds=12)
    side.clock.advance(timedelta(seconds=11))
    waiting = await side.listing()
    assert (waiting.problem, waiting.retry_after) == (Problem.RATE, timedelta(seconds=1))
    assert (await side.ours.read(_machine("pod_1"))).problem is Problem.RATE
    assert len(side.there.calls) == 1
    side.clock.advance(timedelta(seconds=1))
    assert (await side.listing()).complete


async def test_a_limit_without_a_time_is_met_with_patience_that_doubles(side: Side) -> None:
    side.fails(Kind.TOO_MANY_PLAIN, times=9)
    waits = []
    for _ in range(9):
        wait = (await side.listing()).retry_after
        assert wait is not None
        waits.append(wait.total_seconds())
        side.clock.advance(wait)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert (await side.listing()).complete
    side.fails(Kind.TOO_MANY_PLAIN, times=1)
    assert (await side.listing()).retry_after == timedelta(seconds=2)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("0", None), ("-5", 2), ("soon", 2), ("1e9", 2), ("999999", 3600), ("99999999", 2),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60), ("Mon, 23 Nov 2026 11:00:00 GMT", None),
        ("Mon, 23 Nov 2099 11:00:00 GMT", 3600),
    ],
)  # fmt: skip
async def test_any_wish_to_wait_is_bounded(
    near: Side, retry_after: str, seconds: int | None
) -> None:
    near.fails(Kind.TOO_MANY, times=1, retry_after=retry_after)
    found = (await near.listing()).retry_after
    assert found == (None if seconds is None else timedelta(seconds=seconds))


async def test_a_key_that_is_revoked_and_given_back(side: Side) -> None:
    pod = side.there.start("eval", ago=HOUR)
    assert (await side.ours.sight()).problem is None
    side.there.is_revoked = True
    assert (await side.listing()).problem is Problem.AUTH
    assert (await side.ours.read(_machine(pod.id))).problem is Problem.AUTH
    assert await side.end(pod.id) is Ended.FORBIDDEN
    side.there.is_revoked = False
    assert (await side.ours.sight()).machines == 1


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
    near: Side, odd: dict[str, Any], found: dict[str, Any]
) -> None:
    near.there.start("odd", ago=HOUR, odd=odd)
    near.there.start("even", ago=HOUR)
    listing = await near.listing()
    assert listing.complete
    one, other = listing.instances
    assert {name: getattr(one, name) for name in found} == found
    assert (other.state, other.price_per_hour) == (MachineState.RUNNING, Decimal("0.69"))


@pytest.mark.parametrize("row", [None, 7, [], {}, {"id": None}, {"id": "a/../b"}, {"id": True}])
async def test_a_pod_without_an_id_makes_the_list_a_part_of_one(clock: Waiting, row: Any) -> None:
    rows = [*ANSWERS["runpod_v2_list_pods"]["pods"][:1], row]
    found = await said(clock, Answer(json.dumps({"pods": rows})))
    assert (found.problem, len(found.instances)) == (Problem.PARTIAL, 1)


async def test_of_one_pod_listed_twice_the_later_row_counts(clock: Waiting) -> None:
    pod = ANSWERS["runpod_v2_list_pods"]["pods"][0]
    found = await said(clock, Answer(json.dumps({"pods": [pod, {**pod, "cost": 0.99}]})))
    (instance,) = found.instances
    assert (found.complete, instance.price_per_hour) == (True, Decimal("0.99"))


async def test_an_endless_answer_is_cut(clock: Waiting) -> None:
    found = await said(clock, Answer(" " * (MAX_BYTES + 1)))
    assert found.problem is Problem.SHAPE


@pytest.mark.parametrize(
    ("kind", "ended", "is_done"),
    [
        (Kind.CUT_AFTER_ACCEPT, Ended.UNKNOWN, True),
        (Kind.SILENT_AFTER_ACCEPT, Ended.UNKNOWN, True),
        (Kind.TRUNCATED, Ended.ACCEPTED, True),
        (Kind.REFUSE, Ended.UNKNOWN, False),
        (Kind.SERVER_ERROR, Ended.UNKNOWN, False),
        (Kind.REDIRECT, Ended.UNKNOWN, False),
        (Kind.CONFLICT, Ended.UNKNOWN, False),
        (Kind.TOO_MANY, Ended.LATER, False),
        (Kind.GONE, Ended.LATER, False),
        (Kind.UNAUTHORIZED, Ended.FORBIDDEN, False),
        (Kind.FORBIDDEN, Ended.FORBIDDEN, False),
        (Kind.NOT_FOUND, Ended.ALREADY, False),
        (Kind.HTML, Ended.ACCEPTED, False),
    ],
)
async def test_what_became_of_a_stop_is_said_without_trying_twice(
    clock: Waiting, kind: Kind, ended: Ended, is_done: bool
) -> None:
    async with opened(clock, read_seconds=0.2) as side:
        pod = side.there.start("eval", ago=HOUR, stop_takes=timedelta(0))
        side.fails(kind, "stop")
        assert await side.end(pod.id) is ended
        assert side.there.count("stop", pod.id) == 1
        clock.advance(timedelta(minutes=1))
        now = (await side.ours.read(_machine(pod.id))).instance
        assert now is not None
        assert (now.state is MachineState.STOPPED) == is_done


async def test_a_stop_is_tried_even_while_listings_wait(side: Side) -> None:
    pod = side.there.start("eval", ago=HOUR)
    side.fails(Kind.TOO_MANY, times=1)
    assert (await side.listing()).problem is Problem.RATE
    assert await side.end(pod.id) is Ended.ACCEPTED


@pytest.mark.parametrize("status", [403, 409, 423])
async def test_a_locked_pod_is_named_as_locked(side: Side, status: int) -> None:
    pod = side.there.start("eval", ago=HOUR, locked=True)
    side.there.locked_status = status
    assert (await side.only()).locked
    assert await side.end(pod.id) is Ended.LOCKED


async def test_a_key_for_looking_sees_all_and_stops_nothing(side: Side) -> None:
    pod = side.there.start("eval", ago=HOUR)
    side.there.may_write = False
    assert (await side.only()).state is MachineState.RUNNING
    assert await side.end(pod.id) is Ended.FORBIDDEN


async def test_nobody_at_home_is_no_stop(clock: Waiting, closed_port: int) -> None:
    async with provider_client(f"http://127.0.0.1:{closed_port}", "key") as client:
        ours = RunPod(ProviderApi(client, clock))
        assert await ours.end(_machine("pod_1"), Ending.STOP, "key") is Ended.LATER
        (found,) = await ours.listings()
        assert found.problem is Problem.NETWORK


@pytest.mark.parametrize(
    "answer",
    [
        Answer("<h1>Not Found</h1>", 404, "text/html"),
        Answer(json.dumps(ANSWERS["runpod_v2_list_pods"]["pods"][1])),
        Answer("{}"),
        Answer("[]"),
    ],
)
async def test_only_runpod_itself_can_say_that_a_pod_is_not_there(
    clock: Waiting, answer: Answer
) -> None:
    async with near_api_of(StandIn(answer).app, clock, key="key") as api:
        assert await RunPod(api).read(_machine("pod_run1")) == Read(problem=Problem.SHAPE)


async def test_a_pod_that_runs_again_has_a_newer_start(side: Side) -> None:
    pod = side.there.start("eval", ago=3 * HOUR)
    before = await side.only()
    pod.stop(side.clock.now())
    side.clock.advance(HOUR)
    pod.start(side.clock.now())
    side.clock.advance(HOUR)
    after = await side.only()
    assert before.started_at is not None
    assert after.started_at is not None
    assert after.started_at > before.started_at
    assert after.created_at == before.created_at


async def test_how_far_apart_the_clocks_are_is_seen(tmp_path: Path, clock: Waiting) -> None:
    theirs = SharedClock(tmp_path / "theirs.json", frozen_at=NOON + timedelta(minutes=5))
    fleet = Fleet(theirs)
    async with api_of(fleet.app, clock, path=RUNPOD_PATH, key=RUNPOD_KEY) as api:
        assert (await RunPod(api).sight()).skew == timedelta(minutes=5)


async def test_secrets_stay_where_they_are(
    side: Side, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    pod = side.there.start("eval", ago=HOUR)
    kept = [await side.listing(), await side.ours.read(_machine(pod.id)), await side.ours.sight()]
    for kind in (Kind.NO_LIST, Kind.HTML, Kind.TRUNCATED, Kind.SUCCESS_FALSE):
        side.fails(kind, times=1)
        kept.append(await side.listing())
    side.there.start("odd", odd={"env": SECRET, "ssh": SECRET, "status": [SECRET]})
    kept += [await side.listing(), await side.end(pod.id)]
    seen = repr(kept) + caplog.text + "".join(capsys.readouterr())
    assert "pod_" in seen
    assert SECRET not in seen
    assert RUNPOD_KEY not in seen
