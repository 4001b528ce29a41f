"""The providers as the page has them: what it is told of them, and the switches that break them."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.app import HttpTransport, create_app
from sandbox.clock import SharedClock
from sandbox.fleet.fleet import CONTROL_PATH, RUNPOD_PATH, VAST_PATH, Fleet
from sandbox.fleet.runpod import RUNPOD_KEY
from sandbox.fleet.vast import VAST_KEY
from tests.sandbox.conftest import SECRET, Lamp

PODS = f"{RUNPOD_PATH}/v2/pods"
INSTANCES = f"{VAST_PATH}/api/v1/instances/"
HOURS = timedelta(hours=6)


@pytest.fixture
def fleet(lamp: Lamp) -> Fleet:
    return Fleet(lamp.workspace.clock, lamp.workspace.changes.happened)


@pytest.fixture
async def page(lamp: Lamp, fleet: Fleet) -> AsyncIterator[httpx.AsyncClient]:
    transport = HttpTransport("http://127.0.0.1:9/slack/events", SECRET)
    app = create_app(lamp.workspace, transport=transport, fleet=fleet)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://sandbox"
    ) as client:
        yield client


async def listed(page: httpx.AsyncClient) -> tuple[int, int]:
    """How either provider answers a list."""
    pods = await page.get(PODS, headers={"authorization": f"Bearer {RUNPOD_KEY}"})
    contracts = await page.get(INSTANCES, headers={"authorization": f"Bearer {VAST_KEY}"})
    return pods.status_code, contracts.status_code


async def stop(page: httpx.AsyncClient, pod: str) -> int:
    said = await page.post(
        f"{PODS}/{pod}/action",
        json={"action": "stop"},
        headers={"authorization": f"Bearer {RUNPOD_KEY}"},
    )
    return said.status_code


async def shown(page: httpx.AsyncClient, provider: str = "runpod") -> Any:
    return (await page.get("/_sandbox/state")).json()["fleet"][provider]


async def switch(page: httpx.AsyncClient, control: str, *, on: bool) -> None:
    said = await page.post(f"/_sandbox/controls/{control}", json={"on": on})
    assert said.is_success, said.text


async def test_the_page_is_told_what_each_machine_does_and_has_cost(
    fleet: Fleet, page: httpx.AsyncClient, clock: SharedClock
) -> None:
    pod = fleet.runpod.start("ow-2-ada", ago=HOURS, stop_takes=timedelta(seconds=20))
    (burning,) = (await shown(page))["machines"]
    assert (burning["name"], burning["phase"], burning["state"], burning["spent_usd"]) == (
        "ow-2-ada", "running", "RUNNING", "4.14",
    )  # fmt: skip
    assert burning["until"] is None
    assert await stop(page, pod.id) == 200
    told = await shown(page)
    assert told["machines"][0]["phase"] == "stopping"
    assert (told["calls"], told["last_call"]["kind"], told["last_call"]["status"]) == (
        1, "stop", 200,
    )  # fmt: skip
    clock.advance(timedelta(seconds=20))
    (over,) = (await shown(page))["machines"]
    assert (over["phase"], over["state"]) == ("stopped", "EXITED")
    assert over["until"] is not None
    await page.post(f"{CONTROL_PATH}/runpod", json={"do": "remove", "id": pod.id})
    assert (await shown(page))["machines"][0]["phase"] == "gone"


async def test_what_happens_to_a_machine_reaches_the_open_pages(
    lamp: Lamp, fleet: Fleet, page: httpx.AsyncClient
) -> None:
    before = lamp.workspace.changes.version
    await page.post(f"{CONTROL_PATH}/vast", json={"do": "start", "name": "ow-9-lin"})
    assert lamp.workspace.changes.version > before
    assert (await shown(page, "vast"))["machines"][0]["state"] == "loading"


async def test_a_provider_that_lies_says_yes_and_bills_on(
    fleet: Fleet, page: httpx.AsyncClient, clock: SharedClock
) -> None:
    pod = fleet.runpod.start("ow-2-ada", ago=HOURS)
    await switch(page, "provider_lies", on=True)
    late = fleet.runpod.start("rented-later", ago=HOURS)
    assert [await stop(page, one.id) for one in (pod, late)] == [200, 200]
    clock.advance(HOURS)
    assert {one["phase"] for one in (await shown(page))["machines"]} == {"running"}
    await switch(page, "provider_lies", on=False)
    assert await stop(page, pod.id) == 200
    clock.advance(HOURS)
    assert [one["phase"] for one in (await shown(page))["machines"]] == ["stopped", "running"]


@pytest.mark.parametrize(
    ("control", "answers"),
    [
        ("provider_500", (500, 500)),
        ("provider_429", (429, 429)),
        ("provider_410", (410, 410)),
        ("provider_key_revoked", (401, 404)),
        ("provider_key_reads", (200, 200)),
    ],
)
async def test_a_switch_breaks_every_provider_until_it_is_off(
    page: httpx.AsyncClient, control: str, answers: tuple[int, int]
) -> None:
    await switch(page, control, on=True)
    assert await listed(page) == answers
    on = {
        c["id"]: c["group"]
        for c in (await page.get("/_sandbox/state")).json()["controls"]
        if c["on"]
    }
    assert on == {control: "provider"}
    await switch(page, control, on=False)
    assert await listed(page) == (200, 200)


async def test_a_key_that_only_reads_stops_nothing(fleet: Fleet, page: httpx.AsyncClient) -> None:
    pod = fleet.runpod.start("ow-2-ada")
    await switch(page, "provider_key_reads", on=True)
    assert await stop(page, pod.id) == 403


async def test_half_a_list_is_no_list(fleet: Fleet, page: httpx.AsyncClient) -> None:
    fleet.runpod.start("ow-2-ada")
    await switch(page, "provider_half_a_list", on=True)
    said = await page.get(PODS, headers={"authorization": f"Bearer {RUNPOD_KEY}"})
    with pytest.raises(json.JSONDecodeError):
        said.json()


async def test_without_providers_the_page_hears_of_none(lamp: Lamp) -> None:
    async with httpx.AsyncClient(base_url=lamp.workspace.base_url, trust_env=False) as client:
        state = (await client.get("/_sandbox/state")).json()
    assert state["fleet"] is None
    assert {c["group"] for c in state["controls"]} == {"slack"}
