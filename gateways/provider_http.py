"""One request to a provider's address: public, bounded in time and size, never redirected."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from gateways.outgoing import PublicOnly

CONNECT_SECONDS = 5
READ_SECONDS = 20


class TooLarge(Exception):
    """The answer does not end where every sensible one does."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it came. Its body may hold secrets: it is never logged."""

    status: int
    headers: httpx.Headers
    body: bytes


def provider_client(
    url: str, key: str | None, *, read_seconds: float = READ_SECONDS, public: bool = True
) -> httpx.AsyncClient:
    """A client for one provider; redirects are not followed, the bearer would travel with them.

    Where it is not `public`, it may stand in a private network.
    """
    return httpx.AsyncClient(
        base_url=url,
        headers={
            "accept": "application/json",
            "accept-encoding": "identity",  # so that the size that is capped is the true one
            "user-agent": "owroute",
            **({"authorization": f"Bearer {key}"} if key else {}),
        },
        transport=PublicOnly() if public else httpx.AsyncHTTPTransport(trust_env=False),
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
    )


async def received(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    most: int,
) -> Said:
    """Send once and take at most `most` bytes. Raises TooLarge, and httpx's own errors."""
    async with client.stream(method, path, params=params, json=body) as answer:
        text = bytearray()
        async for piece in answer.aiter_raw():
            text += piece
            if len(text) > most:
                raise TooLarge
    return Said(answer.status_code, answer.headers, bytes(text))


def parsed(body: bytes, whole: Callable[[str], Any] = int) -> Any:
    """JSON with exact fractions, whole numbers as `whole` makes them; None for what is none."""
    try:
        return json.loads(
            body.decode(), parse_float=Decimal, parse_int=whole, parse_constant=Decimal
        )
    except (ValueError, ArithmeticError, RecursionError):
        return None


def is_auth_error(found: Any) -> bool:
    """Whether an answer blames the key, whatever its status says."""
    return isinstance(found, dict) and found.get("error") == "auth_error"


def seconds_in(retry_after: str) -> int | None:
    """The seconds in a `Retry-After`; None for a date, for rubbish, and above eleven days."""
    text = retry_after.strip()
    is_number = text.isascii() and text.isdigit() and len(text) < 7  # noqa: PLR2004  # eleven days
    return int(text) if is_number else None
