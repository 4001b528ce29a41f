"""What `owroute engine` does."""

import asyncio
from ipaddress import ip_address
from pathlib import Path

import structlog
import typer

from engine.app import create_app
from owroute import logs
from owroute.commands.alone import settings_alone
from owroute.commands.exits import listening
from owroute.commands.speech import Speech
from owroute.engine_client import engine_data
from owroute.server import served, told_to_stop

log = structlog.get_logger(__name__)


def serve_engine(host: str, port: int, say: Speech) -> None:
    """Serve until told to stop; with OWROUTE_ENGINE_TOKEN set, to its bearer only."""
    known = settings_alone(say)
    token = known.token
    logs.configure()
    if token is None and not _is_loopback(host):
        typer.echo(say.engine_open(host), err=True)
    with listening(host, port, say):
        asyncio.run(_serve(host, port, token, known.overlay))


async def _serve(host: str, port: int, token: str | None, overlay: Path) -> None:
    app = create_app(engine_data(overlay), token=token)
    with told_to_stop() as told:
        async with served(app, host=host, port=port) as bound:
            log.info("engine.started", host=host, port=bound)
            await told.wait()
    log.info("engine.stopped")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
