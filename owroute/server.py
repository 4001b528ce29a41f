"""A web server that lives inside a `with`: whoever opens it decides when it ends."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from typing_extensions import override

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
    app: Any, *, host: str = "127.0.0.1", port: int = 0, grace: int = GRACE_SECONDS
) -> AsyncIterator[int]:
    """Serve an ASGI application; gives the port. Requests in flight are finished at the end."""
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, lifespan="off",
        timeout_graceful_shutdown=grace,
    )  # fmt: skip
    server = _Server(config)
    listening = config.bind_socket()
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started and not running.done():
            await asyncio.sleep(0.01)
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await running
        listening.close()


async def until_told_to_stop() -> None:
    """Wait for SIGINT or SIGTERM."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    signs = (signal.SIGINT, signal.SIGTERM)
    for sign in signs:
        loop.add_signal_handler(sign, told.set)
    try:
        await told.wait()
    finally:
        for sign in signs:
            with contextlib.suppress(ValueError):
                loop.remove_signal_handler(sign)
