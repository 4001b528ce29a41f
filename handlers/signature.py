"""Only Slack gets in: size, age and signature are checked on the raw bytes, before any parsing.

Bolt's own check reads the wall clock, parses before it verifies and lets unsigned `ssl_check` posts
through; this one stands in front of it.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qs

import structlog
from starlette.requests import Request

from bot.clock import Clock

log = structlog.get_logger(__name__)

MAX_BYTES = 1_000_000
MAX_SKEW_SECONDS = 300
WORRYING_SKEW_SECONDS = 60


class Signature:
    """Checks requests against the app's signing secret."""

    def __init__(self, *, secret: str, clock: Clock) -> None:
        if not secret:
            raise ValueError("the signing secret is empty: every request would be accepted")
        self._secret = secret.encode()
        self._clock = clock

    async def refusal(self, request: Request) -> HTTPStatus | None:
        """The HTTP status to refuse with, or None when the request is Slack's.

        Nothing of a body is ever logged, whatever is wrong with it.
        """
        body = await body_up_to(request, MAX_BYTES)
        if body is None:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        stamp = request.headers.get("x-slack-request-timestamp", "")
        given = request.headers.get("x-slack-signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):  # noqa: PLR2004  # 12 digits reach the year 33658
            return HTTPStatus.UNAUTHORIZED
        skew = abs(self._clock.now().timestamp() - int(stamp))
        if skew > MAX_SKEW_SECONDS:
            log.warning("signature.stale", seconds=round(skew))
            return HTTPStatus.UNAUTHORIZED
        base = b"v0:" + stamp.encode() + b":" + body
        expected = "v0=" + hmac.new(self._secret, base, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), given.encode()):
            return HTTPStatus.UNAUTHORIZED
        if skew > WORRYING_SKEW_SECONDS:
            log.warning("signature.clock_skew", seconds=round(skew))
        return None


async def body_up_to(request: Request, limit: int) -> bytes | None:
    """The whole body, kept on the request for whoever reads it next; None when it is too large."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
    request._body = b"".join(chunks)  # noqa: SLF001  # Starlette's own cache, as Request.body() fills it
    return request._body  # noqa: SLF001  # the same


def is_payload(body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether a signed body is something Slack sends: a form, or JSON that is an object.

    Bolt parses without asking and would answer anything else with a traceback.
    """
    try:
        text = body.decode()
        if "json" in headers.get("content-type", ""):
            return isinstance(json.loads(text), dict)
        form = parse_qs(text)
        return all(isinstance(json.loads(p), dict) for p in form.get("payload", ()))
    except ValueError:
        return False
