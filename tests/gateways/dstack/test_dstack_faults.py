"""dstack on bad days: each is a problem with a name, and concludes nothing."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from bot.domain.fleet import Billing, Ended, Ending, MachineState, Problem, Read
from gateways.fleet.dstack import FLEETS, MOST_PAGES, RUNS, Dstack
from gateways.fleet.http import ProviderApi
from gateways.provider_http import provider_client
from tests.gateways.dstack.stand import (
    BUSY,
    GET,
    MACHINE,
    STOP,
    Answering,
    Stand,
    fleet_of,
    listed,
    near,
    pages,
    run,
    said,
    submission,
    text,
)
from tests.gateways.fleet.conftest import Waiting

State = MachineState


@pytest.fixture
def clock(tmp_path: Path) -> Waiting:
    return Waiting(tmp_path / "clock.json")


@pytest.mark.parametrize("path", [RUNS, FLEETS])
@pytest.mark.parametrize(
    ("answer", "problem", "calls"),
    [
        (said({"detail": "x"}, 500), Problem.SERVER, 3),
        (text("<html>Sign in</html>"), Problem.SHAPE, 1),
        (text('[{"id": '), Problem.SHAPE, 1),
        (said({"runs": []}), Problem.SHAPE, 1),
        (said(), Problem.SHAPE, 1),
        (said({"success": False}), Problem.SHAPE, 1),
        (said({"detail": "Not authenticated"}, 401), Problem.AUTH, 1),
        (said({"detail": {"msg": "Invalid token", "code": None}}, 403), Problem.AUTH, 1),
        (said({"detail": []}, 422), Problem.SHAPE, 1),
        (said({}, 410), Problem.GONE, 1),
        (said({}, 429, **{"retry-after": "30"}), Problem.RATE, 1),
        (text("slow down", 429), Problem.RATE, 1),
    ],
)
async def test_a_listing_that_fails_has_a_name_and_keeps_what_came_before(
    clock: Waiting, path: str, answer: Answering, problem: Problem, calls: int
) -> None:
    stand = Stand({path: answer})
    listing = await listed(stand, clock)
    before = path == FLEETS
    assert listing.problem is (Problem.PARTIAL if before else problem)
    assert len(listing.instances) == before
    assert stand.asked.count(path) == calls


async def test_a_limit_is_waited_for_as_it_says(clock: Waiting) -> None:
    stand = Stand({RUNS: said({}, 429, **{"retry-after": "30"})})
    assert (await listed(stand, clock)).retry_after == timedelta(seconds=30)


async def test_a_server_that_is_off_is_no_connection(clock: Waiting, closed_port: int) -> None:
    async with provider_client(f"http://127.0.0.1:{closed_port}", "t", public=False) as client:
        [listing] = await Dstack(ProviderApi(client, clock), clock).listings()
    assert (listing.problem, listing.instances) == (Problem.NETWORK, ())


async def test_pages_are_read_to_their_end_and_a_broken_one_ends_them(clock: Waiting) -> None:
    rows = [run(id=f"{n}-run") for n in range(5)]
    stand = Stand({RUNS: pages(*rows)})
    listing = await listed(stand, clock, page=2)
    assert (listing.problem, len(listing.instances)) == (None, 5)
    first = pages(*rows)
    stand.answers[RUNS] = lambda asked: (
        JSONResponse({}, 422) if "prev_run_id" in asked else first(asked)
    )
    listing = await listed(stand, clock, page=2)
    assert (listing.problem, len(listing.instances)) == (Problem.PARTIAL, 2)


async def test_pages_that_repeat_or_never_end_are_a_part(clock: Waiting) -> None:
    stand = Stand({RUNS: said([run(id="a"), run(id="b")])})
    listing = await listed(stand, clock, page=2)
    assert (listing.problem, len(listing.instances)) == (Problem.PARTIAL, 2)
    assert stand.asked.count(RUNS) == 2
    endless = iter(range(10**6))
    stand = Stand({RUNS: lambda _: JSONResponse([run(id=f"{next(endless)}")])})
    listing = await listed(stand, clock, page=1)
    assert (listing.problem, len(listing.instances)) == (Problem.PARTIAL, MOST_PAGES)


@pytest.mark.parametrize("status", ["napping", None, 7])
async def test_a_machine_in_a_status_nobody_knows_is_unknown_and_never_gone(
    clock: Waiting, status: Any
) -> None:
    row = MACHINE | {"status": status}
    stand = Stand({RUNS: said([]), FLEETS: said([fleet_of(row)]), "instances/get": said(row)})
    async with near(stand, clock) as fleet:
        [listing] = await fleet.listings()
        [found] = listing.instances
        read = await fleet.read(found.machine)
    assert listing.complete
    assert (found.state, found.billing) == (State.UNKNOWN, Billing.UNKNOWN)
    assert read.instance == found


@pytest.mark.parametrize(
    "broken", [fleet_of(MACHINE, "m2"), fleet_of(MACHINE, MACHINE | {"id": None}), {"id": "f2"}, 7]
)
async def test_a_machine_that_cannot_be_read_makes_its_fleet_a_part(
    clock: Waiting, broken: Any
) -> None:
    listing = await listed(Stand({FLEETS: said([fleet_of(MACHINE), broken])}), clock)
    assert listing.problem is Problem.PARTIAL
    assert [i.machine.instance_id for i in listing.instances][1:] == ["m1"]


async def test_the_same_run_twice_is_one_and_a_row_without_its_id_is_a_part(
    clock: Waiting,
) -> None:
    stand = Stand({RUNS: said([run(), run()])})
    listing = await listed(stand, clock)
    assert (listing.problem, len(listing.instances)) == (None, 1)
    stand.answers[RUNS] = said([run(), run(id=None), "a run"])
    listing = await listed(stand, clock)
    assert (listing.problem, len(listing.instances)) == (Problem.PARTIAL, 1)


@pytest.mark.parametrize(
    ("status", "state", "billing"),
    [
        ("napping", State.UNKNOWN, Billing.UNKNOWN),
        (None, State.UNKNOWN, Billing.UNKNOWN),
        (7, State.UNKNOWN, Billing.UNKNOWN),
        ("pulling", State.STARTING, Billing.COMPUTE),
        ("terminating", State.STOPPING, Billing.COMPUTE),
        ("failed", State.STOPPED, Billing.NONE),
    ],
)
async def test_a_status_nobody_knows_is_unknown_and_never_stopped(
    clock: Waiting, status: Any, state: State, billing: Billing
) -> None:
    row = run()
    submission(row)["status"] = status
    [found] = (await listed(Stand({RUNS: said([row])}), clock)).instances
    assert (found.state, found.billing) == (state, billing)


@pytest.mark.parametrize("price", [0, 0.0, -1, None, "0.69", 10**9, "NaN"])
async def test_a_price_that_cannot_be_one_is_unknown(clock: Waiting, price: Any) -> None:
    row = run()
    submission(row)["job_provisioning_data"]["price"] = price
    [found] = (await listed(Stand({RUNS: said([row])}), clock)).instances
    assert (found.price_per_hour, found.price_source) == (None, None)
    assert found.billing is Billing.COMPUTE


async def test_what_cannot_be_read_of_a_machine_is_a_gpu_unknown_to_us(clock: Waiting) -> None:
    row = run()
    submission(row)["job_provisioning_data"] |= {"instance_type": "big", "region": 5}
    [found] = (await listed(Stand({RUNS: said([row])}), clock)).instances
    assert (found.gpu, found.gpu_count, found.machine.region) == (None, 1, "")
    assert found.price_per_hour == Decimal("0.69")


async def test_names_are_cut_and_secrets_stay_where_they_are(clock: Waiting) -> None:
    row = run()
    row["run_spec"]["run_name"] = "<!channel>\u202e\x07" + "n" * 10_000
    [found] = (await listed(Stand({RUNS: said([row])}), clock)).instances
    assert found.name is not None
    assert found.name.startswith("<!channel> nn")
    assert len(found.name) == 200
    assert "must-never-be-stored" in json.dumps(row)
    assert "must-never-be-stored" not in repr(found)


async def test_use_that_cannot_be_read_costs_the_listing_nothing(clock: Waiting) -> None:
    rows = [run(id=f"{n}-run") for n in range(3)]
    stand = Stand({RUNS: said(rows), "metrics/job/llama-eval": said({}, 404)})
    listing = await listed(stand, clock)
    assert listing.complete
    assert [i.gpu_util for i in listing.instances] == [None] * 3
    assert sum(BUSY in path for path in stand.asked) == 1, "what fails for one fails for the next"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said(), Ended.ACCEPTED),
        (said({"detail": {"msg": "Access denied", "code": None}}, 403), Ended.FORBIDDEN),
        (said({"detail": {"msg": "Not found", "code": None}}, 404), Ended.ALREADY),
        (said({"detail": []}, 422), Ended.UNKNOWN),
        (said({}, 429), Ended.LATER),
        (said({}, 500), Ended.UNKNOWN),
        (text("<html>", 502), Ended.UNKNOWN),
    ],
)
async def test_what_becomes_of_an_end_has_a_name_and_it_is_told_once(
    clock: Waiting, answer: Answering, expected: Ended
) -> None:
    stand = Stand({STOP: answer})
    async with near(stand, clock) as fleet:
        [machine] = [i.machine for i in (await fleet.listings())[0].instances]
        assert await fleet.end(machine, Ending.END_RUN, "k") is expected
    assert sum(path.endswith(STOP) for path in stand.asked) == 1


@pytest.mark.parametrize(
    ("answer", "expected", "read"),
    [
        (said({}, 500), Ended.LATER, Read(problem=Problem.SERVER)),
        (text("<html>"), Ended.LATER, Read(problem=Problem.SHAPE)),
        (said(run(id="another")), Ended.LATER, Read(problem=Problem.SHAPE)),
        (said({"detail": "no"}, 401), Ended.FORBIDDEN, Read(problem=Problem.AUTH)),
        (said({"detail": [{"code": "resource_not_exists"}]}, 400), Ended.ALREADY, Read()),
    ],
)
async def test_nothing_is_told_where_the_run_cannot_be_read(
    clock: Waiting, answer: Answering, expected: Ended, read: Read
) -> None:
    stand = Stand({GET: answer})
    async with near(stand, clock) as fleet:
        [machine] = [i.machine for i in (await fleet.listings())[0].instances]
        assert await fleet.end(machine, Ending.END_RUN, "k") is expected
        assert await fleet.read(machine) == read
    assert not any(path.endswith(STOP) for path in stand.asked)
