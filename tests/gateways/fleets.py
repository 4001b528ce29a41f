"""A provider of the sandbox behind a real socket, and a clock that stands still for both sides."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from typing_extensions import override

from gateways.fleet.http import ProviderApi
from gateways.provider_http import provider_client
from sandbox.clock import SharedClock
from tests.gateways.conftest import listening

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
