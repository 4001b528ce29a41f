"""A stop signal: what runs is finished in time, what hangs is released, nothing new begins."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from handlers.ticks import Beat
from owroute.demo import world
from owroute.serve import serve
from owroute.server import served
from owroute.settings import load
from sandbox.app import HttpTransport, create_app


class Watchdog:
    """The end of a cycle, seen from outside; it lets the cycle wait from the second on."""

    def __init__(self) -> None:
        self.begun = 0
        self.answered = 0
        self.given_up = 0
        self.waits = asyncio.Event()
        self.may_end = asyncio.Event()
        self.app = Starlette(routes=[Route("/", self._beat)])

    async def _beat(self, request: Request) -> Response:
        self.begun += 1
        if self.begun > 1:
            self.waits.set()
            await self.may_end.wait()
        if await request.is_disconnected():
            self.given_up += 1
        self.answered += 1
        return PlainTextResponse("ok")


@pytest.mark.timeout(60)
async def test_a_running_cycle_ends_by_itself_and_no_other_begins(tmp_path: Path) -> None:
    watchdog = Watchdog()
    workspace = world.create_workspace(tmp_path / "clock.json")
    transport = HttpTransport("http://127.0.0.1:9/slack/events", world.SIGNING_SECRET)
    async with (
        served(watchdog.app, grace=1) as beat_port,
        served(create_app(workspace, transport=transport), grace=1) as port,
    ):
        workspace.base_url = f"http://127.0.0.1:{port}"
        environment = {
            "SLACK_API_URL": f"{workspace.base_url}/api/",
            "SLACK_BOT_TOKEN": world.BOT_TOKEN,
            "SLACK_SIGNING_SECRET": world.SIGNING_SECRET,
            "OWROUTE_PORT": "0",
            "OWROUTE_DATA_DIR": str(tmp_path / "bot"),
            "OWROUTE_TICK_SECONDS": "0.1",
            "OWROUTE_HEARTBEAT_URL": f"http://127.0.0.1:{beat_port}/",
        }
        serving = asyncio.create_task(serve(load(environment, env_file=None)))
        async with asyncio.timeout(20):
            await watchdog.waits.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.5)
        assert not serving.done()
        watchdog.may_end.set()
        async with asyncio.timeout(9):
            await serving
        await workspace.close()
    assert (watchdog.begun, watchdog.answered, watchdog.given_up) == (2, 2, 0)


async def test_a_cycle_that_hangs_is_given_up_in_time() -> None:
    released = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            released.set()

    beat = Beat(hang)
    job = asyncio.create_task(beat())
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await beat.finish(0.05)
    assert released.is_set()
    assert (await asyncio.gather(job, return_exceptions=True))[
        0
    ].__class__ is asyncio.CancelledError
