"""The way from the workspace to the bot: parcels, replies, and signed HTTP.

Both transports deliver the same payload objects, and a person waits equally long for the reply:
3 seconds of real time.
"""

import asyncio
import hashlib
import hmac
import json
import ssl
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx

from sandbox.clock import SharedClock
from sandbox.model import Json

ACK_SECONDS = 3.0
NO_KEEPALIVE = httpx.Limits(max_keepalive_connections=0)
"""A bot that was killed and came back must not be met with a connection of its former life."""


@cache
def _trusted() -> ssl.SSLContext:
    """Certificates are read once: that takes longer than delivering many a parcel."""
    return httpx.create_ssl_context(trust_env=False)


class Kind(StrEnum):
    """What a parcel holds, in the names of Socket Mode."""

    COMMAND = "slash_commands"
    INTERACTIVE = "interactive"
    EVENT = "events_api"


class Failure(StrEnum):
    """Why a parcel counts as not received, in the words of `x-slack-retry-reason`."""

    TIMEOUT = "http_timeout"
    HTTP_ERROR = "http_error"
    CONNECTION = "connection_failed"
    REDIRECTS = "too_many_redirects"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One payload for the bot; `retry` counts from 1 where this is a repetition of an event."""

    kind: Kind
    payload: Json
    retry: int = 0
    retry_reason: Failure | None = None

    @property
    def name(self) -> str:
        """What the inspector calls it: the command, the interaction's or the event's type."""
        if self.kind is Kind.COMMAND:
            return str(self.payload["command"])
        if self.kind is Kind.EVENT:
            return str(self.payload.get("event", self.payload)["type"])
        return str(self.payload["type"])


@dataclass(frozen=True, slots=True)
class Reply:
    """The bot's acknowledgement: `body` is None when empty, a dict of JSON, or plain text."""

    status: int | None
    body: Json | str | None = None
    failure: Failure | None = None
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether the bot acknowledged in time."""
        return self.failure is None


class Courier(Protocol):
    """A running transport."""

    async def send(self, parcel: Parcel) -> Reply:
        """Hand the parcel over and wait for the reply, at most 3 seconds; never raises."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class HttpTransport:
    """Signed requests to one address, e.g. `http://127.0.0.1:3000/slack/events`.

    A `client` of one's own may be given, for instance one that speaks to an ASGI app directly.
    `patience` is how many seconds an answer may take: Slack's own, more only where the machine is
    known to be busy with other things.
    """

    url: str
    signing_secret: str
    client: httpx.AsyncClient | None = None
    patience: float = ACK_SECONDS


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`X-Slack-Signature` of a request: HMAC-SHA256 over version, time and raw body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpCourier:
    """Delivers by signed HTTP: forms for commands and interactions, JSON for events."""

    def __init__(self, transport: HttpTransport, clock: SharedClock) -> None:
        self._transport = transport
        self._clock = clock
        self._client = transport.client or httpx.AsyncClient(
            timeout=transport.patience
            * 20,  # `send` bounds the wait; this only ends what nobody awaits
            limits=NO_KEEPALIVE,
            verify=_trusted(),
            trust_env=False,
        )
        self._late: set[asyncio.Task[Reply]] = set()

    async def send(self, parcel: Parcel) -> Reply:
        """Post it. A bot that is late goes on working; only its answer is not awaited."""
        task = asyncio.create_task(self._post(parcel))
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        done, _ = await asyncio.wait({task}, timeout=self._transport.patience)
        return task.result() if done else Reply(status=None, failure=Failure.TIMEOUT)

    async def close(self) -> None:
        """End what is still awaited and close the connections."""
        for task in list(self._late):
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        await self._client.aclose()

    async def _post(self, parcel: Parcel) -> Reply:
        body, content_type = encoded(parcel)
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "content-type": content_type,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signature(self._transport.signing_secret, timestamp, body),
        }
        if parcel.retry:
            headers["x-slack-retry-num"] = str(parcel.retry)
            headers["x-slack-retry-reason"] = str(parcel.retry_reason)
        try:
            answer = await self._client.post(self._transport.url, content=body, headers=headers)
        except httpx.HTTPError:
            return Reply(status=None, failure=Failure.CONNECTION)
        return _understood(answer)


def encoded(parcel: Parcel) -> tuple[bytes, str]:
    """The request body of a parcel and its content type."""
    form = "application/x-www-form-urlencoded"
    if parcel.kind is Kind.COMMAND:
        return urlencode(parcel.payload).encode(), form
    text = json.dumps(parcel.payload)
    if parcel.kind is Kind.INTERACTIVE:
        return urlencode({"payload": text}).encode(), form
    return text.encode(), "application/json"


def _understood(answer: httpx.Response) -> Reply:
    no_retry = answer.headers.get("x-slack-no-retry") == "1"
    if answer.is_redirect:
        return Reply(answer.status_code, failure=Failure.REDIRECTS, no_retry=no_retry)
    if answer.status_code != httpx.codes.OK:
        return Reply(answer.status_code, failure=Failure.HTTP_ERROR, no_retry=no_retry)
    return Reply(answer.status_code, body=_body(answer))


def _body(answer: httpx.Response) -> Json | str | None:
    if not answer.text.strip():
        return None
    if "json" not in answer.headers.get("content-type", ""):
        return answer.text
    try:
        body: Any = answer.json()
    except ValueError:
        return answer.text
    return body if isinstance(body, dict) else answer.text
