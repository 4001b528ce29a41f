"""Putting the bot's words into a channel: what every way of posting has in common."""

from dataclasses import dataclass
from typing import Any

from sandbox import limits
from sandbox.blocks import completed
from sandbox.conversations import Conversations
from sandbox.errors import SlackError
from sandbox.ids import Ids
from sandbox.model import Installation, Json, Message, StoredFile

TEXT_LIMIT = 40_000
UPDATE_TEXT_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class Post:
    """What posting needs of the workspace."""

    conversations: Conversations
    files: dict[str, StoredFile]
    ids: Ids
    app: Installation


@dataclass(frozen=True, slots=True)
class Content:
    """Checked text and blocks, complete with ids."""

    text: str
    blocks: tuple[Json, ...]


def content(post: Post, text: Any, blocks: Any) -> Content:
    """Check what a bot wants to say. Raises SlackError with Slack's code for each mistake."""
    if blocks is not None and not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if not text and not blocks:
        raise SlackError("no_text")
    said = blocks or []
    problems = limits.message_problems(said, refuses_newer=post.app.refuses_newer_blocks)
    problems += _missing_files(post, said)
    if problems:
        codes = sorted({problem.code for problem in problems})
        listed = [str(problem) for problem in problems]
        code = "msg_blocks_too_long" if codes == ["msg_blocks_too_long"] else "invalid_blocks"
        raise SlackError(code, messages=listed, errors=[p.why for p in problems])
    return Content(str(text or "")[:TEXT_LIMIT], tuple(completed(said, post.ids)))


def _missing_files(post: Post, blocks: list[Json]) -> list[limits.Problem]:
    """Images that name a file which was not uploaded, or is still being looked through."""
    found = []
    for at, block in enumerate(blocks):
        name = isinstance(block, dict) and block.get("slack_file")
        if not isinstance(name, dict):
            continue
        file = post.files.get(str(name.get("id")))
        if file is None or not file.is_ready:
            found.append(limits.Problem(f"/blocks/{at}/slack_file", "invalid slack file"))
    return found


def put(
    post: Post,
    channel_id: str,
    said: Content,
    *,
    thread_ts: str | None = None,
    ephemeral_to: str | None = None,
    metadata: Json | None = None,
) -> Message:
    """Post as the bot, permission granted already."""
    return post.conversations.post(
        Message(
            ts=post.conversations.next_ts(channel_id),
            channel=channel_id,
            user=post.app.bot_user_id,
            bot_id=post.app.bot_id,
            text=said.text,
            blocks=said.blocks,
            thread_ts=thread_ts,
            ephemeral_to=ephemeral_to,
            metadata=metadata,
        )
    )
