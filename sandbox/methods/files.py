"""files.*: an address to upload to, the bytes, and the file that appears a moment later."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox import payloads
from sandbox.errors import SlackError
from sandbox.methods import access
from sandbox.methods.args import Args
from sandbox.model import Channel, Json, StoredFile
from sandbox.posting import Content, put

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

ALT_LIMIT = 1000
SCAN_SECONDS = 0.05


async def upload_address(workspace: Workspace, args: Args) -> Json:
    """files.getUploadURLExternal."""
    length = args.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments", messages=["[ERROR] length must be above 0"])
    alt_txt = args.text("alt_txt")
    if len(alt_txt) > ALT_LIMIT:
        raise SlackError("alt_txt_too_large")
    stored = StoredFile(
        id=workspace.ids.of("F"),
        name=args.required("filename"),
        length=length,
        ticket=workspace.ids.secret("upload"),
        alt_txt=alt_txt,
    )
    workspace.files[stored.id] = stored
    return {"upload_url": workspace.url(f"/upload/{stored.ticket}"), "file_id": stored.id}


def receive(workspace: Workspace, ticket: str, content: bytes) -> bool:
    """Take the bytes of an upload; False where address or length do not fit."""
    for stored in workspace.files.values():
        if stored.ticket == ticket and stored.content is None and stored.length == len(content):
            stored.content = content
            return True
    return False


async def complete(workspace: Workspace, args: Args) -> Json:
    """files.completeUploadExternal: answers at once, the message follows after a look through."""
    listed = args.nested("files")
    if not isinstance(listed, list) or not listed:
        raise SlackError("invalid_arguments")
    stored = [_uploaded(workspace, entry) for entry in listed]
    channel = None
    if args.text("channel_id"):
        channel = access.joined_channel(workspace, args.text("channel_id"))
    for file, entry in zip(stored, listed, strict=True):
        file.title = str(entry.get("title") or file.name)
    comment, thread_ts = args.text("initial_comment"), args.text("thread_ts") or None
    workspace.chores.soon(_share(workspace, stored, channel, comment, thread_ts))
    return {"files": [payloads.file(file, workspace.file_url(file)) for file in stored]}


def _uploaded(workspace: Workspace, entry: object) -> StoredFile:
    stored = workspace.files.get(str(entry.get("id"))) if isinstance(entry, dict) else None
    if stored is None or stored.content is None:
        raise SlackError("file_not_found")
    return stored


async def _share(
    workspace: Workspace,
    files: list[StoredFile],
    channel: Channel | None,
    comment: str,
    thread_ts: str | None,
) -> None:
    await asyncio.sleep(SCAN_SECONDS)
    for stored in files:
        stored.is_ready = True
    if channel is None:
        return
    posted = put(workspace.post, channel.id, Content(comment, ()), thread_ts=thread_ts)
    shown = tuple(stored.id for stored in files)
    workspace.conversations.post(replace(posted, files=shown))
