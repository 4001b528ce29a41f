"""A small workspace, a tiny Bolt app in it, and real sockets between the two."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """Serve on a free port of the loopback; the answer is the base URL."""
    config = uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    sockets = [config.bind_socket()]
    running = asyncio.create_task(server._serve(sockets))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        for opened in sockets:
            opened.close()


@pytest.fixture
def clock(tmp_path: Path) -> SharedClock:
    return SharedClock(tmp_path / "clock.json", frozen_at=START)


@pytest.fixture
def workspace(clock: SharedClock) -> Workspace:
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
        Manifest.parse(MANIFEST),
        people=people,
        channels=channels,
        bot_user_id=BOT,
        seed="tests",
    )


class Lamp:
    """The app under the workspace's care: a Bolt app, its client and what it heard."""

    def __init__(self, workspace: Workspace, session: aiohttp.ClientSession) -> None:
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
            request_verification_enabled=False,
        )
        self.heard: list[dict[str, Any]] = []

    def person(self, user: str = ADA) -> Actor:
        return self.workspace.actor(user)

    def asgi(self) -> Starlette:
        handler = AsyncSlackRequestHandler(self.bolt)

        async def receive(request: Request) -> Response:
            return await handler.handle(request)

        return Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])


Hear = Callable[..., Any]


@pytest.fixture
async def lamp(workspace: Workspace) -> AsyncIterator[Lamp]:
    """A lamp that hears over signed HTTP; the test registers its listeners."""
    async with aiohttp.ClientSession() as session:
        address = asyncio.get_running_loop().create_future()
        del address
        lamp = Lamp(workspace, session)
        async with served(lamp.asgi()) as bot:
            app = create_app(workspace, transport=HttpTransport(f"{bot}/slack/events", SECRET))
            async with served(app) as base:
                workspace.base_url = base
                lamp.client.base_url = f"{base}/api/"
                yield lamp
