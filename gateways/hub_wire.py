"""How the Hugging Face Hub's answers are read: bounded, typed, and never from another host.

For everything that asks the Hub, whatever library words the question.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import httpx

from bot.domain.hub import Refusal, Renamed

MAX_BYTES = 1_000_000
"""Of one answer. Real ones have some ten thousand."""

_MODEL = re.compile(r"/api/models/([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(/.*)?", re.A)
MOVED = frozenset({301, 302, 303, 307, 308})
CLOSED = frozenset({401, 403})
_BAD_TOKEN = "Invalid credentials in Authorization header"  # noqa: S105  # the Hub's words


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, read to its end."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: httpx.URL


class Unusable(Exception):
    """The answer is not the Hub's, or not to be used; `args[0]` is the reason in one word."""


async def get(client: httpx.AsyncClient, url: str | httpx.URL) -> Said:
    """One answer as it came over the wire, at most a megabyte of it."""
    async with client.stream("GET", url) as answer:
        body = b""
        async for part in answer.aiter_raw():
            body += part
            if len(body) > MAX_BYTES:
                raise Unusable("too_large")
        return Said(answer.status_code, answer.headers, body, answer.url)


def json_of(said: Said) -> Any:
    """The JSON of an answer; what holds none is not the Hub's."""
    try:
        return json.loads(said.body)
    except (ValueError, RecursionError):
        raise Unusable("not_the_hub") from None


def target(said: Said) -> httpx.URL:
    """Where a redirect leads; never back to where it came from."""
    try:
        found = said.url.join(said.headers.get("location", ""))
    except (httpx.InvalidURL, ValueError):
        raise Unusable("redirect") from None
    if found == said.url:
        raise Unusable("redirect")
    return found


def is_at(base: httpx.URL, url: httpx.URL) -> bool:
    """Whether an address is below ours: scheme, host and port, and the start of the path."""
    ours = (base.scheme, base.host, base.port) == (url.scheme, url.host, url.port)
    return ours and not url.userinfo and url.path.startswith(base.path.rstrip("/") + "/")


def renamed(said: Said, base: httpx.URL) -> Renamed:
    """The name a redirect leads to; one that leaves the Hub is not to be used."""
    there = target(said)
    if not is_at(base, there):
        raise Unusable("redirect")
    named = _MODEL.fullmatch(there.path.removeprefix(base.path.rstrip("/")))
    return Renamed(named[1] if named else None)


def refused(said: Said) -> Refusal:
    """Why there is no answer. Without a token the Hub says 401 for what does not exist."""
    code, message = said.headers.get("x-error-code"), said.headers.get("x-error-message")
    speaks = code or "json" in said.headers.get("content-type", "")
    if said.status not in (*CLOSED, httpx.codes.NOT_FOUND) or not speaks:
        raise Unusable(f"http_{said.status}")
    if _BAD_TOKEN in (message or said.body.decode("utf-8", "replace")):
        return Refusal.TOKEN
    return Refusal.NO_REVISION if code == "RevisionNotFound" else Refusal.MISSING
