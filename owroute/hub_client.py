"""The way to the model hub: one client for its one address, or none where it is off."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from typing_extensions import override

from gateways.hub import PATIENCE, Hub
from gateways.outgoing import PublicOnly

CONNECT_SECONDS = 3


class _Named(httpx.AsyncBaseTransport):
    """Public addresses only, and answers that keep the name they were asked under.

    The hub compares where it redirects to with where it is, and the address that was connected to
    is not its name.
    """

    def __init__(self) -> None:
        self._inner = PublicOnly()

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises what `PublicOnly` does."""
        pinned = httpx.Request(
            request.method, request.url, headers=request.headers, stream=request.stream,
            extensions=request.extensions,
        )  # fmt: skip
        return await self._inner.handle_async_request(pinned)

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()


@asynccontextmanager
async def hub_client(url: str | None, token: str | None) -> AsyncIterator[httpx.AsyncClient | None]:
    """The client for the hub at `url`, None without one. The token is sent to that host only."""
    if url is None:
        yield None
        return
    headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "owroute"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    async with httpx.AsyncClient(
        base_url=url,
        headers=headers,
        transport=_Named(),
        timeout=httpx.Timeout(PATIENCE.total_seconds(), connect=CONNECT_SECONDS),
        trust_env=False,
        follow_redirects=False,
    ) as client:
        yield client


@asynccontextmanager
async def model_hub(url: str | None, token: str | None) -> AsyncIterator[Hub]:
    """Facts about models from the hub at `url`; without one it is never asked."""
    async with hub_client(url, token) as client:
        yield Hub(client)
