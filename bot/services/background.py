"""Work that must not hold up an acknowledgement: bounded, counted, drained at shutdown.

Only a fast path: whatever is started here has a durable row behind it, so the tick does the same
work after a crash.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


class Background:
    """Runs at most `limit` pieces of work at a time; more wait their turn."""

    def __init__(self, *, limit: int = 32) -> None:
        self._slots = asyncio.Semaphore(limit)
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Start `work` soon; `name` is for the log."""
        task = asyncio.create_task(self._guarded(name, work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, seconds: float = 8.0) -> None:
        """Wait for what is running, then give up on it: its rows are taken up after the restart."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def idle(self) -> None:
        """Wait until nothing is running, work that was started meanwhile included."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _guarded(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        async with self._slots:
            try:
                await work()
            except Exception:  # the guard of one piece of work; its row stays due
                log.exception("background.failed", work=name)
