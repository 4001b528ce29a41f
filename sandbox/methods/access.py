"""May the bot do this here? The same questions for every method that touches a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import SlackError
from sandbox.model import Channel, Message

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


def require_scope(workspace: Workspace, scope: str) -> None:
    """Raises SlackError missing_scope with `needed` and `provided`."""
    granted = workspace.granted()
    if scope not in granted:
        provided = ",".join(sorted(granted))
        raise SlackError("missing_scope", needed=scope, provided=provided)


def known_channel(workspace: Workspace, channel_id: str) -> Channel:
    """A channel the bot may know of: public ones, and private ones it is in. Raises SlackError."""
    channel = workspace.conversations.get(channel_id)
    if channel is None:
        raise SlackError("channel_not_found")
    if channel.is_private and workspace.app.bot_user_id not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def joined_channel(workspace: Workspace, channel_id: str) -> Channel:
    """A channel in which the bot may speak. Raises SlackError."""
    channel = known_channel(workspace, channel_id)
    if workspace.app.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def target(workspace: Workspace, given: str) -> Channel:
    """The channel to post to; a person's id opens their direct messages. Raises SlackError."""
    seat = workspace.people.get(given)
    if seat is None:
        channel = joined_channel(workspace, given)
        seat = workspace.people[channel.peer] if channel.peer else None
    else:
        channel = workspace.conversations.direct(seat.id, workspace.app.bot_user_id)
    if seat is None:
        return channel
    if seat.is_bot:
        raise SlackError("cannot_dm_bot")
    if seat.deleted:
        raise SlackError("user_disabled")
    if not workspace.manifest.messages_tab:
        raise SlackError("messages_tab_disabled")
    return channel


def own_message(workspace: Workspace, channel: Channel, ts: str, refusal: str) -> Message:
    """The bot's own lasting message. Raises SlackError message_not_found or `refusal`."""
    said = workspace.conversations.find(channel.id, ts)
    if said is None or said.ephemeral_to is not None:
        raise SlackError("message_not_found")
    if said.user != workspace.app.bot_user_id:
        raise SlackError(refusal)
    return said
