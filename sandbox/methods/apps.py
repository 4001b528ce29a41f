"""apps.connections.open and blocks.validate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import limits
from sandbox.errors import SlackError
from sandbox.limits import Surface
from sandbox.methods.args import Args
from sandbox.model import Json
from sandbox.socket_mode import SocketCourier

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


async def open_connection(workspace: Workspace, _args: Args) -> Json:
    """apps.connections.open: a WebSocket address for one connection."""
    if not isinstance(workspace.courier, SocketCourier):
        raise SlackError("not_enabled")
    return {"url": workspace.courier.address(workspace.url(""))}


async def validate(_workspace: Workspace, args: Args) -> Json:
    """blocks.validate: exactly one of `blocks`, `view`, `message`; the rules are ours."""
    given = {key: args.nested(key) for key in ("blocks", "view", "message") if key in args.values}
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    found = _problems(**given)
    if not found:
        return {}
    errors = [
        {
            "code": problem.code,
            "message": problem.why,
            "pointer": problem.pointer,
            "constraint": problem.constraint,
        }
        for problem in found
    ]
    raise SlackError("invalid_blocks", errors=errors)


def _problems(
    blocks: object = None, view: object = None, message: object = None
) -> list[limits.Problem]:
    if view is not None:
        return limits.view_problems(view, allowed=(Surface.MODAL, Surface.HOME))
    if isinstance(message, dict):
        return limits.message_problems(message.get("blocks", []))
    return limits.message_problems(blocks)
