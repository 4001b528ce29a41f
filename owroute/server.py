"""A web server that lives inside a `with`: whoever opens it decides when it ends."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from typing_extensions import override

BACKLOG = 2048
GRACE_SECONDS = 8
"""How long requests in flight may take to finish."""


class _Server(uvicorn.Server):
    """uvicorn would re-raise SIGTERM after its own end and cut our clean-up short."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(
    app: Any,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    grace: int = GRACE_SECONDS,
    is_dated: bool = True,
) -> AsyncIterator[int]:
    """Serve an ASGI application; gives the port. Requests in flight are finished at the end.

    `is_dated` False leaves the `Date` of answers to the application. Raises OSError when the
    address cannot be listened on.
    """
    async with served_on(app, bound(host, port), grace=grace, is_dated=is_dated) as found:
        yield found


@asynccontextmanager
async def served_on(
    app: Any, listening: socket.socket, *, grace: int = GRACE_SECONDS, is_dated: bool = True
) -> AsyncIterator[int]:
    """The same on a socket that listens already, which is closed at the end."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=grace,
        date_header=is_dated,
    )  # fmt: skip
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started and not running.done():
            await asyncio.sleep(0.01)
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await running
        listening.close()


def bound(host: str, port: int) -> socket.socket:
    """A listening socket. OSError when the address cannot be listened on.

    It says that it is TCP: asyncio switches Nagle's 40 ms wait off for no other.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(BACKLOG)
    except OSError:
        found.close()
        raise
    return found


@contextmanager
def told_to_stop() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set. Open it first: a signal may come at any time."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    signs = (signal.SIGINT, signal.SIGTERM)
    for sign in signs:
        loop.add_signal_handler(sign, told.set)
    try:
        yield told
    finally:
        for sign in signs:
            loop.remove_signal_handler(sign)
