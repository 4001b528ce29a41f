"""Capture: the buttons that give and end the command, and the address a machine sends to."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

import bot.cards.errors as error_cards
from bot.cards import capture as cards
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, unescaped
from bot.crash import crash_point
from bot.domain.capture import BadPaste, Reason, parse_capture, withheld
from bot.domain.capture_form import Capture
from bot.errors import StoreUnavailable, UserError
from bot.services.capture import ClaimCapture
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.inbound import Ask
from handlers.signature import body_up_to

log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024
ARRIVES_SECONDS = 30.0
ENGLISH = "en"
"""A machine has no language, and a refused one no owner whose language would be known."""

STATUS = {
    "bad_token": HTTPStatus.UNAUTHORIZED,
    "used_up": HTTPStatus.TOO_MANY_REQUESTS,
    "no_such_item": HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Any other sentence is a conflict with the experiment as it is now."""


class CaptureHandlers:
    """*Capture command* and *Revoke*: answered where only who pressed sees it."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def command(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The one line to run; for who steers, with a token to send with."""
        offer = await self._cases.capture(ask.actor, ask.plan.e, ask.delivery)
        await ack()
        if offer is None:
            return

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            message = cards.capture_message(
                offer.x, lang, public_url=offer.public_url, token=offer.token
            )
            await self._answers.tell(ask, client, message)

        self._answers.later("capture", ask, client, told)

    async def share(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Put the script into the thread*: it is sure to come before we answer."""
        shared = await self._cases.script(ask.actor, ask.plan.e, ask.delivery)
        await ack()
        self._cases.soon.send()

        async def told() -> None:
            crash_point("handed.after_ack")
            lang = await self._answers.language(ask.actor)
            await self._answers.tell(
                ask, client, cards.shared_message(shared.x, shared.handed, lang)
            )

        self._answers.later("script", ask, client, told)

    async def revoke(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """No capture of this experiment can be sent with the tokens there are."""
        x = await self._cases.capture.revoke(ask.actor, ask.plan.e, ask.delivery)
        await ack()

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            await self._answers.tell(ask, client, cards.revoked_message(x, lang))

        self._answers.later("revoke", ask, client, told)


class Refusal(Exception):
    """A body that cannot be taken, with the sentence of it."""

    def __init__(self, status: HTTPStatus, sentence: Mrkdwn) -> None:
        super().__init__(status.phrase)
        self.status = status
        self.sentence = sentence


class CapturePost:
    """`POST /capture`: the token first, then the size, then the form, then one use case.

    Nothing of a body is ever logged, and in a private experiment no word of it gets past parsing.
    """

    def __init__(self, *, claim: ClaimCapture, sent: Callable[[], None]) -> None:
        self._claim = claim
        self._sent = sent

    async def __call__(self, request: Request) -> Response:
        """One line of text, whatever happens."""
        try:
            return await self._claimed(request)
        except Refusal as refusal:
            return _said(refusal.status, refusal.sentence)
        except UserError as error:
            status = STATUS.get(error.code, HTTPStatus.CONFLICT)
            return _said(status, error_cards.sentence(error, ENGLISH))
        except StoreUnavailable:
            log.exception("capture.failed")
            return _said(HTTPStatus.SERVICE_UNAVAILABLE, words(ENGLISH).capture.busy())

    async def _claimed(self, request: Request) -> Response:
        door = await self._claim.door(_bearer(request))
        body = await _body(request)
        capture = _capture(body, private=door.private)
        kept = await self._claim(door, capture, hashlib.sha256(body).hexdigest())
        self._sent()
        line = cards.kept_line(kept.x.label, kept.claimed, kept.partly, ENGLISH)
        return _said(HTTPStatus.OK, line)


def _bearer(request: Request) -> str:
    """The token of the header; an empty one opens nothing."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


async def _body(request: Request) -> bytes:
    say_ = words(ENGLISH).capture
    try:
        async with asyncio.timeout(ARRIVES_SECONDS):
            body = await body_up_to(request, MOST_BYTES)
    except TimeoutError:
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT, say_.too_slow()) from None
    if body is None:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, say_.too_large(MOST_BYTES // 1024))
    return body


def _capture(body: bytes, *, private: bool) -> Capture:
    """The capture in a body; of a private one without its words from here on."""
    say_ = words(ENGLISH).capture
    try:
        found: Any = json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, say_.no_json()) from None
    capture = parse_capture(found)
    if isinstance(capture, BadPaste):
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, _wrong(capture))
    return withheld(capture) if private else capture


def _wrong(bad: BadPaste) -> Mrkdwn:
    say_ = words(ENGLISH).capture
    if bad.reason is Reason.TOO_NEW:
        return say_.other_version()
    return say_.not_a_capture(bad.hint) if bad.hint else say_.no_json()


def _no_number(name: str) -> float:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


def _said(status: HTTPStatus, sentence: Mrkdwn) -> Response:
    log.info("capture.answered", status=int(status))
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else None
    return PlainTextResponse(f"{unescaped(sentence)}\n", status_code=status, headers=headers)
