"""Both sides of the wire to a provider, and a clock that stands still for both."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typing_extensions import override

from bot.domain.fleet import Ended, Ending, Instance, Listing, Machine, Read
from bot.ports import Fleet as Gateway
from gateways.fleet.http import ProviderApi
from gateways.fleet.runpod import RunPod
from gateways.fleet.vast import FIRST_WAIT, Vast
from gateways.provider_http import provider_client
from sandbox.clock import SharedClock
from sandbox.fleet.fleet import RUNPOD_PATH, VAST_PATH, Fleet
from sandbox.fleet.runpod import RUNPOD_KEY
from sandbox.fleet.runpod import RunPod as RunPodAccount
from sandbox.fleet.service import FleetFault, FleetFaultKind, Service
from sandbox.fleet.vast import VAST_KEY
from sandbox.fleet.vast import Vast as VastAccount
from tests.gateways.conftest import Answer, StandIn, listening

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANSWERS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "provider_answers.json").read_text("utf-8")
)


class Waiting(SharedClock):
    """Stands still, but whoever waits moves it along; remembers each wait."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, frozen_at=NOON)
        self.slept: list[float] = []

    @override
    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(timedelta(seconds=seconds))


@asynccontextmanager
async def api_of(
    app: Any, clock: SharedClock, *, path: str = "", key: str | None, **more: Any
) -> AsyncIterator[ProviderApi]:
    """The way to an application, as the wiring makes it; `read_seconds` may be shortened."""
    async with (
        listening(app) as port,
        provider_client(
            f"http://127.0.0.1:{port}{path}", key, read_seconds=more.pop("read_seconds", 5.0)
        ) as client,
    ):
        yield ProviderApi(client, clock, **more)


@asynccontextmanager
async def near_api_of(
    app: Any, clock: SharedClock, *, path: str = "", key: str
) -> AsyncIterator[ProviderApi]:
    """The same without a socket, for tables in which only the answer matters."""
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1{path}",
        headers={"authorization": f"Bearer {key}"},
        transport=httpx.ASGITransport(app),
    ) as client:
        yield ProviderApi(client, clock)


Account = TypeVar("Account", bound=Service)


@dataclass
class Side(Generic[Account]):
    """Both sides of the wire: the account there, and our way to it."""

    there: Account
    ours: Gateway
    clock: Waiting

    async def listing(self) -> Listing:
        (found,) = await self.ours.listings()
        return found

    async def only(self) -> Instance:
        found = await self.listing()
        assert found.complete
        (instance,) = found.instances
        return instance

    async def read(self, instance_id: str) -> Read:
        return await self.ours.read(self._machine(instance_id))

    async def end(self, instance_id: str, ending: Ending = Ending.STOP) -> Ended:
        return await self.ours.end(self._machine(instance_id), ending, "stop:1:1")

    def fails(self, kind: FleetFaultKind, call: str = "list", **more: Any) -> None:
        self.there.faults.add(FleetFault(kind, call, **more))

    def _machine(self, instance_id: str) -> Machine:
        return Machine(self.ours.provider, self.ours.account, instance_id)


@asynccontextmanager
async def runpod_over_http(clock: Waiting, **more: Any) -> AsyncIterator[Side[RunPodAccount]]:
    fleet = Fleet(clock)
    async with api_of(fleet.app, clock, path=RUNPOD_PATH, key=RUNPOD_KEY, **more) as api:
        yield Side(fleet.runpod, RunPod(api), clock)


@asynccontextmanager
async def vast_over_http(clock: Waiting, **more: Any) -> AsyncIterator[Side[VastAccount]]:
    """The account refuses calls that come too soon."""
    fleet = Fleet(clock)
    fleet.vast.keeps_intervals = True
    async with api_of(
        fleet.app, clock, path=VAST_PATH, key=VAST_KEY, first_wait=FIRST_WAIT, **more
    ) as api:
        yield Side(fleet.vast, Vast(api, clock), clock)


@pytest.fixture
def clock(tmp_path: Path) -> Waiting:
    return Waiting(tmp_path / "clock.json")


@pytest.fixture
async def runpod(clock: Waiting) -> AsyncIterator[Side[RunPodAccount]]:
    async with runpod_over_http(clock) as found:
        yield found


@pytest.fixture
async def near_runpod(clock: Waiting) -> AsyncIterator[Side[RunPodAccount]]:
    fleet = Fleet(clock)
    async with near_api_of(fleet.app, clock, path=RUNPOD_PATH, key=RUNPOD_KEY) as api:
        yield Side(fleet.runpod, RunPod(api), clock)


@pytest.fixture
async def vast(clock: Waiting) -> AsyncIterator[Side[VastAccount]]:
    async with vast_over_http(clock) as found:
        yield found


@pytest.fixture
async def near_vast(clock: Waiting) -> AsyncIterator[Side[VastAccount]]:
    fleet = Fleet(clock)
    async with near_api_of(fleet.app, clock, path=VAST_PATH, key=VAST_KEY) as api:
        yield Side(fleet.vast, Vast(api, clock), clock)


async def runpod_said(clock: Waiting, answer: Answer) -> Listing:
    """What is understood of one prepared answer."""
    async with near_api_of(StandIn(answer).app, clock, key="key") as api:
        (found,) = await RunPod(api).listings()
        return found


async def vast_said(clock: Waiting, *pages: Any) -> Listing:
    """What is understood of prepared pages, each reached by the token of the one before."""
    left = list(pages)

    async def answer(_request: Request) -> Response:
        return JSONResponse(left.pop(0) if len(left) > 1 else left[0])

    app = Starlette(routes=[Route("/api/v1/instances/", answer)])
    async with near_api_of(app, clock, key="key") as api:
        (found,) = await Vast(api, clock).listings()
        return found


def many(vast: Side[VastAccount], count: int) -> None:
    """More instances than fit on a page."""
    for n in range(count):
        vast.there.start(f"n{n}", ago=HOUR)
