"""Asking a price endpoint: one client per provider, bounded in time and size, and patient once.

Whatever is not the wanted JSON becomes `NoPrices` with what went wrong; bodies are never logged.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import httpx

from bot.clock import Clock
from gateways.outgoing import NotPublic, PublicOnly

CONNECT_SECONDS = 5
READ_SECONDS = 20
WHOLE_SECONDS = 60
MAX_BYTES = 5_000_000
LONGEST_WAIT = 30
"""Seconds of `Retry-After` that are waited for; who asks for more is asked another day."""
AGAIN_AFTER = 2
"""Seconds before the second try after a 5xx or a broken connection."""


class Trouble(StrEnum):
    """Why there are no prices; each has a sentence of its own in `prices.j2`."""

    auth = "auth"
    rate = "rate"
    gone = "gone"
    moved = "moved"
    server = "server"
    status = "status"
    network = "network"
    timeout = "timeout"
    not_public = "not_public"
    shape = "shape"
    too_large = "too_large"
    empty = "empty"


class NoPrices(Exception):
    """The endpoint gave no usable prices. `detail` is a status or a number of seconds."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(f"{trouble} {detail}".strip())
        self.trouble = trouble
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _Said:
    status: int
    retry_after: str
    body: bytes


def provider_client(
    url: str, key: str | None, *, read_seconds: float = READ_SECONDS
) -> httpx.AsyncClient:
    """A client for one provider; redirects are not followed, the bearer would travel with them."""
    return httpx.AsyncClient(
        base_url=url,
        headers={
            "accept-encoding": "identity",  # so that the size that is capped is the true one
            **({"authorization": f"Bearer {key}"} if key else {}),
        },
        transport=PublicOnly(),
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
    )


class Asking:
    """Requests to one provider that change nothing there, so that one may be sent again.

    In a whole run each of a 429 that names a short time, a 5xx and a broken connection is put up
    with once.
    """

    def __init__(self, client: httpx.AsyncClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._spent: set[Trouble] = set()

    async def json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON, every number a Decimal; raises NoPrices."""
        try:
            return _understood(await self._sent(method, path, body))
        except NoPrices as failed:
            wait = self._second_chance(failed)
            if wait is None:
                raise
            await self._clock.sleep(wait)
        return _understood(await self._sent(method, path, body))

    def _second_chance(self, failed: NoPrices) -> float | None:
        """Seconds after which to ask again; None when that is used up or would not help."""
        wait = _patience(failed)
        if wait is None or failed.trouble in self._spent:
            return None
        self._spent.add(failed.trouble)
        return wait

    async def _sent(self, method: str, path: str, body: Mapping[str, Any] | None) -> _Said:
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                return await self._received(method, path, body)
        except NotPublic as error:
            raise NoPrices(Trouble.not_public) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NoPrices(Trouble.timeout) from error
        except httpx.HTTPError as error:
            raise NoPrices(Trouble.network, type(error).__name__) from error

    async def _received(self, method: str, path: str, body: Mapping[str, Any] | None) -> _Said:
        async with self._client.stream(method, path, json=body) as answer:
            text = b""
            async for piece in answer.aiter_raw():
                text += piece
                if len(text) > MAX_BYTES:
                    raise NoPrices(Trouble.too_large)
        return _Said(answer.status_code, answer.headers.get("retry-after", ""), text)


def _patience(failed: NoPrices) -> float | None:
    if failed.trouble in {Trouble.server, Trouble.network}:
        return AGAIN_AFTER
    if failed.trouble is not Trouble.rate or not failed.detail:
        return None
    seconds = int(failed.detail)
    return seconds if seconds <= LONGEST_WAIT else None


def _understood(said: _Said) -> Any:
    found = _parsed(said.body)
    auth_error = isinstance(found, dict) and found.get("error") == "auth_error"
    if said.status in {401, 403} or auth_error:
        raise NoPrices(Trouble.auth)
    if said.status == httpx.codes.TOO_MANY_REQUESTS:
        seconds = said.retry_after.strip()
        raise NoPrices(Trouble.rate, seconds if _is_seconds(seconds) else "")
    if said.status == httpx.codes.GONE:
        raise NoPrices(Trouble.gone)
    if httpx.codes.is_redirect(said.status):
        raise NoPrices(Trouble.moved)
    if httpx.codes.is_server_error(said.status):
        raise NoPrices(Trouble.server, str(said.status))
    if not httpx.codes.is_success(said.status):
        raise NoPrices(Trouble.status, str(said.status))
    if not isinstance(found, dict) or found.get("success") is False:
        raise NoPrices(Trouble.shape)
    return found


def _is_seconds(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7  # noqa: PLR2004  # eleven days


def _parsed(body: bytes) -> Any:
    """JSON with exact numbers; None for what is none."""
    try:
        return json.loads(
            body.decode(), parse_float=Decimal, parse_int=Decimal, parse_constant=Decimal
        )
    except (ValueError, ArithmeticError, RecursionError):
        return None
