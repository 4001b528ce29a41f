"""Where a person acts: in a message or in a view, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.errors import Refused, SlackError
from sandbox.model import Channel, Message
from sandbox.views import OpenView

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


@dataclass(frozen=True, slots=True)
class InMessage:
    """A message, by channel and time stamp."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class InView:
    """A modal or Home tab."""

    view_id: str


Where = InMessage | InView


def visible_channel(workspace: Workspace, user: str, channel_id: str) -> Channel:
    """The channel, if the person sees it. Raises Refused."""
    channel = workspace.conversations.get(channel_id)
    if channel is None or not workspace.sees(user, channel):
        raise Refused("channel_not_found")
    return channel


def joined_channel(workspace: Workspace, user: str, channel_id: str) -> Channel:
    """The channel, if the person can speak in it. Raises Refused."""
    channel = visible_channel(workspace, user, channel_id)
    if user not in channel.members:
        raise Refused("not_in_channel")
    if channel.is_archived:
        raise Refused("is_archived")
    if channel.is_im and not workspace.manifest.messages_tab:
        raise Refused("messages_tab_disabled")
    return channel


def visible_message(workspace: Workspace, user: str, place: InMessage) -> Message:
    """The message, if the person sees it. Raises Refused."""
    visible_channel(workspace, user, place.channel)
    said = workspace.conversations.find(place.channel, place.ts)
    if said is None or said.ephemeral_to not in (None, user):
        raise Refused("message_not_found")
    return said


def trigger_in(workspace: Workspace, view: OpenView) -> str:
    """A trigger id for something done in a view."""
    channel = view.conversation.id if view.conversation else None
    return workspace.triggers.issue(view.user, channel=channel, view_id=view.id)


def own_view(workspace: Workspace, user: str, view_id: str) -> OpenView:
    """The person's own open view. Raises Refused for one that is closed or somebody else's."""
    try:
        view = workspace.views.find(view_id)
    except SlackError as gone:
        raise Refused("view_not_found") from gone
    if view.user != user:
        raise Refused("view_not_found")
    return view
