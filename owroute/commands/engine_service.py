"""What `owroute engine` does."""

import asyncio
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from socket import socket

import structlog
import typer

from engine.app import create_app
from owroute import logs
from owroute.commands.alone import settings_alone
from owroute.commands.exits import Code, listening, stop
from owroute.commands.speech import Speech
from owroute.engine_client import engine_data
from owroute.server import bound, served_on, told_to_stop
from owroute.workers import Crew, Line, WorkerFailed, answering

log = structlog.get_logger(__name__)


def serve_engine(host: str, port: int, workers: int, say: Speech) -> None:
    """Serve until told to stop; with OWROUTE_ENGINE_TOKEN set, to its bearer only."""
    known = settings_alone(say)
    token = known.token
    logs.configure()
    if token is None and not _is_loopback(host):
        typer.echo(say.engine_open(host), err=True)
    with listening(host, port, say):
        door = bound(host, port)
    if workers == 1:
        asyncio.run(_serve(door, token, known.overlay))
        return
    try:
        asyncio.run(_watch(door, token, known.overlay, workers))
    except WorkerFailed:
        stop(Code.PROBLEM, say.engine_worker_failed())


async def _serve(door: socket, token: str | None, overlay: Path) -> None:
    """Answer in this process."""
    app = create_app(engine_data(overlay), token=token)
    with told_to_stop() as told:
        async with served_on(app, door):
            _say_started(door, workers=1)
            await told.wait()
    log.info("engine.stopped")


async def _watch(door: socket, token: str | None, overlay: Path, workers: int) -> None:
    """Let others answer, and watch over them."""
    work = partial(_work, door, token, overlay)
    crew = Crew(work, workers, partial(_say_started, door, workers))
    with told_to_stop() as told:
        await crew.serve(told)
    log.info("engine.stopped")


def _work(door: socket, token: str | None, overlay: Path, line: Line) -> None:
    """In a process of its own, with data of its own."""
    logs.configure()
    asyncio.run(_answer(door, token, overlay, line))


async def _answer(door: socket, token: str | None, overlay: Path, line: Line) -> None:
    app = create_app(engine_data(overlay), token=token)
    with told_to_stop() as told:
        async with served_on(app, door):
            watched = asyncio.create_task(answering(line, told))
            await told.wait()
            watched.cancel()


def _say_started(door: socket, workers: int) -> None:
    host, port = door.getsockname()[:2]
    log.info("engine.started", host=host, port=port, workers=workers)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
