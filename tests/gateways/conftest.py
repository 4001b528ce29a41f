"""A server that gives one prepared answer and remembers what it was asked."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp


@dataclass
class Answer:
    """What the stand-in says to every request, after `delay` seconds."""

    body: str | bytes = ""
    status: int = 200
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass
class StandIn:
    """An ASGI application with one answer at all paths; `asked` holds each request's path."""

    answer: Answer
    asked: list[str] = field(default_factory=list)

    @property
    def app(self) -> ASGIApp:
        return Starlette(routes=[Route("/{path:path}", self._reply, methods=["GET", "POST"])])

    async def _reply(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        await asyncio.sleep(self.answer.delay)
        said = self.answer
        return Response(said.body, said.status, dict(said.headers), media_type=said.kind)


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[int]:
    """The application behind a real socket on loopback; gives the port. It dates answers itself."""
    door = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, date_header=False)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[door]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield door.getsockname()[1]
    finally:
        server.should_exit = True
        await running
        door.close()


@pytest.fixture
def closed_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
    return port
