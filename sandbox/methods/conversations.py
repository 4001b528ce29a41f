"""conversations.*: what the bot may learn about channels and read in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import payloads
from sandbox.errors import SlackError
from sandbox.methods import access
from sandbox.methods.args import Args
from sandbox.methods.paging import page
from sandbox.model import Channel, Json, Message

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


async def info(workspace: Workspace, args: Args) -> Json:
    """conversations.info, under channels:read, groups:read or im:read."""
    channel = access.known_channel(workspace, args.required("channel", "channel_not_found"))
    access.require_scope(workspace, f"{channel.scope_family}:read")
    shape = _shape(workspace, channel)
    if args.flag("include_num_members"):
        shape["num_members"] = len(channel.members)
    return {"channel": shape}


async def open_direct(workspace: Workspace, args: Args) -> Json:
    """conversations.open for one person."""
    users = [name for name in args.text("users").split(",") if name]
    if len(users) != 1 or users[0] not in workspace.people:
        raise SlackError("user_not_found")
    if workspace.people[users[0]].deleted:
        raise SlackError("user_disabled")
    channel = workspace.conversations.direct(users[0], workspace.app.bot_user_id)
    return {"channel": {"id": channel.id}}


async def history(workspace: Workspace, args: Args) -> Json:
    """conversations.history: what stands in the channel itself, newest first."""
    channel = _readable(workspace, args)
    said = workspace.conversations.messages(channel.id)
    lasting = [m for m in said if m.ephemeral_to is None and not m.is_reply]
    return _answer(workspace, args, list(reversed(_between(lasting, args))))


async def replies(workspace: Workspace, args: Args) -> Json:
    """conversations.replies: a thread with its parent, oldest first."""
    channel = _readable(workspace, args)
    ts = args.required("ts", "thread_not_found")
    parent = workspace.conversations.find(channel.id, ts)
    if parent is None or parent.ephemeral_to is not None:
        raise SlackError("thread_not_found")
    below = _between(workspace.conversations.replies(channel.id, ts), args)
    return _answer(workspace, args, [parent, *below])


def _readable(workspace: Workspace, args: Args) -> Channel:
    channel = access.known_channel(workspace, args.required("channel", "channel_not_found"))
    access.require_scope(workspace, f"{channel.scope_family}:history")
    if workspace.app.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _between(said: list[Message], args: Args) -> list[Message]:
    """Messages after `oldest` and before `latest`, or at them with `inclusive`."""
    oldest, latest = args.text("oldest") or "0", args.text("latest") or "9" * 12
    low, high = _micros(oldest), _micros(latest)
    if args.flag("inclusive"):
        return [m for m in said if low <= _micros(m.ts) <= high]
    return [m for m in said if low < _micros(m.ts) < high]


def _micros(ts: str) -> int:
    seconds, _, fraction = ts.partition(".")
    try:
        return int(seconds) * 1_000_000 + int(fraction[:6].ljust(6, "0"))
    except ValueError as bad:
        raise SlackError("invalid_ts_latest") from bad


def _answer(workspace: Workspace, args: Args, said: list[Message]) -> Json:
    found, metadata = page(said, args, default=100)
    with_metadata = args.flag("include_all_metadata")
    shapes = []
    for message in found:
        files = workspace.file_shapes(message)
        shape = payloads.message(message, workspace.team, files=files, with_metadata=with_metadata)
        count = len(workspace.conversations.replies(message.channel, message.ts))
        shapes.append(shape | ({"reply_count": count} if count else {}))
    more = bool(metadata["next_cursor"])
    return {"messages": shapes, "has_more": more, "response_metadata": metadata}


def _shape(workspace: Workspace, channel: Channel) -> Json:
    if channel.is_im:
        return {"id": channel.id, "is_im": True, "user": channel.peer, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_member": workspace.app.bot_user_id in channel.members,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "context_team_id": workspace.team.id,
    }
