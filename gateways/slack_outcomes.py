"""What an answer of Slack's means for the one attempt that was made: one of four outcomes."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.delivery import NotSent, Outcome, Permanent, Sent, Unknown
from bot.domain.ids import ChannelId

log = structlog.get_logger(__name__)

RETRY_AFTER_DEFAULT = 30
RETRY_AFTER_CAP = 600
LONG_NUMBER = 10
UNREACHABLE = timedelta(seconds=10)
"""The pause before Slack is tried again after a connection that could not be made."""

TEMPORARY = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}
)
"""Answers after which the message may or may not be there."""


async def outcome_of(call: Callable[[], Awaitable[AsyncSlackResponse]]) -> Outcome:
    """The outcome of one attempt to post; what may have arrived is `Unknown`."""
    try:
        answer = await call()
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        return failure(error)
    return Sent(ChannelId(str(answer["channel"])), str(answer["ts"]))


def failure(error: Exception) -> NotSent | Permanent | Unknown:
    """What an attempt that failed this way has left behind."""
    if isinstance(error, SlackApiError):
        return _refusal(error)
    if isinstance(error, aiohttp.ClientConnectorError):  # connect, DNS, TLS: nothing was written
        return NotSent(UNREACHABLE)
    return Unknown(type(error).__name__)


def error_of(error: SlackApiError) -> str:
    """Slack's word for what is wrong; empty where the answer holds none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""  # HTML after a 5xx is a str


def _refusal(error: SlackApiError) -> NotSent | Permanent | Unknown:
    status = getattr(error.response, "status_code", 0)
    word = error_of(error)
    if status == HTTPStatus.TOO_MANY_REQUESTS or word in ("ratelimited", "rate_limited"):
        return NotSent(_retry_after(error))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not word or word in TEMPORARY:
        return Unknown(word or f"http_{status}")
    if word == "message_limit_exceeded":
        return NotSent(timedelta(minutes=5))
    if word in ("invalid_blocks", "invalid_arguments"):
        log.error("slack.refused_form", error=word, why=_why(error))
    return Permanent(word)


def _why(error: SlackApiError) -> list[str]:
    data = error.response.data
    details = data.get("response_metadata") if isinstance(data, dict) else None
    return [str(m) for m in (details or {}).get("messages", ())]


def _retry_after(error: SlackApiError) -> timedelta:
    """The wait Slack asks for, digits only; 30 s where it is missing, 600 s at most."""
    headers = {k.lower(): v for k, v in (error.response.headers or {}).items()}
    asked = str(headers.get("retry-after", "")).strip()
    if not (asked.isascii() and asked.isdigit() and len(asked) < LONG_NUMBER):
        log.warning("slack.odd_retry_after", value=asked[:20])
        return timedelta(seconds=RETRY_AFTER_DEFAULT)
    if int(asked) > RETRY_AFTER_CAP:
        log.error("slack.long_retry_after", seconds=int(asked))
    return timedelta(seconds=min(int(asked), RETRY_AFTER_CAP))
