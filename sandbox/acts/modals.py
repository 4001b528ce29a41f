"""Submitting and closing modals, and what the bot may answer to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import checks, limits, payloads
from sandbox.acts.commands import failed, misunderstood
from sandbox.acts.places import own_view, trigger_in
from sandbox.blocks import completed_view
from sandbox.delivery import Kind, Parcel
from sandbox.errors import Refused, SlackError
from sandbox.model import Json
from sandbox.outcome import Outcome
from sandbox.views import OpenView
from sandbox.words import Say, say

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

CONVERSATION_FIELDS = {
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
}


async def submit(workspace: Workspace, user: str, view_id: str) -> Outcome:
    """Send `view_submission`, unless the client itself finds fault with the inputs."""
    view = own_view(workspace, user, view_id)
    if view.is_home or view.busy or workspace.views.stack(user)[-1] is not view:
        raise Refused("not_submittable")
    locale = workspace.people[user].locale
    found = checks.problems(view, locale)
    if found:
        workspace.views.reject(view, found)
        told = say(Say.FIX_FIELDS, locale)
        return Outcome(ok=False, error="invalid_fields", text=told, errors=found)
    workspace.views.set_busy(view, busy=True)
    try:
        reply = await workspace.deliver(
            Parcel(Kind.INTERACTIVE, _submission(workspace, user, view))
        )
    finally:
        workspace.views.set_busy(view, busy=False)
    if not reply.ok:
        return failed(workspace, user, _title(view), reply)
    try:
        return _answered(workspace, view, reply.body)
    except SlackError as bad:
        why = "; ".join([bad.code, *bad.body.get("response_metadata", {}).get("messages", [])])
        return misunderstood(workspace, user, _title(view), why)


def _title(view: OpenView) -> str:
    return str(view.body["title"]["text"])


def _submission(workspace: Workspace, user: str, view: OpenView) -> Json:
    seat = workspace.people[user]
    return payloads.frame("view_submission", seat, workspace.team, workspace.app) | {
        "trigger_id": trigger_in(workspace, view),
        "view": payloads.view(view, workspace.team, workspace.app),
        "response_urls": _response_urls(workspace, view),
    }


def _response_urls(workspace: Workspace, view: OpenView) -> list[Json]:
    found = []
    for block in view.blocks:
        element = block.get("element", {})
        if not element.get("response_url_enabled"):
            continue
        value = view.typed[block["block_id"], element["action_id"]]
        channel = value[CONVERSATION_FIELDS[element["type"]]]
        if channel:
            found.append(
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel,
                    "response_url": workspace.hook("app", user=view.user, channel=channel),
                }
            )
    return found


def _answered(workspace: Workspace, view: OpenView, body: Any) -> Outcome:
    """Do what the answer says. Raises SlackError for an answer that Slack would not take."""
    answer = body or {}
    if not isinstance(answer, dict):
        raise SlackError("invalid_response")
    match answer.get("response_action"):
        case None if not answer:
            workspace.views.pop(view)
        case "clear":
            workspace.views.clear(view.user)
        case "update":
            workspace.views.update(view, _checked(workspace, answer.get("view")))
        case "push":
            body = _checked(workspace, answer.get("view"))
            workspace.views.open(view.user, body, view.conversation)
        case "errors":
            return _rejected(workspace, view, answer.get("errors"))
        case _:
            raise SlackError("invalid_response")
    return Outcome()


def _checked(workspace: Workspace, body: Any) -> Json:
    found = limits.view_problems(body, refuses_newer=workspace.app.refuses_newer_blocks)
    if found:
        raise SlackError("invalid_arguments", messages=[str(problem) for problem in found])
    return completed_view(body, workspace.ids)


def _rejected(workspace: Workspace, view: OpenView, errors: Any) -> Outcome:
    """Errors belong to input blocks, by block id; anything else Slack refuses."""
    known = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or set(errors) - known:
        raise SlackError("invalid_response")
    shown = {str(block_id): str(text) for block_id, text in errors.items()}
    workspace.views.reject(view, shown)
    locale = workspace.people[view.user].locale
    told = say(Say.FIX_FIELDS, locale)
    return Outcome(ok=False, error="rejected", text=told, errors=shown)


async def close(workspace: Workspace, user: str, view_id: str, *, whole: bool) -> Outcome:
    """Close one modal or the whole stack; `view_closed` goes to those that asked for it."""
    view = own_view(workspace, user, view_id)
    if view.is_home:
        raise Refused("not_closable")
    whole = whole or bool(view.body["clear_on_close"])
    closing = list(reversed(workspace.views.stack(user))) if whole else [view]
    for closed in closing:
        workspace.views.pop(closed)
    for closed in closing:
        if closed.body["notify_on_close"]:
            await workspace.deliver(Parcel(Kind.INTERACTIVE, _closed(workspace, closed, whole)))
    return Outcome()


def _closed(workspace: Workspace, view: OpenView, whole: bool) -> Json:
    seat = workspace.people[view.user]
    return payloads.frame("view_closed", seat, workspace.team, workspace.app) | {
        "view": payloads.view(view, workspace.team, workspace.app),
        "is_cleared": whole,
    }
