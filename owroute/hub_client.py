"""The way to the model hub: one client for its one address, or none where it is off."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from gateways.hub import PATIENCE, Hub

CONNECT_SECONDS = 3


@asynccontextmanager
async def model_hub(url: str | None, token: str | None) -> AsyncIterator[Hub]:
    """The hub at `url`; without one it is never asked. The token is sent to that host only."""
    if url is None:
        yield Hub(None)
        return
    headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "owroute"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    timeout = httpx.Timeout(PATIENCE.total_seconds(), connect=CONNECT_SECONDS)
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=timeout, trust_env=False, follow_redirects=False
    ) as client:
        yield Hub(client)
