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
from handlers.answers import Answers, notice

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
            return _command_answer(_sentence(error, reference, await self._language(error, ask)))
        ask = inbound.interaction(body)
        lang = await self._language(error, ask)
        sentence = _sentence(error, reference, lang)
        if body.get("type") == "view_submission":
            return _submission_answer(body, sentence, getattr(error, "field", None), lang)
        if body.get("type") == "block_suggestion":
            return BoltResponse(status=200, body={"options": []})
        self._answers.later(
            "error", ask, client, lambda: self._answers.tell(ask, client, Message(sentence))
        )
        return BoltResponse(status=200, body="")

    async def _language(self, error: Exception, ask: inbound.Ask) -> str:
        if isinstance(error, StoreUnavailable):
            return "en"  # the language is in the database
        return await self._answers.language(ask.actor)


def _sentence(error: Exception, reference: str, lang: str) -> Mrkdwn:
    if isinstance(error, StoreUnavailable):
        return error_cards.database_down(reference, lang)
    if isinstance(error, UserError):
        return error_cards.sentence(error, lang)
    return error_cards.unexpected(reference, lang)


def _command_answer(sentence: Mrkdwn) -> BoltResponse:
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": sentence})


def _submission_answer(
    body: dict[str, Any], sentence: Mrkdwn, field: str | None, lang: str
) -> BoltResponse:
    """What is typed stays; a modal without inputs is replaced by the sentence."""
    block = inbound.input_for(body["view"], field)
    if block is not None:
        errors = {block: sentence}
        return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})
    view = dict(notice(Message(sentence), lang))
    return BoltResponse(status=200, body={"response_action": "update", "view": view})
