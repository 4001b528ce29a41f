"""Puts the demo up: the sandbox in this process, bot and engine as children, all on loopback."""

import asyncio
import contextlib
import secrets
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import structlog
from starlette.applications import Starlette

from bot.domain.digest_when import WeekTime
from owroute.demo import world
from owroute.demo.bot import CLOCK_FILE
from owroute.demo.panel import Panel
from owroute.demo.processes import Launch, Process, launched
from owroute.server import served
from sandbox.app import HttpTransport, create_app
from sandbox.fleet.fleet import RUNPOD_PATH, VAST_PATH, Fleet
from sandbox.fleet.runpod import RUNPOD_KEY
from sandbox.fleet.vast import VAST_KEY
from sandbox.hub import HUB_PATH
from sandbox.page import page_routes
from sandbox.workspace import Workspace

log = structlog.get_logger(__name__)

HOST = "127.0.0.1"
READY_SECONDS = 40.0
OWN_PORTS = range(10_000, 16_000)
"""Below the ports of outgoing connections, of which one could be taken before we listen on it."""
CADENCES = {
    "OWROUTE_GPU_POLL_EVERY": "PT10S",
    "OWROUTE_QUIET_HOURS": "off",
}
"""A visitor sees within seconds what happens at a provider, and comes at any hour of Ada's day."""

WEEK = timedelta(weeks=1)
DUE_BEFORE = timedelta(minutes=10)
"""So long before the visitor came, by the clock, the digest of a week later is due."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A demo that is up: workspace, providers, page's address, panel, and what can be killed."""

    workspace: Workspace
    fleet: Fleet
    url: str
    bot: Process
    engine: Process
    bot_url: str
    panel: Panel


@asynccontextmanager
async def stage(
    *,
    port: int = 0,
    data_dir: Path | None = None,
    database_url: str | None = None,
    optional: tuple[str, ...] = (),
    bot_env: dict[str, str] | None = None,
    before: Callable[[Stage], Awaitable[None]] | None = None,
    behind: timedelta = timedelta(0),
    launch: Launch = launched,
) -> AsyncIterator[Stage]:
    """Start everything and wait until the bot is ready; stop all of it on the way out.

    Without `data_dir` everything lives in a temporary folder that is removed. `optional` grants
    the manifest's optional scopes; `bot_env` is added to the bot's environment (crash points).
    `before` plays what has happened when the visitor comes: it ticks nothing on their list. For
    it a new clock begins `behind` the real one. `launch` starts the children.
    """
    async with AsyncExitStack() as stack:
        home = data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="owroute-")))
        home.mkdir(parents=True, exist_ok=True)
        home = home.resolve()  # the children work inside it
        workspace = world.create_workspace(home / "clock.json", optional=optional, behind=behind)
        fleet = Fleet(workspace.clock, workspace.changes.happened)
        page_port, bot_port, engine_port = _ports(port)
        workspace.base_url = f"http://{HOST}:{page_port}"
        token = secrets.token_urlsafe(24)
        engine = _engine(home, engine_port, token, launch)
        env = _bot_environment(workspace, home, bot_port, engine_port, token)
        asked = {
            "OWROUTE_DIGEST_AT": str(digest_at(_visit(workspace, before and behind))),
            "OWROUTE_DATABASE_URL": database_url or "",
            **(bot_env or {}),
        }
        bot = Process(home / "bot.log", "owroute.demo.bot", (), {**env, **asked}, launch)
        panel = Panel(workspace, fleet, bot, engine)
        bot_url = f"http://{HOST}:{bot_port}"
        up = Stage(workspace, fleet, workspace.base_url, bot, engine, bot_url, panel)
        page = served(_page(up), port=page_port, grace=1, is_dated=False)  # providers date theirs
        await stack.enter_async_context(page)
        stack.push_async_callback(engine.stop)
        stack.push_async_callback(bot.stop)
        await asyncio.gather(engine.start(), bot.start())
        await until_ready(up)
        await _prepared(up, before)
        yield up


