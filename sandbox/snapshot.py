"""The workspace as one person sees it, for the page: `GET /_sandbox/state`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from sandbox import payloads
from sandbox.model import Channel, Json, Message
from sandbox.panel import Panel
from sandbox.views import OpenView

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


def snapshot(workspace: Workspace, panel: Panel, user: str) -> Json:
    """Everything the page shows to `user`. Raises KeyError for nobody."""
    me = workspace.people[user]
    channels = [channel for channel in workspace.conversations if workspace.sees(user, channel)]
    home = workspace.views.home(user)
    return {
        "version": workspace.changes.version,
        "clock": {
            "now": workspace.clock.now().isoformat(),
            "offset_seconds": workspace.clock.offset.total_seconds(),
        },
        "me": asdict(me),
        "team": asdict(workspace.team),
        "app": _app(workspace),
        "people": [asdict(seat) for seat in workspace.people.values()],
        "channels": [_channel(workspace, channel, user) for channel in channels],
        "messages": {channel.id: _messages(workspace, channel.id, user) for channel in channels},
        "views": [_view(workspace, view) for view in workspace.views.stack(user)],
        "home": _view(workspace, home) if home else None,
        "notices": [
            {"id": notice.id, "text": notice.text, "at": notice.at}
            for notice in workspace.notices
            if notice.user == user
        ],
        "controls": panel.controls(),
        "checklist": panel.checklist(),
        "faults": workspace.faults.snapshot(),
    }


def _app(workspace: Workspace) -> Json:
    manifest = workspace.manifest
    return {
        "name": manifest.name,
        "bot_user_id": workspace.app.bot_user_id,
        "is_installed": not workspace.app.is_revoked,
        "home_tab": manifest.home_tab,
        "messages_tab": manifest.messages_tab,
        "commands": [asdict(command) for command in manifest.commands],
        "shortcuts": [asdict(shortcut) for shortcut in manifest.shortcuts],
        "optional_scopes": sorted(manifest.optional_scopes),
        "granted_optional": sorted(workspace.app.granted_optional),
    }


def _channel(workspace: Workspace, channel: Channel, user: str) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_im": channel.is_im,
        "is_member": user in channel.members,
        "bot_is_member": workspace.app.bot_user_id in channel.members,
        "is_archived": channel.is_archived,
        "topic": channel.topic,
        "peer": workspace.app.bot_user_id if channel.is_im else None,
        "members": sorted(channel.members),
        "unread": workspace.conversations.unread(channel.id, user),
    }


def _messages(workspace: Workspace, channel: str, user: str) -> list[Json]:
    said = workspace.conversations.visible(channel, user)
    replies = Counter(m.thread_ts for m in said if m.is_reply and not m.ephemeral_to)
    return [_message(workspace, m, replies[m.ts]) for m in said]


def _message(workspace: Workspace, said: Message, replies: int) -> Json:
    author = workspace.people.get(said.user)
    return {
        "ts": said.ts,
        "user": said.user,
        "username": author.name if author else said.user,
        "is_bot": said.bot_id is not None,
        "text": said.text,
        "blocks": list(said.blocks),
        "thread_ts": said.thread_ts,
        "reply_count": replies,
        "edited": said.edited,
        "ephemeral": said.ephemeral_to is not None,
        "metadata": said.metadata,
        "files": [_file(shape) for shape in workspace.file_shapes(said)],
        "permalink": workspace.permalink(said),
    }


def _file(shape: Json) -> Json:
    kept = ("id", "name", "title", "alt_txt", "mimetype")
    return {**{key: shape[key] for key in kept}, "url": shape["url_private"]}


def _view(workspace: Workspace, view: OpenView) -> Json:
    shape = payloads.view(view, workspace.team, workspace.app)
    return {
        **shape,
        "state": view.values(),
        "errors": view.errors,
        "busy": view.busy,
    }
