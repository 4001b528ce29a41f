"""The dead-man's switch: somebody outside is told that all is well, and notices when it stops."""

import asyncio

import httpx
import structlog

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 5.0


class Heartbeat:
    """Fetches an address after each clean cycle; without one it does nothing."""

    def __init__(self, client: httpx.AsyncClient, url: str | None) -> None:
        self._client = client
        self._url = url

    async def __call__(self) -> None:
        """One beat. A beat that fails is logged: whoever listens will notice by its absence."""
        if self._url is None:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._client.get(self._url)
        except (httpx.HTTPError, TimeoutError) as error:
            log.warning("heartbeat.failed", error=type(error).__name__)
