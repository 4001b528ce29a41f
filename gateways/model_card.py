"""Model cards of the Hugging Face Hub, through its own client, off the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta

import httpx

from bot.domain.hub import Unreachable
from bot.domain.model_card import CardAnswer, NoCard
from gateways.hub_wire import Unusable

PATIENCE = timedelta(seconds=6)
"""For the whole answer, the library's first import not counted."""

IMPORT_SECONDS = 2
"""The library is imported when somebody first asks."""

THREADS = 4
"""Threads that wait for answers; not the event loop's own, in which names are looked up."""


class HubCards:
    """`bot.ports.ModelCards` over the one client whose base URL is the Hub's; None is off."""

    def __init__(self, client: httpx.AsyncClient | None, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._patience = patience.total_seconds()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="model-card")

    async def card(self, repo: str, revision: str | None) -> CardAnswer:
        """A repository's card at a commit, or as it now is; never raises."""
        if self._client is None:
            return NoCard.OFF
        try:
            async with asyncio.timeout(self._patience + IMPORT_SECONDS):
                return await self._read(self._client, repo, revision)
        except TimeoutError:
            return Unreachable("timeout")
        except Unusable as trouble:
            return Unreachable(str(trouble))
        except httpx.HTTPError as error:
            return Unreachable(type(error).__name__)

    async def _read(self, client: httpx.AsyncClient, repo: str, revision: str | None) -> CardAnswer:
        loop = asyncio.get_running_loop()
        work = (_read, client, loop, self._patience, repo, revision)
        return await loop.run_in_executor(self._threads, copy_context().run, *work)


def _read(
    client: httpx.AsyncClient,
    loop: asyncio.AbstractEventLoop,
    patience: float,
    repo: str,
    revision: str | None,
) -> CardAnswer:
    """In a thread, which also takes the library's import off the event loop."""
    from gateways.hub_library import Way, read_card  # noqa: PLC0415  # only when somebody asks

    return read_card(Way(client, loop, patience), repo, revision)
