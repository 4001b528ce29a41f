"""views.*: modals opened, stacked and changed, and the Home tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import limits, payloads
from sandbox.blocks import completed_view
from sandbox.errors import SlackError
from sandbox.limits import Surface
from sandbox.methods.args import Args
from sandbox.model import Channel, Json
from sandbox.triggers import Trigger
from sandbox.views import OpenView

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


async def open_view(workspace: Workspace, args: Args) -> Json:
    """views.open: a modal for whoever caused the trigger."""
    body = _body(workspace, args, Surface.MODAL)
    trigger = workspace.triggers.spend(args.required("trigger_id"))
    return _shape(workspace, workspace.views.open(trigger.user, body, _current(workspace, trigger)))


async def push(workspace: Workspace, args: Args) -> Json:
    """views.push: one more modal on top; the trigger must come from inside a modal."""
    body = _body(workspace, args, Surface.MODAL)
    trigger = workspace.triggers.spend(args.required("trigger_id"))
    if trigger.view_id is None:
        raise SlackError("invalid_trigger_id")
    return _shape(workspace, workspace.views.open(trigger.user, body, _current(workspace, trigger)))


async def update(workspace: Workspace, args: Args) -> Json:
    """views.update by `view_id` or `external_id`, guarded by `hash`."""
    body = _body(workspace, args, Surface.MODAL, Surface.HOME)
    view = workspace.views.find(args.text("view_id") or None, args.text("external_id") or None)
    if view.body["type"] != body["type"]:
        raise SlackError("invalid_arguments", messages=["[ERROR] another type of view is open"])
    return _shape(workspace, workspace.views.update(view, body, args.text("hash") or None))


async def publish(workspace: Workspace, args: Args) -> Json:
    """views.publish: a person's Home tab, guarded by `hash`."""
    if not workspace.manifest.home_tab:
        raise SlackError("not_enabled")
    body = _body(workspace, args, Surface.HOME)
    seat = workspace.people.get(args.required("user_id"))
    if seat is None or seat.is_bot or seat.deleted:
        messages = ["[ERROR] no such user [json-pointer:/user_id]"]
        raise SlackError("invalid_arguments", messages=messages)
    return _shape(workspace, workspace.views.publish(seat.id, body, args.text("hash") or None))


def _body(workspace: Workspace, args: Args, *allowed: Surface) -> Json:
    body = args.nested("view")
    newer = workspace.app.refuses_newer_blocks
    found = limits.view_problems(body, allowed=allowed, refuses_newer=newer)
    if found:
        raise SlackError("invalid_arguments", messages=[str(problem) for problem in found])
    return completed_view(body, workspace.ids)


def _current(workspace: Workspace, trigger: Trigger) -> Channel | None:
    """Where the person was when they caused the trigger."""
    return workspace.conversations.get(trigger.channel) if trigger.channel else None


def _shape(workspace: Workspace, view: OpenView) -> Json:
    return {"view": payloads.view(view, workspace.team, workspace.app)}
