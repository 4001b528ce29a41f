"""The threads in which AWS's library blocks, so that the event loop only waits.

What is read and ended one by one has two threads in each region: it waits for no listing, and a
region that hangs holds up no other.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from bot.domain.fleet import Problem
from gateways.fleet.http import Failed

LISTING, ONE_BY_ONE = 8, 2

_Answer = TypeVar("_Answer")


class Threads:
    """One account's threads; each begins when it is needed first."""

    def __init__(self) -> None:
        self._listing = ThreadPoolExecutor(LISTING, thread_name_prefix="aws")
        make = partial(ThreadPoolExecutor, ONE_BY_ONE, thread_name_prefix="aws-one")
        self._regions: defaultdict[str, ThreadPoolExecutor] = defaultdict(make)

    async def listing(self, until: float, work: Callable[[], _Answer]) -> _Answer:
        """The work's answer; raises Failed when it takes longer than `until`, the loop's time."""
        return await _within(until, self._listing, work)

    async def reading(self, region: str, until: float, work: Callable[[], _Answer]) -> _Answer:
        """The same for one machine of a region."""
        return await _within(until, self._regions[region], work)

    async def ending(self, region: str, work: Callable[[], _Answer]) -> _Answer:
        """The same for an act, which ends by its own time limits."""
        return await _in(self._regions[region], work)

    def close(self) -> None:
        """Take no more work; what is under way ends by its own time limits."""
        self._shut(wait=False)

    def wait(self) -> None:
        """Take no more work, and block until what is under way has ended."""
        self._shut(wait=True)

    def _shut(self, *, wait: bool) -> None:
        for pool in (self._listing, *self._regions.values()):
            pool.shutdown(wait=wait, cancel_futures=True)


async def _within(until: float, pool: ThreadPoolExecutor, work: Callable[[], _Answer]) -> _Answer:
    """A thread that takes too long ends by itself."""
    try:
        async with asyncio.timeout_at(until):
            return await _in(pool, work)
    except TimeoutError as error:
        raise Failed(Problem.NETWORK) from error


async def _in(pool: ThreadPoolExecutor, work: Callable[[], _Answer]) -> _Answer:
    return await asyncio.get_running_loop().run_in_executor(pool, work)
