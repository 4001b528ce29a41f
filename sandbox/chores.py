"""What the workspace does later: at once in the background, or when its clock gets there."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from itertools import count

from sandbox.clock import SharedClock

Chore = Callable[[], Awaitable[None]]
LOOK_EVERY_SECONDS = 0.2


class Chores:
    """Background tasks that are tracked, and chores that wait for the clock."""

    def __init__(self, clock: SharedClock) -> None:
        self._clock = clock
        self._due: list[tuple[datetime, int, Chore]] = []
        self._order = count()
        self._tasks: set[asyncio.Task[None]] = set()

    def soon(self, work: Coroutine[object, object, None]) -> None:
        """Start `work` now, beside everything else."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def at(self, due: datetime, chore: Chore) -> None:
        """Run `chore` when the clock reaches `due`."""
        heapq.heappush(self._due, (due, next(self._order), chore))

    async def run_due(self) -> None:
        """Run, in order, each chore whose time has come, those included that this brings up."""
        while self._due and self._due[0][0] <= self._clock.now():
            _, _, chore = heapq.heappop(self._due)
            await chore()

    async def watch(self) -> None:
        """Look at the clock for ever; it may be moved by another process."""
        while True:
            await self.run_due()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def settle(self) -> None:
        """Wait until nothing runs in the background."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """End what still runs and forget what waits."""
        self._due.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
