"""The workspace as an ASGI application: Web API, hooks, control, hub; page and GPUs if given."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from sandbox.control import ControlApi
from sandbox.delivery import Courier, HttpCourier, HttpTransport
from sandbox.fleet.fleet import Fleet
from sandbox.fleet.switches import fleet_switches
from sandbox.hooks import Hooks
from sandbox.hub import hub
from sandbox.oauth import OAuth
from sandbox.panel import Control, Panel, Step
from sandbox.slack_api import SlackApi
from sandbox.socket_mode import SocketCourier, SocketTransport
from sandbox.workspace import Workspace

__all__ = ["Control", "HttpTransport", "SocketTransport", "Step", "create_app"]


def create_app(
    workspace: Workspace,
    *,
    transport: HttpTransport | SocketTransport,
    controls: Sequence[Control] = (),
    checklist: Sequence[Step] = (),
    page: Sequence[BaseRoute] = (),
    fleet: Fleet | None = None,
) -> Starlette:
    """Serve a workspace and give it its way to the bot.

    Set `workspace.base_url` to the address on which this is served before anybody acts. While the
    application runs it also watches the clock, which another process may move.
    """
    workspace.courier = courier(workspace, transport)
    more = fleet_switches(fleet) if fleet else []
    panel = Panel(workspace, [*controls, *more], checklist)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(workspace.chores.watch())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await workspace.close()

    authorize = Route("/oauth/v2/authorize", OAuth(workspace).authorize)
    api = Route("/api/{method}", SlackApi(workspace).serve, methods=["GET", "POST"])
    return Starlette(
        routes=[
            api,
            authorize,
            *Hooks(workspace).routes(),
            hub(),
            *(fleet.routes() if fleet else ()),
            *ControlApi(workspace, panel, fleet).routes(),
            *page,
        ],
        lifespan=lifespan,
    )


def courier(workspace: Workspace, transport: HttpTransport | SocketTransport) -> Courier:
    """The running form of a transport."""
    if isinstance(transport, HttpTransport):
        return HttpCourier(transport, workspace.clock)
    workspace.app.app_token = transport.app_token
    return SocketCourier(workspace.ids, workspace.app.app_id, transport.patience)
