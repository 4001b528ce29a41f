"""The providers of the sandbox: what they answer, what they cost, and how they are controlled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sandbox.clock import SharedClock
from sandbox.fleet.fleet import CONTROL_PATH, RUNPOD_PATH, VAST_PATH, Fleet
from sandbox.fleet.runpod import RUNPOD_KEY
from sandbox.fleet.service import FleetFaultKind
from sandbox.fleet.vast import VAST_KEY
from sandbox.prices import SECRET

HOUR = timedelta(hours=1)
PODS = f"{RUNPOD_PATH}/v2/pods"
INSTANCES = "/api/v1/instances/"
ALL = f"{PODS}?includeClusterPods=true"


@pytest.fixture
def fleet(clock: SharedClock) -> Fleet:
    return Fleet(clock)


@asynccontextmanager
async def client_of(fleet: Fleet, key: str = RUNPOD_KEY) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(fleet.app),
        base_url="http://fleet",
        headers={"authorization": f"Bearer {key}"},
    ) as client:
        yield client


@pytest.fixture
async def client(fleet: Fleet) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(fleet) as found:
        yield found


async def control(client: httpx.AsyncClient, do: str, **body: Any) -> Any:
    said = await client.post(f"{CONTROL_PATH}/runpod", json={"do": do, **body})
    assert said.is_success, said.text
    return said.json()


async def test_only_the_key_opens_the_account(fleet: Fleet) -> None:
    async with client_of(fleet, "another") as stranger:
        refused = await stranger.get(PODS)
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"


async def test_a_pod_is_sent_with_what_nobody_may_keep(
    fleet: Fleet, client: httpx.AsyncClient, clock: SharedClock
) -> None:
    fleet.runpod.start("eval", ago=HOUR, volume_gb=20, owner="U0ADA")
    said = await client.get(PODS)
    (pod,) = said.json()["pods"]
    assert pod["env"] == {"HF_TOKEN": SECRET, "OWROUTE_OWNER": "U0ADA"}
    assert SECRET in pod["args"]
    assert (pod["status"], pod["cost"], pod["startedAt"]) == (
        "RUNNING",
        0.69,
        "2026-11-24T08:01:30Z",
    )
    assert parsedate_to_datetime(said.headers["date"]) == clock.now()


async def test_members_of_clusters_are_hidden_by_default(
    fleet: Fleet, client: httpx.AsyncClient
) -> None:
    fleet.runpod.start("node-0", cluster="cluster_1")
    assert (await client.get(PODS)).json() == {"pods": []}
    (pod,) = (await client.get(ALL)).json()["pods"]
    assert pod["cluster"]["id"] == "cluster_1"
    refused = await client.post(f"{PODS}/{pod['id']}/action", json={"action": "stop"})
    assert refused.status_code == 409


async def test_the_state_follows_the_clock_and_the_deeds(
    fleet: Fleet, client: httpx.AsyncClient, clock: SharedClock
) -> None:
    pod = fleet.runpod.start("eval", stop_takes=timedelta(minutes=2))

    async def status() -> str:
        return str((await client.get(f"{PODS}/{pod.id}")).json()["status"])

    async def act(action: str) -> int:
        said = await client.post(f"{PODS}/{pod.id}/action", json={"action": action})
        return said.status_code

    assert await status() == "PROVISIONING"
    clock.advance(timedelta(seconds=90))
    assert await status() == "RUNNING"
    assert (await act("start"), await act("stop"), await act("stop")) == (409, 200, 200)
    clock.advance(timedelta(seconds=119))
    assert await status() == "RUNNING"
    clock.advance(timedelta(seconds=1))
    assert (await status(), await act("stop")) == ("EXITED", 409)
    assert (await act("start"), await status()) == (200, "PROVISIONING")
    assert (await act("terminate"), await act("terminate")) == (204, 404)
    assert (await client.get(PODS)).json() == {"pods": []}
    assert (fleet.runpod.count("stop"), fleet.runpod.count("stop", "pod_other")) == (3, 0)


async def test_what_was_spent_knows_of_prices_and_pauses(fleet: Fleet, clock: SharedClock) -> None:
    pod = fleet.runpod.start("eval", usd="1.00", ago=2 * HOUR, stop_takes=timedelta(0))
    fleet.runpod.reprice(pod, "3.00")
    clock.advance(HOUR)
    assert pod.spent(clock.now()) == 5
    pod.stop(clock.now())
    clock.advance(24 * HOUR)
    assert pod.spent(clock.now()) == 5
    pod.start(clock.now())
    clock.advance(HOUR / 2)
    assert pod.spent(clock.now()) == Decimal("6.5")
    liar = fleet.runpod.start("liar", usd="1.00", lies=True)
    liar.stop(clock.now())
    liar.remove(clock.now())
    clock.advance(HOUR)
    assert liar.spent(clock.now()) == 1
    assert not liar.is_gone(clock.now())


async def test_people_act_through_the_control(
    fleet: Fleet, client: httpx.AsyncClient, clock: SharedClock
) -> None:
    started = await control(client, "start", name="ow-12-ada", usd="2.50", hours_ago=6, gpus=2)
    pod = fleet.runpod.pods[started["id"]]
    assert pod.spent(clock.now()) == 15
    await control(client, "price", id=pod.id, usd="3")
    await control(client, "change", id=pod.id, util=0, locked=True, stop_takes=5, lies=False)
    await control(client, "stop", id=pod.id)
    clock.advance(timedelta(seconds=5))
    state = (await client.get(CONTROL_PATH)).json()["runpod"]
    (shown,) = state["machines"]
    assert (shown["state"], shown["usd_per_hour"], shown["locked"]) == ("EXITED", "3", True)
    await control(client, "resume", id=pod.id)
    assert pod.state(clock.now()) == "PROVISIONING"
    await control(client, "remove", id=pod.id)
    assert pod.is_gone(clock.now())


async def test_keys_and_faults_are_switched(fleet: Fleet, client: httpx.AsyncClient) -> None:
    pod = fleet.runpod.start("eval")
    await control(client, "key", may_write=False)
    refused = await client.delete(f"{PODS}/{pod.id}")
    assert (refused.status_code, (await client.get(PODS)).status_code) == (403, 200)
    await control(client, "key", revoked=True, may_write=True)
    assert (await client.get(PODS)).status_code == 401
    await control(client, "key", revoked=False)
    fault = await control(client, "fault", kind="429", call="list", retry_after="7", seconds=1)
    late = await client.get(PODS)
    assert (late.status_code, late.headers["retry-after"]) == (429, "7")
    assert (await client.get(f"{PODS}/{pod.id}")).status_code == 200
    await control(client, "clear", id=fault["id"])
    await control(client, "fault", kind="500", instance=pod.id, times=1)
    assert (await client.get(PODS)).status_code == 200
    assert (await client.get(f"{PODS}/{pod.id}")).status_code == 500
    assert (await client.get(f"{PODS}/{pod.id}")).status_code == 200
    await control(client, "fault", kind="410")
    await control(client, "clear")
    assert (await client.get(PODS)).status_code == 200


@pytest.mark.parametrize(
    ("service", "body"),
    [
        ("runpod", {}),
        ("runpod", {"do": "explode"}),
        ("azure", {"do": "clear"}),
        ("runpod", {"do": "stop"}),
        ("runpod", {"do": "stop", "id": "pod_none"}),
        ("runpod", {"do": "start"}),
        ("runpod", {"do": "start", "name": "x", "hours_ago": "six"}),
        ("runpod", {"do": "start", "name": "x", "usd": "six"}),
        ("runpod", {"do": "fault", "kind": "earthquake"}),
    ],
)
async def test_a_mistaken_wish_is_refused_with_a_sentence(
    client: httpx.AsyncClient, service: str, body: dict[str, Any]
) -> None:
    said = await client.post(f"{CONTROL_PATH}/{service}", json=body)
    assert (said.status_code, said.json()["ok"]) == (400, False)
    assert said.json()["text"]


async def test_only_what_can_be_changed_is_changed(fleet: Fleet, client: httpx.AsyncClient) -> None:
    pod = fleet.runpod.start("eval")
    body = {"do": "change", "id": pod.id, "spans": []}
    assert (await client.post(f"{CONTROL_PATH}/runpod", json=body)).status_code == 400


@pytest.mark.parametrize("kind", FleetFaultKind)
async def test_each_fault_spoils_a_list(
    fleet: Fleet, client: httpx.AsyncClient, kind: FleetFaultKind
) -> None:
    fleet.runpod.start("eval")
    await control(client, "fault", kind=kind, seconds=0.01, call="list")
    try:
        said = await client.get(PODS)
        body = said.json()
    except (ConnectionResetError, ValueError):
        return
    is_whole = said.status_code == 200 and isinstance(body, dict) and len(body.get("pods", ())) == 1
    assert is_whole == (kind in {FleetFaultKind.SLOW, FleetFaultKind.LIES})


@asynccontextmanager
async def vast_of(fleet: Fleet) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(fleet.app),
        base_url=f"http://fleet{VAST_PATH}",
        headers={"authorization": f"Bearer {VAST_KEY}"},
    ) as client:
        yield client


async def test_vast_gives_pages_of_what_was_selected_and_null_for_what_it_does_not_know(
    fleet: Fleet,
) -> None:
    for n in range(30):
        fleet.vast.start(f"n{n}", ago=HOUR)
    columns = {"select_cols": '["id", "renamed"]', "limit": "100"}
    async with vast_of(fleet) as client:
        first = (await client.get(INSTANCES, params=columns)).json()
        token = {"after_token": first["next_token"]}
        last = (await client.get(INSTANCES, params={**columns, **token})).json()
        bad = await client.get(INSTANCES, params={"after_token": "nonsense"})
        old = await client.get(INSTANCES.replace("v1", "v0"))
        whole = (await client.get(INSTANCES)).json()["instances"][0]
    assert (len(first["instances"]), len(last["instances"]), last["next_token"]) == (25, 5, None)
    assert (first["instances"][0], first["total_instances"]) == ({"id": 312, "renamed": None}, 30)
    assert (bad.status_code, bad.json()["error"]) == (400, "invalid_token")
    assert (old.status_code, old.json()["error"]) == (410, "deprecated_endpoint")
    assert whole["jupyter_token"] == SECRET
    assert fleet.vast.count("page") == 2


async def test_vast_stops_starts_labels_and_destroys(fleet: Fleet, clock: SharedClock) -> None:
    one = fleet.vast.start("eval", boots_in=timedelta(0), stop_takes=timedelta(seconds=9))
    at = f"/api/v0/instances/{one.id}/"

    async with vast_of(fleet) as client:

        async def state() -> tuple[str, str]:
            found = (await client.get(at)).json()["instances"]
            return found["actual_status"], found["cur_state"]

        await client.put(at, json={"state": "stopped"})
        assert await state() == ("running", "running")
        clock.advance(timedelta(seconds=9))
        assert await state() == ("stopped", "stopped")
        await client.put(at, json={"state": "running"})
        await client.put(at, json={"label": "ow-12-ada"})
        assert await state() == ("running", "running")
        assert one.label == "ow-12-ada"
        assert (await client.delete(at)).json() == {"success": True}
        assert (await client.delete(at)).status_code == 404
        assert [shown["state"] for shown in fleet.vast.snapshot()["machines"]] == ["destroyed"]


async def test_vast_refuses_calls_that_come_too_soon_in_plain_text(
    fleet: Fleet, clock: SharedClock
) -> None:
    fleet.vast.keeps_intervals = True
    async with vast_of(fleet) as client:
        assert (await client.get(INSTANCES)).status_code == 200
        late = await client.get(INSTANCES)
        clock.advance(timedelta(seconds=1))
        again = await client.get(INSTANCES)
    assert (late.status_code, late.text, again.status_code) == (
        429, "API requests too frequent: endpoint threshold=1.0", 200,
    )  # fmt: skip


async def test_a_bad_key_at_vast_looks_as_if_nothing_were_there(fleet: Fleet) -> None:
    fleet.vast.is_revoked = True
    async with vast_of(fleet) as client:
        said = await client.get(INSTANCES)
    assert (said.status_code, said.json()["error"]) == (404, "auth_error")
