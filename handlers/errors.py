"""The one place where errors end: a sentence for the person, a reference for the log."""

import secrets
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

import bot.cards.errors as error_cards
from bot.cards.text import Mrkdwn
from bot.domain.delivery import Message
from bot.errors import StoreUnavailable, UserError
from handlers import inbound
from handlers.answers import Answers

log = structlog.get_logger(__name__)


class ErrorHandler:
    """Answers where the person looks: under the command, beside the field, or privately."""

    def __init__(self, *, answers: Answers) -> None:
        self._answers = answers

    def register(self, app: AsyncApp) -> None:
        """Make this the application's error handler."""
        app.error(self)

    async def __call__(
        self, error: Exception, body: dict[str, Any], client: AsyncWebClient
    ) -> BoltResponse:
        """The HTTP answer. An event that failed gets a 500, so that Slack brings it again."""
        reference = secrets.token_hex(4)
        if isinstance(error, UserError):
            log.info("answer.user_error", code=error.code)
        else:
            log.error("request.failed", reference=reference, exc_info=error)
        if "event" in body:
            return BoltResponse(status=500, body="")
        if "command" in body:
            ask, _ = inbound.command(body)
            return _command_answer(await self._sentence(error, reference, ask))
        ask = inbound.interaction(body)
        sentence = await self._sentence(error, reference, ask)
        if body.get("type") == "view_submission":
            return _submission_answer(body, sentence, getattr(error, "field", None))
        if body.get("type") == "block_suggestion":
            return BoltResponse(status=200, body={"options": []})
        self._answers.later(
            "error", ask, client, lambda: self._answers.tell(ask, client, Message(sentence))
        )
        return BoltResponse(status=200, body="")

    async def _sentence(self, error: Exception, reference: str, ask: inbound.Ask) -> Mrkdwn:
        if isinstance(error, StoreUnavailable):
            return error_cards.database_down(reference, "en")  # the language is in the database
        lang = await self._answers.language(ask.actor)
        if isinstance(error, UserError):
            return error_cards.sentence(error, lang)
        return error_cards.unexpected(reference, lang)


def _command_answer(sentence: Mrkdwn) -> BoltResponse:
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": sentence})


def _submission_answer(body: dict[str, Any], sentence: str, field: str | None) -> BoltResponse:
    """The modal stays open, so that nothing typed is lost."""
    block = inbound.input_for(body["view"], field)
    errors = {block: sentence} if block else {}
    return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})
