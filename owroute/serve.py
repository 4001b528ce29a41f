"""Runs the bot: web server, timer and, with an app token, the socket to Slack."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock, SystemClock
from handlers.ticks import scheduler
from owroute.server import served, told_to_stop
from owroute.settings import Settings
from owroute.web import create_web
from owroute.wiring import Runtime, build

log = structlog.get_logger(__name__)

WATCH_SECONDS = 30.0
SILENT_SECONDS = 120.0
DRAIN_SECONDS = 10


async def serve(settings: Settings, clock: Clock | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then finish or release what is in flight within 10 s."""
    with told_to_stop() as told:
        await _serve(settings, clock or SystemClock(), told)
    log.info("serve.stopped")


async def _serve(settings: Settings, clock: Clock, told: asyncio.Event) -> None:
    async with (
        build(settings, clock) as runtime,
        beating(runtime),
        listening(runtime),
        served(create_web(runtime), host=settings.host, port=settings.port) as port,
    ):
        log.info("serve.started", transport=settings.transport, port=port)
        await told.wait()
        log.info("serve.stopping")


@asynccontextmanager
async def beating(runtime: Runtime) -> AsyncIterator[None]:
    """The timer; the first beat at once, so that what fell due while we were down is done now."""
    timer = scheduler(runtime.tick, runtime.settings.tick_seconds)
    timer.start()
    first = asyncio.create_task(runtime.tick())
    try:
        yield
    finally:
        timer.shutdown(wait=False)
        await asyncio.wait({first}, timeout=DRAIN_SECONDS)


@asynccontextmanager
async def listening(runtime: Runtime) -> AsyncIterator[None]:
    """The socket to Slack in Socket Mode, watched; nothing in HTTP mode."""
    if runtime.settings.transport == "http":
        yield
        return
    watch = asyncio.create_task(_watched(runtime))
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.wait({watch})


async def _watched(runtime: Runtime) -> None:
    """Keep one healthy socket; one that has gone quiet is closed and replaced."""
    while True:
        handler = _socket(runtime)
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]  # the SDK has no types here
            while await handler.client.is_connected() and not _silent(runtime, handler):
                await asyncio.sleep(WATCH_SECONDS)
            log.warning("socket.unhealthy")
        except (OSError, SlackApiError) as error:
            log.warning("socket.not_connected", error=type(error).__name__)
            await asyncio.sleep(WATCH_SECONDS)
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
