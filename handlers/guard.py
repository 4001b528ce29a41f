"""Guards: the line that starts one, what ends its token, and the address it asks."""

from collections.abc import Callable
from http import HTTPStatus

import structlog
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import bot.cards.errors as error_cards
from bot.cards import guard as cards
from bot.cards.i18n import words
from bot.clock import Clock
from bot.domain.guard import BadBeat, Beat, parse_beat
from bot.errors import StoreUnavailable, UserError
from bot.services.cases import Cases
from bot.services.gpu.guarding import GuardOffer, HearGuard
from handlers.answers import Answers
from handlers.inbound import Ask
from handlers.machine import ENGLISH, Bounds, Refusal, bearer, body_within, said

log = structlog.get_logger(__name__)

MOST_BYTES = 2_048
ANSWERED = "guard.answered"
STATUS = {
    "bad_guard": HTTPStatus.UNAUTHORIZED,
    "guard_too_often": HTTPStatus.TOO_MANY_REQUESTS,
}
"""Any other sentence is a conflict with the run as it is now."""


class GuardHandlers:
    """*Guard command* and *Revoke*: answered where only who pressed sees it."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def command(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The line for one run, from the menu of its card."""
        ref = ask.gpu
        offer = await self._cases.guard(ask.actor, ref.g, ref.n, ask.delivery)
        await ack()
        self._tell(ask, client, offer)

    async def of_plan(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The line for the machine of an experiment, from its capture command."""
        offer = await self._cases.guard.of_plan(ask.actor, ask.plan.e, ask.delivery)
        await ack()
        self._tell(ask, client, offer)

    async def revoke(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """No guard of this run is heard with the tokens there are."""
        ref = ask.gpu
        run = await self._cases.guard.revoke(ask.actor, ref.g, ask.delivery)
        await ack()

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            await self._answers.tell(ask, client, cards.revoked_message(run, lang))

        self._answers.later("guard_revoke", ask, client, told)

    def _tell(self, ask: Ask, client: AsyncWebClient, offer: GuardOffer | None) -> None:
        if offer is None:  # answered already
            return

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            message = cards.guard_message(
                offer.label,
                offer.run,
                lang,
                zone=offer.zone,
                now=offer.now,
                public_url=offer.public_url,
                token=offer.token,
            )
            await self._answers.tell(ask, client, message)

        self._answers.later("guard", ask, client, told)


class GuardPost:
    """`POST /guard`: the token first, then the size, then the form, then one use case.

    It is answered a time and ours beside it, or one line; nothing of a body is ever logged.
    """

    def __init__(self, *, hear: HearGuard, clock: Clock, sent: Callable[[], None]) -> None:
        self._hear = hear
        self._clock = clock
        self._sent = sent

    async def __call__(self, request: Request) -> Response:
        """An answer, whatever happens."""
        try:
            return await self._heard(request)
        except Refusal as refusal:
            return said(ANSWERED, refusal.status, refusal.sentence)
        except UserError as error:
            status = STATUS.get(error.code, HTTPStatus.CONFLICT)
            return said(ANSWERED, status, error_cards.sentence(error, ENGLISH))
        except StoreUnavailable:
            log.exception("guard.failed")
            busy = words(ENGLISH).guard.busy()
            return said(ANSWERED, HTTPStatus.SERVICE_UNAVAILABLE, busy)

    async def _heard(self, request: Request) -> Response:
        door = await self._hear.door(bearer(request))
        beat = self._beat(await body_within(request, _bounds()))
        answer = await self._hear(door, beat)
        self._sent()
        told = {"until": answer.until.isoformat(), "now": answer.now.isoformat()}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    def _beat(self, body: bytes) -> Beat:
        beat, say_ = parse_beat(body, self._clock.now()), words(ENGLISH).guard
        if isinstance(beat, BadBeat):
            wrong = say_.not_a_beat(beat.where) if beat.where else say_.no_json()
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, wrong)
        return beat


def _bounds() -> Bounds:
    say_ = words(ENGLISH).guard
    return Bounds(MOST_BYTES, say_.too_large(MOST_BYTES), say_.too_slow())
