"""Runs the bot: web server, timer and, with an app token, the socket to Slack."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock, SystemClock
from handlers.ticks import Beat, scheduler
from owroute.server import served, told_to_stop
from owroute.settings import Settings
from owroute.web import create_web
from owroute.wiring import Runtime, build

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 30.0
"""For the socket: to connect, between two looks at it, and before another try."""
SILENT_SECONDS = 120.0
STOP_SECONDS = 9.5
"""From the stop signal until all is finished or released; closing takes what is left of 10."""
GOODBYE_SECONDS = 1.0


class Deadline:
    """What is left of the time to stop in. It runs from `start`, or else from the first look."""

    def __init__(self) -> None:
        self._at: float | None = None

    def start(self) -> None:
        """The stop signal came."""
        self._at = asyncio.get_running_loop().time() + STOP_SECONDS

    def left(self) -> float:
        """Seconds."""
        if self._at is None:
            self.start()
        return max(0.0, (self._at or 0.0) - asyncio.get_running_loop().time())


async def serve(settings: Settings, clock: Clock | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then finish or release what is in flight within 10 s."""
    with told_to_stop() as told:
        await _serve(settings, clock or SystemClock(), told)
    log.info("serve.stopped")


async def _serve(settings: Settings, clock: Clock, told: asyncio.Event) -> None:
    deadline = Deadline()
    async with (
        build(settings, clock) as runtime,
        beating(runtime, deadline) as timer,
        listening(runtime),
        served(create_web(runtime), host=settings.host, port=settings.port) as port,
    ):
        gc.freeze()  # code and tables stay: a full collection that walks them stops all for 0.1 s
        log.info("serve.started", transport=settings.transport, port=port)
        await told.wait()
        deadline.start()
        timer.pause()
        log.info("serve.stopping")


@asynccontextmanager
async def beating(runtime: Runtime, deadline: Deadline) -> AsyncIterator[AsyncIOScheduler]:
    """The timer. At the end a running cycle and what is in the background finish in time."""
    beat = Beat(runtime.tick.__call__)
    timer = scheduler(beat.__call__, runtime.settings.tick_seconds)
    timer.start()
    try:
        yield timer
    finally:
        timer.shutdown(wait=False)
        left = deadline.left()
        await asyncio.gather(beat.finish(left), runtime.background.drain(left))


@asynccontextmanager
async def listening(runtime: Runtime, *, patience: float = PATIENCE_SECONDS) -> AsyncIterator[None]:
    """The socket to Slack in Socket Mode, watched with `patience` in s; nothing in HTTP mode."""
    if runtime.settings.transport == "http":
        yield
        return
    watch = asyncio.create_task(_watched(runtime, patience))
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.wait({watch}, timeout=GOODBYE_SECONDS)  # a dead peer never answers it


async def _watched(runtime: Runtime, patience: float) -> None:
    """Keep one healthy socket; one that has gone quiet is closed and replaced.

    The SDK tries one address for ever, and Slack's are good for one short try: so we begin anew.
    """
    while True:
        handler = _socket(runtime)
        try:
            async with asyncio.timeout(patience):
                await handler.connect_async()  # type: ignore[no-untyped-call]  # the SDK has no types
            while await handler.client.is_connected() and not _silent(runtime, handler):
                await asyncio.sleep(patience)
            log.warning("socket.unhealthy")
        except (OSError, SlackApiError) as error:
            log.warning("socket.not_connected", error=type(error).__name__)
            await asyncio.sleep(patience)
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # the same


def _socket(runtime: Runtime) -> AsyncSocketModeHandler:
    settings = runtime.settings
    token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else ""
    client = AsyncWebClient(token=token, base_url=settings.slack_api_url)
    return AsyncSocketModeHandler(runtime.slack, token, web_client=client)


def _silent(runtime: Runtime, handler: AsyncSocketModeHandler) -> bool:
    """Whether the last ping's answer is too old. The SDK stamps it with the wall clock."""
    stamp = getattr(handler.client, "last_ping_pong_time", None)
    return stamp is not None and SystemClock().now().timestamp() - stamp > SILENT_SECONDS
