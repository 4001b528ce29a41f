"""A dstack server that is not there: what it answers is written here."""

import copy
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.domain.fleet import Listing
from gateways.fleet.dstack import FLEETS, RUNS, Dstack
from tests.gateways.fleet.conftest import Waiting, near_api_of

SAMPLE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "runs_list.json").read_text("utf-8")
)["runs"][0]
BUSY = "metrics"
MACHINE: dict[str, Any] = {
    "id": "m1",
    "project_name": "main",
    "name": "gpu-fleet-0",
    "fleet_name": "gpu-fleet",
    "instance_num": 0,
    "status": "idle",
    "backend": "gcp",
    "price": 2.0,
    "created": "2026-11-25T00:00:00+00:00",
    "instance_type": {"resources": {"gpus": [{"name": "A100", "memory_mib": 40960}]}},
    "busy_blocks": 0,
}
GET, STOP = "runs/get", "runs/stop"
Answering = Callable[[dict[str, Any]], Response]


def run(**more: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SAMPLE), **more}


def submission(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = row["jobs"][0]["job_submissions"][-1]
    return found


def pages(*rows: dict[str, Any]) -> Answering:
    """Runs in pages as dstack makes them."""

    def answer(asked: dict[str, Any]) -> Response:
        after = (
            [r["id"] for r in rows].index(asked["prev_run_id"]) + 1 if "prev_run_id" in asked else 0
        )
        return JSONResponse(rows[after : after + asked["limit"]])

    return answer


def said(body: Any = None, status: int = 200, **headers: str) -> Answering:
    return lambda _: JSONResponse(body, status, headers)


def text(body: str, status: int = 200) -> Answering:
    return lambda _: Response(body, status)


@dataclass
class Stand:
    """A dstack server that answers as it is told, by the end of the path."""

    answers: dict[str, Answering] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._reply, methods=["GET", "POST"])])

    async def _reply(self, request: Request) -> Response:
        path = request.url.path
        self.asked.append(path)
        body = await request.json() if request.method == "POST" else {}
        usual = {RUNS: pages(run()), FLEETS: said([]), GET: said(run()), STOP: said()}
        for name, answer in {**usual, **self.answers}.items():
            if path.endswith(name):
                return answer(body)
        return JSONResponse({"metrics": []})


def fleet_of(*machines: Any) -> dict[str, Any]:
    return {"id": "f1", "created_at": "2026-11-24T00:00:00+00:00", "instances": [*machines]}


@asynccontextmanager
async def near(stand: Stand, clock: Waiting, page: int = 100) -> AsyncIterator[Dstack]:
    async with near_api_of(stand.app, clock, key="t") as api:
        yield Dstack(api, clock, page=page)


async def listed(stand: Stand, clock: Waiting, page: int = 100) -> Listing:
    async with near(stand, clock, page) as fleet:
        [found] = await fleet.listings()
    return found
