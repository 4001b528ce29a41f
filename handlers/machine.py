"""What machines send without Slack: the token of a header, a body of bounded size, a line back."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.cards.text import Mrkdwn, unescaped
from handlers.signature import body_up_to

log = structlog.get_logger(__name__)

ARRIVES_SECONDS = 30.0
ENGLISH = "en"
"""A machine has no language, and a refused one no owner whose language would be known."""


class Refusal(Exception):
    """A request that cannot be taken, with the sentence of it."""

    def __init__(self, status: HTTPStatus, sentence: Mrkdwn) -> None:
        super().__init__(status.phrase)
        self.status = status
        self.sentence = sentence


def bearer(request: Request) -> str:
    """The token of the header; an empty one opens nothing."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a body may hold, and what is said of one that is larger, or does not arrive."""

    most: int
    too_large: Mrkdwn
    too_slow: Mrkdwn


async def body_within(request: Request, bounds: Bounds) -> bytes:
    """The whole body; `Refusal` while it is read, not after."""
    try:
        async with asyncio.timeout(ARRIVES_SECONDS):
            body = await body_up_to(request, bounds.most)
    except TimeoutError:
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT, bounds.too_slow) from None
    if body is None:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, bounds.too_large)
    return body


def said(event: str, status: HTTPStatus, sentence: Mrkdwn) -> Response:
    """One line of text; nothing of a body is ever logged."""
    log.info(event, status=int(status))
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else None
    return PlainTextResponse(f"{unescaped(sentence)}\n", status_code=status, headers=headers)
