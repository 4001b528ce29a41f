"""Buttons, selects and inputs: what happens when a person uses one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox import inputs, limits, payloads
from sandbox.acts.choices import require_visible
from sandbox.acts.commands import failed, misunderstood
from sandbox.acts.places import (
    InView,
    Where,
    own_view,
    trigger_in,
    visible_channel,
    visible_message,
)
from sandbox.delivery import Kind, Parcel, Reply
from sandbox.errors import Refused
from sandbox.model import Json, Message
from sandbox.outcome import Outcome
from sandbox.views import OpenView, Place

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Press:
    """Which element was used and how. Without `block_id` the first one with that action id."""

    block_id: str | None
    action_id: str
    value: Json
    confirmed: bool = False


async def act(workspace: Workspace, user: str, where: Where, press: Press) -> Outcome:
    """Use an element and send `block_actions`, unless it first asks for a confirmation."""
    surface = _surface(workspace, user, where)
    block, element = _element(surface, press)
    if "confirm" in element and not press.confirmed:
        raise Refused("confirm_required", confirm=element["confirm"])
    chosen = _choose(workspace, user, surface, (block, element), press.value)
    return await _dispatch(workspace, user, surface, (block, element), chosen)


async def fill(
    workspace: Workspace, user: str, view_id: str, place: Place, value: Json, *, enter: bool
) -> Outcome:
    """Type or choose in a view; the bot hears of it only where the block dispatches actions."""
    view = own_view(workspace, user, view_id)
    block, element = inputs.find(view.blocks, *place)
    chosen = _choose(workspace, user, view, (block, element), value)
    if block["type"] == "input" and not _dispatches(block, element, enter=enter):
        return Outcome()
    return await _dispatch(workspace, user, view, (block, element), chosen)


async def suggest(workspace: Workspace, user: str, where: Where, press: Press) -> Outcome:
    """Ask the bot for the options of a typeahead select."""
    surface = _surface(workspace, user, where)
    block, element = _element(surface, press)
    if element["type"] not in inputs.EXTERNAL_TYPES:
        raise Refused("element_not_found")
    typed = str(press.value.get("value") or "")
    if len(typed) < element.get("min_query_length", 3):
        return Outcome(data={"options": []})
    payload = _origin(workspace, user, "block_suggestion", surface) | {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": typed,
    }
    reply = await workspace.deliver(Parcel(Kind.INTERACTIVE, payload))
    if not reply.ok:
        return failed(workspace, user, _label(block, element), reply)
    place = (block["block_id"], element["action_id"])
    return _offer(workspace, user, surface, place, reply)


def _offer(
    workspace: Workspace, user: str, surface: Message | OpenView, place: Place, reply: Reply
) -> Outcome:
    body = reply.body if isinstance(reply.body, dict) else {}
    found = limits.option_problems(body)
    if found:
        return misunderstood(workspace, user, place[1], str(found[0]))
    if isinstance(surface, OpenView):
        surface.suggested[place] = inputs.options(body)
    return Outcome(data=body)


def _surface(workspace: Workspace, user: str, where: Where) -> Message | OpenView:
    if isinstance(where, InView):
        return own_view(workspace, user, where.view_id)
    return visible_message(workspace, user, where)


def _element(surface: Message | OpenView, press: Press) -> tuple[Json, Json]:
    if press.block_id is not None:
        return inputs.find(surface.blocks, press.block_id, press.action_id)
    for block, element in inputs.placed(surface.blocks):
        if element.get("action_id") == press.action_id:
            return block, element
    raise Refused("element_not_found")


def _choose(
    workspace: Workspace,
    user: str,
    surface: Message | OpenView,
    spot: tuple[Json, Json],
    value: Json,
) -> Json | None:
    """Remember what was chosen; a button has nothing to choose, an overflow menu forgets it."""
    block, element = spot
    place = (block["block_id"], element["action_id"])
    if element["type"] == "overflow":
        return inputs.chosen({**element, "type": "static_select"}, value, []) | {"type": "overflow"}
    if not inputs.is_stateful(element):
        return None
    suggested = surface.suggested.get(place, []) if isinstance(surface, OpenView) else []
    chosen = inputs.chosen(element, value, suggested)
    require_visible(workspace, user, element, chosen)
    if isinstance(surface, OpenView):
        workspace.views.touch(surface, place, chosen)
    else:
        workspace.message_state.setdefault((user, surface.channel, surface.ts), {})[place] = chosen
    return chosen


def _dispatches(block: Json, element: Json, *, enter: bool) -> bool:
    """Selects tell at once; text waits for Enter, unless each character was asked for."""
    if not block.get("dispatch_action"):
        return False
    if element["type"] not in inputs.TEXT_TYPES:
        return True
    config = element.get("dispatch_action_config", {})
    told_on = config.get("trigger_actions_on", ["on_enter_pressed"])
    return "on_character_entered" in told_on or (enter and "on_enter_pressed" in told_on)


async def _dispatch(
    workspace: Workspace,
    user: str,
    surface: Message | OpenView,
    spot: tuple[Json, Json],
    chosen: Json | None,
) -> Outcome:
    block, element = spot
    payload = _origin(workspace, user, "block_actions", surface)
    payload["actions"] = [payloads.action(block, element, chosen, workspace.action_ts())]
    reply = await workspace.deliver(Parcel(Kind.INTERACTIVE, payload))
    return Outcome() if reply.ok else failed(workspace, user, _label(block, element), reply)


def _origin(workspace: Workspace, user: str, kind: str, surface: Message | OpenView) -> Json:
    """The payload up to what was used: person, place, and, for a message, where to answer."""
    seat = workspace.people[user]
    frame = payloads.frame(kind, seat, workspace.team, workspace.app)
    if isinstance(surface, OpenView):
        trigger = trigger_in(workspace, surface)
        frame |= {
            "container": {"type": "view", "view_id": surface.id},
            "view": payloads.view(surface, workspace.team, workspace.app),
        }
    else:
        trigger = workspace.triggers.issue(user, channel=surface.channel)
        frame |= _message_origin(workspace, user, surface)
    return frame | ({} if kind == "block_suggestion" else {"trigger_id": trigger})


def _message_origin(workspace: Workspace, user: str, said: Message) -> Json:
    container: Json = {
        "type": "message",
        "message_ts": said.ts,
        "channel_id": said.channel,
        "is_ephemeral": said.ephemeral_to is not None,
    }
    if said.thread_ts:
        container["thread_ts"] = said.thread_ts
    origin: Json = {
        "container": container,
        "channel": payloads.channel(visible_channel(workspace, user, said.channel)),
        "state": {"values": _state(workspace, user, said)},
        "response_url": workspace.hook(
            "actions", user=user, channel=said.channel, source_ts=said.ts
        ),
    }
    if said.ephemeral_to is None:
        files = workspace.file_shapes(said)
        origin["message"] = payloads.message(said, workspace.team, files=files)
    return origin


def _state(workspace: Workspace, user: str, said: Message) -> Json:
    values = payloads.initial_values(said.blocks)
    touched = workspace.message_state.get((user, said.channel, said.ts), {})
    for (block_id, action_id), value in touched.items():
        if action_id in values.get(block_id, {}):
            values[block_id][action_id] = value
    return values


def _label(block: Json, element: Json) -> str:
    """What the person would call the element: its text, its input's label, else its id."""
    text = element.get("text") or block.get("label") or {}
    return str(text.get("text") or element["action_id"])
