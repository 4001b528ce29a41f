"""Files into a conversation: an address for each, the bytes, and one call that posts them all.

Until that last call nothing can be seen, so whatever fails before it was certainly not posted.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.crash import crash_point
from bot.domain.delivery import File, NotSent, Outcome, Outgoing, Permanent, Sent, Unknown
from bot.domain.ids import ChannelId
from gateways.slack_outcomes import UNREACHABLE, failure

log = structlog.get_logger(__name__)

STEPS_SECONDS = 10.0
"""For all that comes before the call that posts."""

ALT = 1000
"""Characters of the words for a picture that Slack takes."""

GONE = "file_not_found"
"""Slack does not know the upload any more: it is begun anew."""


class _NotTaken(Exception):
    """The file server did not take the bytes; it is asked again later."""


async def upload(
    client: AsyncWebClient, outgoing: Outgoing, thread_ts: str | None, channel: ChannelId
) -> Outcome:
    """Post the files of a message, with its text above them, in one message.

    `channel` is a conversation's own id: Slack takes no person's here.
    """
    if channel[:1] in "UW":
        return Permanent("channel_not_found")
    try:
        async with asyncio.timeout(STEPS_SECONDS):
            ids = [await _uploaded(client, file) for file in outgoing.message.files]
    except (SlackApiError, aiohttp.ClientError, TimeoutError, _NotTaken) as error:
        log.info("slack.upload_not_begun", error=type(error).__name__)
        return _not_posted(error)
    crash_point("upload.before_complete")
    try:
        await client.files_completeUploadExternal(
            files=_titled(ids, outgoing.message.files),
            channel_id=channel,
            thread_ts=thread_ts,
            initial_comment=outgoing.message.text,
        )
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        came_to = failure(error)
        return NotSent(UNREACHABLE) if came_to == Permanent(GONE) else came_to
    crash_point("upload.after_complete")
    return Sent(channel, "")


def names_in(message: dict[str, object]) -> set[str]:
    """The names of the files in a message of a conversation's history."""
    files = message.get("files")
    listed = files if isinstance(files, list) else []
    return {str(file.get("name")) for file in listed if isinstance(file, dict)}


async def _uploaded(client: AsyncWebClient, file: File) -> str:
    """The id under which Slack holds the bytes of a file."""
    content = file.content
    answer = await client.files_getUploadURLExternal(
        filename=file.name, length=len(content), alt_txt=file.alt[:ALT] or None
    )
    await _send(client, str(answer["upload_url"]), content)
    return str(answer["file_id"])


async def _send(client: AsyncWebClient, address: str, content: bytes) -> None:
    """The bytes, to the address that Slack named, with no token and no redirect."""
    if client.session is None or not _is_slacks(address, client.base_url):
        raise _NotTaken
    kind = {"content-type": "application/octet-stream"}
    async with client.session.post(
        address, data=content, headers=kind, allow_redirects=False
    ) as answer:
        if answer.status != HTTPStatus.OK:
            log.warning("slack.upload_refused", status=answer.status)
            raise _NotTaken


def _is_slacks(address: str, base_url: str) -> bool:
    """Whether an address is encrypted, or on the very host that we were told is Slack."""
    there, slack = urlsplit(address), urlsplit(base_url)
    return there.scheme == "https" or (there.scheme, there.netloc) == (slack.scheme, slack.netloc)


def _titled(ids: Sequence[str], files: Sequence[File]) -> list[dict[str, str | None]]:
    return [{"id": i, "title": file.title} for i, file in zip(ids, files, strict=True)]


def _not_posted(error: Exception) -> NotSent | Permanent:
    """What is unknown of a post is certain here: nothing of it can be seen."""
    if isinstance(error, _NotTaken):
        return NotSent(UNREACHABLE)
    came_to = failure(error)
    if isinstance(came_to, Unknown):
        return NotSent(UNREACHABLE)
    return came_to