def _ports(page: int) -> tuple[int, int, int]:
    """Three different ports: of the page, which may be chosen (else 0), of bot and engine."""
    others = [port for port in free_ports(3) if port != page]
    return page or others.pop(), others[0], others[1]


async def _prepared(up: Stage, before: Callable[[Stage], Awaitable[None]] | None) -> None:
    if before is not None:
        await before(up)
    up.panel.begin()


def _visit(workspace: Workspace, prelude: timedelta | None) -> datetime:
    """When the visitor comes, by the workspace's clock: once what went before has been played."""
    return workspace.clock.now() + (prelude or timedelta(0))


def digest_at(visit: datetime, zone: str = world.ADA.tz) -> WeekTime:
    """When the demo's digests come: who moves the clock on by a week has just missed this week's.

    By the clock of Ada, who leads the channel, and never in the week that then is over. Nobody
    finds it late who does that within three quarters of an hour. The workspace's goes by UTC: in
    summer it comes an hour after the channel's.
    """
    later = (visit + WEEK).astimezone(ZoneInfo(zone))
    due = later - DUE_BEFORE
    if due.isocalendar()[:2] != later.isocalendar()[:2]:
        due = later.replace(hour=0, minute=0)
    return WeekTime(due.isoweekday(), time(due.hour, due.minute))


async def until_ready(up: Stage) -> None:
    """Wait until the bot answers and knows its database. Raises TimeoutError after 40 s."""
    async with asyncio.timeout(READY_SECONDS), httpx.AsyncClient(trust_env=False) as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(f"{up.bot_url}/readyz")).is_success:
                    return
            await asyncio.sleep(0.1)


def _engine(home: Path, port: int, token: str, launch: Launch) -> Process:
    return Process(
        home / "engine.log",
        "owroute",
        ("engine", "--host", HOST, "--port", str(port)),
        {"OWROUTE_ENGINE_TOKEN": token},
        launch,
    )


def _page(up: Stage) -> Starlette:
    """The sandbox with its page and the demo's panel, speaking signed HTTP to the bot."""
    return create_app(
        up.workspace,
        transport=HttpTransport(f"{up.bot_url}/slack/events", world.SIGNING_SECRET),
        controls=up.panel.controls(),
        checklist=up.panel.checklist(),
        page=page_routes(),
        fleet=up.fleet,
    )


def _bot_environment(
    workspace: Workspace, home: Path, bot_port: int, engine_port: int, token: str
) -> dict[str, str]:
    """What an operator would set, and the clock."""
    return {
        CLOCK_FILE: str(home / "clock.json"),
        "SLACK_API_URL": f"{workspace.base_url}/api/",
        "SLACK_BOT_TOKEN": world.BOT_TOKEN,
        "SLACK_SIGNING_SECRET": world.SIGNING_SECRET,
        "OWROUTE_HOST": HOST,
        "OWROUTE_PORT": str(bot_port),
        "OWROUTE_PUBLIC_URL": f"http://{HOST}:{bot_port}",
        "OWROUTE_DATA_DIR": str(home / "bot"),
        "OWROUTE_TICK_SECONDS": "1",
        "OWROUTE_ENGINE_URL": f"http://{HOST}:{engine_port}",
        "OWROUTE_ENGINE_TOKEN": token,
        "HF_ENDPOINT": f"{workspace.base_url}{HUB_PATH}",
        "RUNPOD_API_KEY": RUNPOD_KEY,
        "OWROUTE_RUNPOD_URL": f"{workspace.base_url}{RUNPOD_PATH}",
        "VAST_API_KEY": VAST_KEY,
        "OWROUTE_VAST_URL": f"{workspace.base_url}{VAST_PATH}",
        **CADENCES,
    }


def free_port() -> int:
    """A port nobody listens on just now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many ports nobody listens on just now, each another one."""
    found: list[int] = []
    with ExitStack() as held:  # until all are chosen, so that none is chosen twice
        while len(found) < count:
            port, probe = secrets.choice(OWN_PORTS), held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                found.append(port)
    return found
