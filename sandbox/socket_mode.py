"""Socket Mode: the bot connects to the workspace and gets its payloads over a WebSocket."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.delivery import ACK_SECONDS, Failure, Kind, Parcel, Reply
from sandbox.ids import Ids
from sandbox.model import Json

CONNECTION_LIMIT = 10
CONNECTION_SECONDS = 18_060


@dataclass(frozen=True, slots=True)
class SocketTransport:
    """Envelopes to a bot that connects with this app-level token (`xapp-..`).

    `patience`: seconds that an acknowledgement may take, as in `HttpTransport`.
    """

    app_token: str
    patience: float = ACK_SECONDS


@dataclass(slots=True)
class Link:
    """One connected socket and the envelopes whose acknowledgement it owes."""

    socket: WebSocket
    awaited: dict[str, asyncio.Future[Reply]] = field(default_factory=dict)


class SocketCourier:
    """Sends each payload to one of the connected sockets, by turns."""

    def __init__(self, ids: Ids, app_id: str, patience: float) -> None:
        self._ids = ids
        self._patience = patience
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._links: list[Link] = []
        self._turn = count()

    @property
    def connections(self) -> int:
        """How many sockets are connected."""
        return len(self._links)

    def address(self, base_url: str) -> str:
        """A WebSocket address that can be used once, for `apps.connections.open`."""
        ticket = self._ids.secret("ticket")
        self._tickets.add(ticket)
        query = urlencode({"ticket": ticket, "app_id": self._app_id})
        return f"{base_url.replace('http', 'ws', 1)}/link?{query}"

    async def attend(self, socket: WebSocket) -> None:
        """Serve one socket until it closes."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets or len(self._links) >= CONNECTION_LIMIT:
            await socket.close(code=1008)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        link = Link(socket)
        self._links.append(link)
        try:
            with suppress(WebSocketDisconnect):
                await socket.send_json(self._hello())
                while True:
                    _settle(link, await socket.receive_json())
        finally:
            self._drop(link)

    async def send(self, parcel: Parcel) -> Reply:
        """Put the parcel into an envelope and wait for its acknowledgement."""
        if not self._links:
            return Reply(status=None, failure=Failure.CONNECTION)
        link = self._links[next(self._turn) % len(self._links)]
        envelope_id = self._ids.envelope()
        awaited: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        link.awaited[envelope_id] = awaited
        try:
            await link.socket.send_json(_envelope(envelope_id, parcel))
            async with asyncio.timeout(self._patience):
                return await awaited
        except TimeoutError:
            return Reply(status=None, failure=Failure.TIMEOUT)
        except (WebSocketDisconnect, RuntimeError):
            return Reply(status=None, failure=Failure.CONNECTION)
        finally:
            link.awaited.pop(envelope_id, None)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Announce the end of every connection, which follows at once unless it is a `warning`."""
        for link in list(self._links):
            await link.socket.send_json({"type": "disconnect", "reason": reason})
        if reason != "warning":
            await self.drop()

    async def drop(self) -> None:
        """Cut every socket without a word."""
        for link in list(self._links):
            self._drop(link)
            with suppress(RuntimeError):  # the other side was faster
                await link.socket.close(code=1012)

    async def close(self) -> None:
        """Say goodbye to every socket."""
        await self.drop()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._links),
            "connection_info": {"app_id": self._app_id},
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": CONNECTION_SECONDS,
            },
        }

    def _drop(self, link: Link) -> None:
        if link in self._links:
            self._links.remove(link)
        for awaited in link.awaited.values():
            if not awaited.done():
                awaited.set_result(Reply(status=None, failure=Failure.CONNECTION))


def _envelope(envelope_id: str, parcel: Parcel) -> Json:
    return {
        "envelope_id": envelope_id,
        "type": str(parcel.kind),
        "payload": parcel.payload,
        "accepts_response_payload": parcel.kind is not Kind.EVENT,
        "retry_attempt": parcel.retry,
        "retry_reason": str(parcel.retry_reason or ""),
    }


def _settle(link: Link, answer: Any) -> None:
    """An acknowledgement: `{"envelope_id": .., "payload": ..}`; anything else is ignored."""
    awaited = link.awaited.get(answer.get("envelope_id", "")) if isinstance(answer, dict) else None
    if awaited is None or awaited.done():
        return
    awaited.set_result(Reply(status=200, body=answer.get("payload") or None))
