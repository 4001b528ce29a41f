"""EC2, the scheduler and the alarms of moto's server, behind a door that can lie.

The door passes what AWS's library sends on to moto, names two regions as enabled, counts the calls
and answers some of them as it was told.
"""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from owroute.demo.stage import free_port
from tests.gateways.conftest import listening

US, EU = "us-east-1", "eu-west-1"
_CREDENTIAL = re.compile(r"Credential=[^/]+/[0-9]+/([^/]+)/([^/]+)/")


@contextmanager
def moto_server(log: Path) -> Iterator[str]:
    """moto in a process of its own; gives its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quick = {**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
    with (
        log.open("wb") as out,
        subprocess.Popen(command, stdout=out, stderr=out, env=quick) as process,
    ):
        try:
            _until_answered(f"{url}/moto-api/data.json", process)
            yield url
        finally:
            process.terminate()


def _until_answered(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            assert process.poll() is None, "moto ended"
        time.sleep(0.1)
    raise AssertionError("moto did not answer within 30 s")


@dataclass(frozen=True)
class Call:
    """One request of AWS's library: `RunInstances` of EC2, or the path of another service."""

    service: str
    region: str
    action: str


Answering = Callable[[Response], Response | None]
"""Makes of moto's answer the one that is given; None hangs."""


@dataclass
class Door:
    """What stands in front of moto. `faults` are asked in order, the first that answers wins."""

    moto: str
    regions: tuple[str, ...] = (US, EU)
    calls: list[Call] = field(default_factory=list)
    faults: dict[tuple[str, str], Answering] = field(default_factory=dict)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def fault(self, action: str, answering: Answering, region: str = US) -> None:
        """Answer an action in a region like this from now on; `action` may be a service."""
        self.faults[region, action] = answering

    def count(self, action: str, region: str | None = None) -> int:
        return sum(c.action == action and region in {None, c.region} for c in self.calls)

    @property
    def app(self) -> Starlette:
        methods = ["GET", "POST", "PUT", "DELETE"]
        return Starlette(routes=[Route("/{path:path}", self._reply, methods=methods)])

    async def _reply(self, request: Request) -> Response:
        body = await request.body()
        call = _call(request, body)
        self.calls.append(call)
        if call.action == "DescribeRegions":
            answer = _regions(self.regions)
        else:
            answer = await self._passed_on(request, body)
        for name in (call.action, call.service):
            if answering := self.faults.get((call.region, name)):
                changed = answering(answer)
                if changed is None:
                    await self.released.wait()
                return changed or answer
        return answer

    async def _passed_on(self, request: Request, body: bytes) -> Response:
        headers = {k: v for k, v in request.headers.items() if k not in {"host", "connection"}}
        async with httpx.AsyncClient(base_url=self.moto, timeout=60) as client:
            said = await client.request(
                request.method, str(request.url.path), params=request.query_params,
                content=body, headers=headers,
            )  # fmt: skip
        kept = {k: v for k, v in said.headers.items() if k in {"content-type", "date"}}
        return Response(said.content, said.status_code, kept)


@asynccontextmanager
async def door(moto: str) -> AsyncIterator[tuple[Door, str]]:
    """A door and its address, with an empty moto behind it."""
    async with httpx.AsyncClient() as client:
        (await client.post(f"{moto}/moto-api/reset")).raise_for_status()
    made = Door(moto)
    async with listening(made.app) as port:
        try:
            yield made, f"http://127.0.0.1:{port}"
        finally:
            made.released.set()


def _call(request: Request, body: bytes) -> Call:
    found = _CREDENTIAL.search(request.headers.get("authorization", ""))
    region, service = (found[1], found[2]) if found else ("", "")
    action = parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
    return Call(service, region, action or request.url.path.strip("/").split("/")[0])


def _regions(names: tuple[str, ...]) -> Response:
    items = "".join(f"<item><regionName>{name}</regionName></item>" for name in names)
    return xml(
        f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
    )


def xml(body: str, status: int = 200, **headers: str) -> Response:
    return Response(body, status, headers, media_type="text/xml")


def refused(code: str, status: int = 400, **headers: str) -> Answering:
    """EC2's way to say no."""
    error = f"<Error><Code>{code}</Code><Message>m</Message></Error>"
    return lambda _: xml(f"<Response><Errors>{error}</Errors></Response>", status, **headers)
