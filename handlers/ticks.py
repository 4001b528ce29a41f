"""The timer. It wakes; durable rows decide what happens."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Beat:
    """One cycle at a time, each a task of our own: a timer that ends cancels the jobs it runs."""

    def __init__(self, tick: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tick = tick
        self._running: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        """Run a cycle, or wait for the one that runs. Cancelling this leaves the cycle alone."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._tick())
        await asyncio.shield(self._running)

    async def finish(self, seconds: float) -> None:
        """Let a running cycle end; one that is late is given up, its rows come back."""
        if self._running is None or self._running.done():
            return
        _, late = await asyncio.wait({self._running}, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)


def scheduler(beat: Callable[[], Awaitable[None]], seconds: float) -> AsyncIOScheduler:
    """A beat at once, so that what fell due while we were down is done now, then by the interval.

    In memory. Missed beats are merged.
    """
    timer = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    timer.add_job(beat, id="first")
    timer.add_job(beat, "interval", seconds=seconds, id="tick")
    return timer
