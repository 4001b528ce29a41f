"""Several processes that answer on one listening socket, and whoever watches over them.

A worker that dies is started again; one that dies before it could serve ends the service, since the
next would do no better. Each holds one end of a line to the watcher: a word on it says that the
worker is ready, and its end tells the worker that nobody watches any more.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TypeAlias

import structlog

from owroute.server import GRACE_SECONDS

log = structlog.get_logger(__name__)

Line: TypeAlias = "Connection[bytes, bytes]"
Work: TypeAlias = "Callable[[Line], None]"
"""What a worker does, in a process of its own; it must be picklable."""

_PROCESSES = get_context("spawn")
_READY = b"ready"
_PAUSE_SECONDS = 1
_PATIENCE_SECONDS = GRACE_SECONDS + 1


class WorkerFailed(Exception):
    """A worker ended before it was ready."""


class Crew:
    """So many workers; `started` is called once, when the first set of them is ready."""

    def __init__(self, work: Work, size: int, started: Callable[[], None]) -> None:
        self._work = work
        self._size = size
        self._started = started
        self._ready: set[int] = set()

    async def serve(self, told: asyncio.Event) -> None:
        """Until told to stop; then all end. Raises WorkerFailed when a worker cannot start."""
        posts = [asyncio.create_task(self._manned(post)) for post in range(self._size)]
        stop = asyncio.create_task(told.wait())
        await asyncio.wait({stop, *posts}, return_when=asyncio.FIRST_COMPLETED)
        for task in (stop, *posts):
            task.cancel()
        for end in await asyncio.gather(stop, *posts, return_exceptions=True):
            if isinstance(end, Exception):
                raise end

    async def _manned(self, post: int) -> None:
        while True:
            async with _working(self._work) as (process, line):
                if not await _says_ready(line):
                    raise WorkerFailed
                log.info("engine.worker_ready", pid=process.pid)
                self._count(post)
                await _readable(process.sentinel)
            await asyncio.sleep(_PAUSE_SECONDS)  # a signal to all of us ends here, not in an alarm
            log.error("engine.worker_died", pid=process.pid, exit=process.exitcode)

    def _count(self, post: int) -> None:
        if post not in self._ready:
            self._ready.add(post)
            if len(self._ready) == self._size:
                self._started()


@asynccontextmanager
async def _working(work: Work) -> AsyncIterator[tuple[SpawnProcess, Line]]:
    """A process at work, which is asked to end at the end, and made to when it does not."""
    ours, theirs = _PROCESSES.Pipe()
    process = _PROCESSES.Process(target=work, args=(theirs,))
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.terminate()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await _readable(process.sentinel)
        except TimeoutError:
            process.kill()
        process.join()
        ours.close()


async def _says_ready(line: Line) -> bool:
    await _readable(line.fileno())
    try:
        return line.recv_bytes() == _READY
    except (EOFError, OSError):
        return False


async def _readable(descriptor: int) -> None:
    """A process's sentinel is readable when it has ended, a line when it says something or ends."""
    loop = asyncio.get_running_loop()
    seen = asyncio.Event()
    loop.add_reader(descriptor, seen.set)
    try:
        await seen.wait()
    finally:
        loop.remove_reader(descriptor)


async def answering(line: Line, told: asyncio.Event) -> None:
    """In a worker: say that it is ready, and be told to stop when the watcher is gone."""
    line.send_bytes(_READY)
    await _readable(line.fileno())
    told.set()
