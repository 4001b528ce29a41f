"""Socket Mode when Slack hands out an address that leads nowhere."""

import asyncio
from pathlib import Path

import pytest
import structlog.testing
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import SystemClock
from owroute.demo import world
from owroute.serve import listening
from owroute.server import served
from owroute.settings import load
from owroute.wiring import build


class Slack:
    """Its Web API, as far as a connection needs it: every ticket leads nowhere."""

    def __init__(self) -> None:
        self.tickets = 0
        self.third = asyncio.Event()
        self.app = Starlette(
            routes=[
                Route("/api/apps.connections.open", self._ticket, methods=["POST"]),
                Route("/api/{method}", self._away, methods=["POST"]),
            ]
        )

    async def _ticket(self, request: Request) -> Response:
        self.tickets += 1
        if self.tickets > 2:
            self.third.set()
        return JSONResponse({"ok": True, "url": f"ws://127.0.0.1:9/{self.tickets}"})

    async def _away(self, request: Request) -> Response:
        return JSONResponse({"ok": False, "error": "fatal_error"})


@pytest.mark.timeout(30)
async def test_a_dead_address_is_given_up_for_a_new_one(tmp_path: Path) -> None:
    slack = Slack()
    with structlog.testing.capture_logs() as logged:
        async with served(slack.app, grace=1) as port:
            environment = {
                "SLACK_API_URL": f"http://127.0.0.1:{port}/api/",
                "SLACK_BOT_TOKEN": world.BOT_TOKEN,
                "SLACK_APP_TOKEN": world.APP_TOKEN,
                "OWROUTE_DATA_DIR": str(tmp_path / "bot"),
            }
            settings = load(environment, env_file=None)
            async with (
                build(settings, SystemClock()) as runtime,
                listening(runtime, patience=0.2),
                asyncio.timeout(10),
            ):
                await slack.third.wait()
    told = [entry["error"] for entry in logged if entry["event"] == "socket.not_connected"]
    assert told[:2] == ["TimeoutError", "TimeoutError"]
