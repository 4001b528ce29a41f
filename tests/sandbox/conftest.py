"""A small workspace, a tiny Bolt app in it, and real sockets between the two."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.actor import Actor
from sandbox.app import HttpTransport, create_app
from sandbox.clock import SharedClock
from sandbox.delivery import ACK_SECONDS
from sandbox.manifest import Manifest
from sandbox.model import Channel, Seat
from sandbox.workspace import Workspace

MANIFEST = """
display_information: {name: Lamp}
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: true}
  bot_user: {display_name: lamp}
  shortcuts:
    - {name: Light up, type: global, callback_id: light, description: Switch it on}
    - {name: Point at, type: message, callback_id: point, description: Light this message}
  slash_commands:
    - {command: /lamp, description: Switch a lamp, usage_hint: "on | off", should_escape: true}
oauth_config:
  scopes:
    bot: [commands, "chat:write", "users:read", "files:write", "channels:read", "channels:history",
          "groups:history", "im:history"]
    bot_optional: ["channels:read", "channels:history", "groups:history", "im:history"]
settings:
  event_subscriptions:
    bot_events: [app_home_opened, app_uninstalled, tokens_revoked, member_joined_channel]
  interactivity: {is_enabled: true}
"""
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECRET = "a-signing-secret"
BOT = "U0LAMP"
ADA, LIN = "U0ADA", "U0LIN"
ROOM, CLOSED, AWAY = "C0ROOM", "G0CLOSED", "C0AWAY"


def listening() -> socket.socket:
    """A socket on a free port of the loopback."""
    return socket.create_server(("127.0.0.1", 0))


@asynccontextmanager
async def served(app: Starlette, door: socket.socket | None = None) -> AsyncIterator[str]:
    """Serve on the loopback; the answer is the base URL."""
    door = door or listening()
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    running = asyncio.create_task(server._serve([door]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        door.close()


@pytest.fixture
def clock(tmp_path: Path) -> SharedClock:
    return SharedClock(tmp_path / "clock.json", frozen_at=START)


@pytest.fixture
def workspace(clock: SharedClock) -> Workspace:
    return a_workspace(clock)


def a_workspace(clock: SharedClock, manifest: str = MANIFEST) -> Workspace:
    """Ada and 林 (an admin), and three channels: with the bot, private, and without it."""
    people = [
        Seat(ADA, "ada", "Ada", tz="Europe/London"),
        Seat(LIN, "lin", "林", tz="Asia/Shanghai", locale="zh-CN", is_admin=True),
        Seat("U0GONE", "gone", "Gone", deleted=True),
    ]
    everybody = frozenset({ADA, LIN})
    channels = [
        Channel(ROOM, "room", everybody | {BOT}),
        Channel(CLOSED, "closed", frozenset({ADA}), is_private=True),
        Channel(AWAY, "away", everybody),
    ]
    return Workspace.create(
        clock,
        Manifest.parse(manifest),
        people=people,
        channels=channels,
        bot_user_id=BOT,
        seed="tests",
    )


class Lamp:
    """The app under the workspace's care: a Bolt app, its client and what it heard."""

    def __init__(
        self, workspace: Workspace, session: aiohttp.ClientSession, *, verify: bool = False
    ) -> None:
        self.workspace = workspace
        self.client = AsyncWebClient(
            token=workspace.app.bot_token,
            base_url=f"{workspace.base_url}/api/",
            session=session,
            retry_handlers=[],
        )
        self.bolt = AsyncApp(
            client=self.client,
            signing_secret=SECRET,
            process_before_response=True,
            request_verification_enabled=verify,
        )

    def person(self, user: str = ADA) -> Actor:
        return self.workspace.actor(user)

    def routes(self) -> list[Route]:
        """Where the app hears; in one server with the workspace, to start only one."""
        handler = AsyncSlackRequestHandler(self.bolt)

        async def receive(request: Request) -> Response:
            return await handler.handle(request)

        return [Route("/slack/events", receive, methods=["POST"])]


@asynccontextmanager
async def lit(
    workspace: Workspace, *, verify: bool = False, patience: float = ACK_SECONDS
) -> AsyncIterator[Lamp]:
    """A lamp that hears over signed HTTP; `verify` checks signatures by the real clock."""
    door = listening()
    workspace.base_url = f"http://127.0.0.1:{door.getsockname()[1]}"
    async with aiohttp.ClientSession() as session:
        lamp = Lamp(workspace, session, verify=verify)
        address = f"{workspace.base_url}/slack/events"
        transport = HttpTransport(address, SECRET, patience=patience)
        app = create_app(workspace, transport=transport, page=lamp.routes())
        async with served(app, door):
            yield lamp


@pytest.fixture
async def lamp(workspace: Workspace) -> AsyncIterator[Lamp]:
    """A lamp in a workspace whose time stands still; the test registers its listeners."""
    async with lit(workspace) as lamp:
        yield lamp
