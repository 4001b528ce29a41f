"""A view as Slack gives it back: with what it was drawn with, save for what somebody changed."""

from collections.abc import Mapping
from typing import Any

from bot.domain.delivery import Block

EMPTY: Mapping[str, Any] = {}


def submitted(view: Block, changed: Mapping[str, str] = EMPTY) -> dict[str, Any]:
    """The payload of a submission; `changed` are fields by block id, "" emptied."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            values[block["block_id"]] = {"v": _state(block["element"], changed, block["block_id"])}
    assert changed.keys() <= values.keys(), changed.keys() - values.keys()
    return {**view, "id": "V1", "state": {"values": values}}


def _state(element: Mapping[str, Any], changed: Mapping[str, str], name: str) -> dict[str, Any]:
    kind = element["type"]
    new = changed.get(name)
    match kind:
        case "static_select":
            old = element.get("initial_option")
            option = next((o for o in element["options"] if o["value"] == new), None)
            assert new is None or option is not None, (name, new)
            return {"type": kind, "selected_option": option or old}
        case "users_select":
            return {"type": kind, "selected_user": new or element.get("initial_user")}
        case "multi_users_select":
            users = element.get("initial_users", []) if new is None else new.split()
            return {"type": kind, "selected_users": users}
        case "conversations_select":
            here = element.get("initial_conversation")
            return {"type": kind, "selected_conversation": here if new is None else new or None}
        case _:
            return {"type": kind, "value": element.get("initial_value") if new is None else new}
