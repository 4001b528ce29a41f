"""chat.*: the bot speaks, corrects itself and takes words back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox import payloads
from sandbox.errors import SlackError
from sandbox.methods import access
from sandbox.methods.args import Args
from sandbox.model import Channel, Json
from sandbox.posting import UPDATE_TEXT_LIMIT, content, put

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

METADATA_LIMIT = 16_000


async def post_message(workspace: Workspace, args: Args) -> Json:
    """chat.postMessage; the answer names the channel in which the message stands."""
    channel = access.target(workspace, args.required("channel", "channel_not_found"))
    said = content(
        workspace.post, args.text("text"), args.nested("blocks", "invalid_blocks_format")
    )
    metadata = _metadata(args)
    thread_ts = _parent(workspace, channel, args)
    workspace.rate.take_message(channel.id)
    posted = put(workspace.post, channel.id, said, thread_ts=thread_ts, metadata=metadata)
    shape = payloads.message(posted, workspace.team, with_metadata=True)
    return {"channel": channel.id, "ts": posted.ts, "message": shape}


async def post_ephemeral(workspace: Workspace, args: Args) -> Json:
    """chat.postEphemeral: one member sees it until their client is loaded anew."""
    channel = access.target(workspace, args.required("channel", "channel_not_found"))
    user = args.required("user", "user_not_found")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    said = content(
        workspace.post, args.text("text"), args.nested("blocks", "invalid_blocks_format")
    )
    thread_ts = _parent(workspace, channel, args)
    posted = put(workspace.post, channel.id, said, thread_ts=thread_ts, ephemeral_to=user)
    return {"message_ts": posted.ts}


async def update(workspace: Workspace, args: Args) -> Json:
    """chat.update: own lasting messages only; blocks and metadata left out stay as they are."""
    given = args.required("channel", "channel_not_found")
    channel = access.known_channel(workspace, given)
    if channel.is_archived:
        raise SlackError("is_inactive")
    before = access.own_message(workspace, channel, args.text("ts"), "cant_update_message")
    text = args.text("text")
    if len(text) > UPDATE_TEXT_LIMIT:
        raise SlackError("msg_too_long")
    blocks = args.nested("blocks", "invalid_blocks_format")
    said = content(workspace.post, text, list(before.blocks) if blocks is None else blocks)
    after = workspace.conversations.edit(
        before,
        by=workspace.app.bot_user_id,
        text=said.text,
        blocks=said.blocks,
        metadata=_metadata(args) or before.metadata,
    )
    shape = payloads.message(after, workspace.team, with_metadata=True)
    return {"channel": channel.id, "ts": after.ts, "text": after.text, "message": shape}


async def delete(workspace: Workspace, args: Args) -> Json:
    """chat.delete: own lasting messages only."""
    channel = access.known_channel(workspace, args.required("channel", "channel_not_found"))
    said = access.own_message(workspace, channel, args.text("ts"), "cant_delete_message")
    workspace.conversations.remove(channel.id, said.ts)
    return {"channel": channel.id, "ts": said.ts}


async def permalink(workspace: Workspace, args: Args) -> Json:
    """chat.getPermalink."""
    channel = access.known_channel(workspace, args.required("channel", "channel_not_found"))
    said = workspace.conversations.find(channel.id, args.text("message_ts"))
    if said is None or said.ephemeral_to is not None:
        raise SlackError("message_not_found")
    return {"channel": channel.id, "permalink": workspace.permalink(said)}


def _parent(workspace: Workspace, channel: Channel, args: Args) -> str | None:
    """The message to reply to, which must not be a reply itself. Raises SlackError."""
    thread_ts = args.text("thread_ts") or None
    if thread_ts is None:
        return None
    parent = workspace.conversations.find(channel.id, thread_ts)
    if parent is None or parent.is_reply or parent.ephemeral_to is not None:
        raise SlackError("thread_not_found")
    return thread_ts


def _metadata(args: Args) -> Json | None:
    held = args.nested("metadata", "invalid_metadata_format")
    if held is None:
        return None
    if not isinstance(held, dict) or not isinstance(held.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(held.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(held)) > METADATA_LIMIT:
        raise SlackError("metadata_too_large")
    return held
