"""Response addresses: five uses within 30 minutes, and no membership needed.

The body of a 200 answer to a slash command is treated the same way, without counting as a use.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sandbox.clock import SharedClock
from sandbox.errors import SlackError
from sandbox.ids import Ids
from sandbox.model import Json, Message
from sandbox.posting import Post, content, put

USES = 5
LIFETIME = timedelta(minutes=30)
HookKind = Literal["commands", "actions", "app"]


@dataclass(slots=True)
class Hook:
    """One response address: for whom, where, and which message it came from, if any."""

    user: str
    channel: str
    source_ts: str | None
    at: datetime
    uses: int = 0


class ResponseUrls:
    """Gives addresses out and counts their uses."""

    def __init__(self, clock: SharedClock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._hooks: dict[str, Hook] = {}

    def issue(
        self, kind: HookKind, *, team: str, user: str, channel: str, source_ts: str | None = None
    ) -> str:
        """The path of a new address, to be put behind the base URL."""
        path = f"/hooks/{kind}/{team}/{self._ids.secret('hook')}"
        self._hooks[path] = Hook(user, channel, source_ts, self._clock.now())
        return path

    def use(self, path: str) -> Hook:
        """Count a use. Raises SlackError for an address that is unknown, old or used up."""
        hook = self._hooks.get(path)
        if hook is None:
            raise SlackError("no_service")
        if self._clock.now() - hook.at > LIFETIME:
            raise SlackError("expired_url")
        if hook.uses >= USES:
            raise SlackError("used_url")
        hook.uses += 1
        return hook


def answer(post: Post, hook: Hook, body: Json) -> None:
    """Do what the bot answered. Raises SlackError (`invalid_blocks`, `no_text`, ...)."""
    source = _source(post, hook)
    if body.get("delete_original"):
        if source is not None:
            post.conversations.remove(source.channel, source.ts)
        return
    said = content(post, body.get("text"), body.get("blocks"))
    if body.get("replace_original") and source is not None:
        changes = {"text": said.text, "blocks": said.blocks}
        post.conversations.edit(source, by=post.app.bot_user_id, **changes)
        return
    is_public = body.get("response_type") == "in_channel"
    in_thread = is_public and body.get("replace_original") is False
    put(
        post,
        hook.channel,
        said,
        thread_ts=body.get("thread_ts") if in_thread else None,
        ephemeral_to=None if is_public else hook.user,
    )


def _source(post: Post, hook: Hook) -> Message | None:
    """The bot's own message that the hook belongs to; a person's message is never touched."""
    found = hook.source_ts and post.conversations.find(hook.channel, hook.source_ts)
    if not found or found.user != post.app.bot_user_id:
        return None
    return found
