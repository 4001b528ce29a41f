"""Waiting as a visitor does: looking until something is on the screen."""

import asyncio
from collections.abc import Callable

from sandbox.seen import NotThere

PATIENCE_SECONDS = 30.0


async def until(seen: Callable[[], bool]) -> None:
    """Look until it is there. Raises TimeoutError after 30 s."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not _look(seen):
            await asyncio.sleep(0.05)


def _look(seen: Callable[[], bool]) -> bool:
    try:
        return seen()
    except NotThere:
        return False


async def at_once() -> None:
    """The bot is another process: one looks until it has answered."""
