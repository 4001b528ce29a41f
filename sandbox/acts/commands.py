"""Slash commands and shortcuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import payloads
from sandbox.acts import rooms
from sandbox.acts.places import InMessage, joined_channel, visible_channel, visible_message
from sandbox.delivery import Kind, Parcel, Reply
from sandbox.errors import Refused, SlackError
from sandbox.model import Channel, Json
from sandbox.outcome import Outcome, code_of
from sandbox.response_urls import Hook, answer
from sandbox.text import with_ids
from sandbox.words import Say

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


INVITE = "/invite"


async def slash(
    workspace: Workspace, user: str, channel_id: str, text: str, thread_ts: str | None
) -> Outcome:
    """Send a typed command to the bot and show what it answers in the body of its 200.

    `/invite @name` is Slack's own.
    """
    channel = joined_channel(workspace, user, channel_id)
    name, rest = [*text.split(maxsplit=1), "", ""][:2]
    if name == INVITE:
        return await rooms.invite(workspace, user, channel_id, _called(workspace, rest))
    command = workspace.manifest.command(name)
    if command is None or workspace.app.is_revoked:
        told = workspace.notify(user, Say.UNKNOWN_COMMAND, what=name)
        return Outcome(ok=False, error="unknown_command", text=told)
    if thread_ts:
        told = workspace.notify(user, Say.NOT_IN_THREADS, what=name)
        return Outcome(ok=False, error="not_in_threads", text=told)
    typed = with_ids(workspace, rest.strip()) if command.should_escape else rest.strip()
    reply = await workspace.deliver(
        Parcel(Kind.COMMAND, _command_payload(workspace, user, channel, name, typed))
    )
    if not reply.ok:
        return failed(workspace, user, name, reply)
    return _show(workspace, user, channel, name, reply)


def _called(workspace: Workspace, name: str) -> str:
    """The id of somebody by their name, with or without its @; "" for nobody."""
    wanted = name.strip().removeprefix("@").casefold()
    return next((p.id for p in workspace.people.values() if p.name.casefold() == wanted), "")


def failed(workspace: Workspace, user: str, what: str, reply: Reply) -> Outcome:
    """The person sees that the app did not acknowledge."""
    code = code_of(reply)
    told = workspace.notify(user, Say(code), what=what)
    return Outcome(ok=False, error=code, text=told)


def misunderstood(workspace: Workspace, user: str, what: str, why: str) -> Outcome:
    """The person sees that the app's acknowledgement made no sense; `why` is for developers."""
    told = workspace.notify(user, Say.BAD_ANSWER, what=what)
    return Outcome(ok=False, error="dispatch_failed", text=told, data={"why": why})


def _show(workspace: Workspace, user: str, channel: Channel, name: str, reply: Reply) -> Outcome:
    if reply.body is None:
        return Outcome()
    body = {"text": reply.body} if isinstance(reply.body, str) else reply.body
    try:
        answer(workspace.post, Hook(user, channel.id, None, workspace.clock.now()), body)
    except SlackError as bad:
        return misunderstood(workspace, user, name, bad.code)
    return Outcome()


def _command_payload(
    workspace: Workspace, user: str, channel: Channel, name: str, typed: str
) -> Json:
    return {
        "token": payloads.VERIFICATION_TOKEN,
        "team_id": workspace.team.id,
        "team_domain": workspace.team.domain,
        "channel_id": channel.id,
        "channel_name": channel.payload_name,
        "user_id": user,
        "user_name": workspace.people[user].name,
        "command": name,
        "text": typed,
        "api_app_id": workspace.app.app_id,
        "is_enterprise_install": "false",
        "response_url": workspace.hook("commands", user=user, channel=channel.id),
        "trigger_id": workspace.triggers.issue(user, channel=channel.id),
    }


async def shortcut(workspace: Workspace, user: str, callback_id: str) -> Outcome:
    """A global shortcut: no channel and no response address."""
    known = workspace.manifest.shortcut(callback_id, "global")
    if known is None or workspace.app.is_revoked:
        raise Refused("unknown_shortcut")
    payload = _shortcut_payload(workspace, user, "shortcut", callback_id)
    reply = await workspace.deliver(Parcel(Kind.INTERACTIVE, payload))
    return Outcome() if reply.ok else failed(workspace, user, known.name, reply)


async def message_shortcut(
    workspace: Workspace, user: str, callback_id: str, channel_id: str, ts: str
) -> Outcome:
    """A message shortcut: the whole message comes along, wherever it stands."""
    known = workspace.manifest.shortcut(callback_id, "message")
    if known is None or workspace.app.is_revoked:
        raise Refused("unknown_shortcut")
    channel = visible_channel(workspace, user, channel_id)
    said = visible_message(workspace, user, InMessage(channel_id, ts))
    payload = _shortcut_payload(workspace, user, "message_action", callback_id, channel_id) | {
        "message_ts": ts,
        "channel": payloads.channel(channel),
        "message": payloads.message(said, workspace.team, files=workspace.file_shapes(said)),
        "response_url": workspace.hook("app", user=user, channel=channel_id, source_ts=ts),
    }
    reply = await workspace.deliver(Parcel(Kind.INTERACTIVE, payload))
    return Outcome() if reply.ok else failed(workspace, user, known.name, reply)


def _shortcut_payload(
    workspace: Workspace, user: str, kind: str, callback_id: str, channel: str | None = None
) -> Json:
    seat = workspace.people[user]
    return payloads.frame(kind, seat, workspace.team, workspace.app) | {
        "callback_id": callback_id,
        "trigger_id": workspace.triggers.issue(user, channel=channel),
        "action_ts": workspace.action_ts(),
    }
