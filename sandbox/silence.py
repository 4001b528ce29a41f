"""Answers that do not come: a connection that is cut, at once or after a silence."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override


class HangUp(Response):
    """No answer at all: the connection is cut."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Abort the transport below the server; without one, fail as a lost connection does."""
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionResetError("the sandbox hung up")
        transport.abort()
        await receive()


async def silence(request: Request, seconds: float) -> bool:
    """Say nothing for so many real seconds; False as soon as the caller has given up."""
    async with asyncio.TaskGroup() as waiting:
        timer = waiting.create_task(asyncio.sleep(seconds))
        gone = waiting.create_task(_disconnected(request))
        ended, _ = await asyncio.wait({timer, gone}, return_when=asyncio.FIRST_COMPLETED)
        timer.cancel()
        gone.cancel()
    return gone not in ended


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
