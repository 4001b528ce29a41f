"""People and conversations that a person can choose: those that they see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import inputs
from sandbox.errors import Refused
from sandbox.model import Json

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


def require_visible(workspace: Workspace, user: str, element: Json, chosen: Json) -> None:
    """Raises Refused for people who left, and for channels unseen or filtered out."""
    field = inputs.VALUE_FIELD[element["type"]]
    held = chosen[field]
    ids = held if isinstance(held, list) else [held] if held else []
    if field in ("selected_user", "selected_users"):
        known = {seat.id for seat in workspace.people.values() if not seat.deleted}
    elif field.startswith(("selected_conversation", "selected_channel")):
        known = {
            channel.id
            for channel in workspace.conversations
            if workspace.sees(user, channel) and inputs.offers_conversation(element, channel)
        }
    else:
        return
    if not known.issuperset(ids):
        raise Refused("invalid_option")
