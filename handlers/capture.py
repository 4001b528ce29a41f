"""Capture: the buttons that give and end the command, and the address a machine sends to."""

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response

import bot.cards.errors as error_cards
from bot.cards import capture as cards
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn
from bot.crash import crash_point
from bot.domain.capture import BadPaste, Reason, parse_capture, withheld
from bot.domain.capture_form import Capture
from bot.errors import StoreUnavailable, UserError
from bot.services.capture import ClaimCapture
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.inbound import Ask
from handlers.machine import ENGLISH, Bounds, Refusal, bearer, body_within, said

log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024
ANSWERED = "capture.answered"
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
            return said(ANSWERED, refusal.status, refusal.sentence)
        except UserError as error:
            status = STATUS.get(error.code, HTTPStatus.CONFLICT)
            return said(ANSWERED, status, error_cards.sentence(error, ENGLISH))
        except StoreUnavailable:
            log.exception("capture.failed")
            return said(ANSWERED, HTTPStatus.SERVICE_UNAVAILABLE, words(ENGLISH).capture.busy())

    async def _claimed(self, request: Request) -> Response:
        door = await self._claim.door(bearer(request))
        body = await body_within(request, _bounds())
        capture = _capture(body, private=door.private)
        kept = await self._claim(door, capture, hashlib.sha256(body).hexdigest())
        self._sent()
        line = cards.kept_line(kept.x.label, kept.claimed, kept.partly, ENGLISH)
        return said(ANSWERED, HTTPStatus.OK, line)


def _bounds() -> Bounds:
    say_ = words(ENGLISH).capture
    return Bounds(MOST_BYTES, say_.too_large(MOST_BYTES // 1024), say_.too_slow())


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
