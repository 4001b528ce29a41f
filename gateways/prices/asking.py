"""Asking a price endpoint: one client per provider, bounded in time and size, and patient once.

Whatever is not the wanted JSON becomes `NoPrices` with what went wrong; bodies are never logged.
"""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

import httpx

from bot.clock import Clock
from gateways.outgoing import NotPublic
from gateways.provider_http import Said, TooLarge, is_auth_error, parsed, received, seconds_in

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

    async def _sent(self, method: str, path: str, body: Mapping[str, Any] | None) -> Said:
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                return await received(self._client, method, path, body=body, most=MAX_BYTES)
        except TooLarge as error:
            raise NoPrices(Trouble.too_large) from error
        except NotPublic as error:
            raise NoPrices(Trouble.not_public) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NoPrices(Trouble.timeout) from error
        except httpx.HTTPError as error:
            raise NoPrices(Trouble.network, type(error).__name__) from error


def _patience(failed: NoPrices) -> float | None:
    if failed.trouble in {Trouble.server, Trouble.network}:
        return AGAIN_AFTER
    if failed.trouble is not Trouble.rate or not failed.detail:
        return None
    seconds = int(failed.detail)
    return seconds if seconds <= LONGEST_WAIT else None


def _understood(said: Said) -> Any:
    found = parsed(said.body, Decimal)
    if said.status in {401, 403} or is_auth_error(found):
        raise NoPrices(Trouble.auth)
    if said.status == httpx.codes.TOO_MANY_REQUESTS:
        seconds = seconds_in(said.headers.get("retry-after", ""))
        raise NoPrices(Trouble.rate, "" if seconds is None else str(seconds))
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
