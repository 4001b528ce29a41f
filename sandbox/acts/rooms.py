"""Talking, looking around, inviting and removing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import payloads
from sandbox.acts.places import joined_channel, visible_channel
from sandbox.errors import Refused
from sandbox.model import Channel, Json, Message
from sandbox.outcome import Outcome
from sandbox.text import as_message

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


async def say(
    workspace: Workspace, user: str, channel_id: str, text: str, thread_ts: str | None
) -> Outcome:
    """Post as a person; the bot hears of it only if it reads messages."""
    channel = joined_channel(workspace, user, channel_id)
    if not text.strip():
        raise Refused("no_text")
    if thread_ts and workspace.conversations.find(channel_id, thread_ts) is None:
        raise Refused("message_not_found")
    said = workspace.conversations.post(
        Message(
            ts=workspace.conversations.next_ts(channel_id),
            channel=channel_id,
            user=user,
            text=as_message(workspace, text.strip()),
            thread_ts=thread_ts,
        )
    )
    workspace.conversations.mark_read(channel_id, user)
    if workspace.app.bot_user_id in channel.members:
        await workspace.events.publish(_message_event(workspace, channel, said))
    return Outcome(data={"ts": said.ts})


def _message_event(workspace: Workspace, channel: Channel, said: Message) -> Json:
    return payloads.message(said, workspace.team) | {
        "channel": channel.id,
        "channel_type": channel_type(channel),
        "event_ts": said.ts,
    }


def channel_type(channel: Channel) -> str:
    """The letter that tells public channels (C), private ones (G) and direct messages (D) apart."""
    if channel.is_im:
        return "D"
    return "G" if channel.is_private else "C"


async def open_home(workspace: Workspace, user: str) -> Outcome:
    """`app_home_opened` for the Home tab, with the view's hash once one was published."""
    if not workspace.manifest.home_tab:
        raise Refused("not_enabled")
    await workspace.events.publish(_home_event(workspace, user, "home"))
    return Outcome()


async def open_channel(workspace: Workspace, user: str, channel_id: str) -> Outcome:
    """Mark a channel read; for the app's direct messages `app_home_opened` is sent too."""
    channel = visible_channel(workspace, user, channel_id)
    workspace.conversations.mark_read(channel_id, user)
    if channel.is_im:
        await workspace.events.publish(_home_event(workspace, user, "messages"))
    return Outcome()


def _home_event(workspace: Workspace, user: str, tab: str) -> Json:
    direct = workspace.conversations.direct(user, workspace.app.bot_user_id)
    event: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": direct.id,
        "tab": tab,
        "event_ts": workspace.action_ts(),
    }
    home = workspace.views.home(user)
    if home is not None and tab == "home":
        event["view"] = payloads.view(home, workspace.team, workspace.app)
    return event


async def invite(workspace: Workspace, user: str, channel_id: str, guest: str) -> Outcome:
    """Make somebody a member; `member_joined_channel` tells the bot, if it may know."""
    channel = joined_channel(workspace, user, channel_id)
    if guest not in workspace.people or channel.is_im:
        raise Refused("user_not_found")
    if not workspace.conversations.join(channel_id, guest):
        raise Refused("already_in_channel")
    if workspace.app.bot_user_id in channel.members | {guest}:
        await workspace.events.publish(
            {
                "type": "member_joined_channel",
                "user": guest,
                "channel": channel_id,
                "channel_type": channel_type(channel),
                "team": workspace.team.id,
                "inviter": user,
                "event_ts": workspace.action_ts(),
            }
        )
    return Outcome()


async def kick(workspace: Workspace, user: str, channel_id: str, guest: str) -> Outcome:
    """End somebody's membership; the bot is told of its own, if it may know."""
    channel = joined_channel(workspace, user, channel_id)
    if channel.is_im or not workspace.conversations.leave(channel_id, guest):
        raise Refused("user_not_in_channel")
    if guest == workspace.app.bot_user_id:
        await _tell(workspace, channel, "left", actor_id=user)
    return Outcome()


async def archive(
    workspace: Workspace, user: str, channel_id: str, *, is_archived: bool
) -> Outcome:
    """Close a channel for new messages, or open it again; a bot in it is told, if it may know."""
    channel = joined_channel(workspace, user, channel_id)
    workspace.conversations.archive(channel_id, is_archived=is_archived)
    if workspace.app.bot_user_id in channel.members:
        await _tell(workspace, channel, "archive" if is_archived else "unarchive", user=user)
    return Outcome()


async def _tell(workspace: Workspace, channel: Channel, what: str, **about: str) -> None:
    kind = "group" if channel.is_private else "channel"
    event: Json = {
        "type": f"{kind}_{what}",
        "channel": channel.id,
        **about,
        "event_ts": workspace.action_ts(),
    }
    await workspace.events.publish(event)


async def reload(workspace: Workspace, user: str) -> Outcome:
    """Ephemeral messages do not outlive the client, nor do open modals."""
    workspace.conversations.forget_ephemerals(user)
    workspace.views.clear(user)
    return Outcome()
