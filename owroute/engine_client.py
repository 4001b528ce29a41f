"""The way to the route engine: in this process, or at a URL. Its users cannot tell which."""

from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import structlog

from gateways.outgoing import trusted

if TYPE_CHECKING:
    from engine.load import EngineData

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 3
REQUEST_SECONDS = 10


_PROBLEMS_LOGGED = 5


def engine_data(overlay: Path | None) -> "EngineData":
    """The engine's data with a team's overlay; a broken one is logged, and left out."""
    from engine.app import load_data  # noqa: PLC0415  # FastAPI only where it serves

    data = load_data(overlay=overlay)
    if data.overlay is not None and data.overlay.problems:
        problems = data.overlay.problems
        log.error(
            "engine.overlay_broken", problems=problems[:_PROBLEMS_LOGGED], found=len(problems)
        )
    return data


def engine_client(
    url: str | None, token: str | None, overlay: Path | None = None
) -> httpx.AsyncClient:
    """A client whose base URL is the engine's; without `url` the engine is loaded right here.

    `overlay` is the team's folder, if it exists; an engine at a URL has one of its own.
    """
    if url is None:
        from engine.app import create_app  # noqa: PLC0415  # FastAPI only where it serves

        app = create_app(engine_data(overlay))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://engine", trust_env=False)
    return httpx.AsyncClient(
        base_url=url,
        headers={"authorization": f"Bearer {token}"} if token else {},
        verify=trusted(),
        trust_env=False,
        timeout=httpx.Timeout(REQUEST_SECONDS, connect=CONNECT_SECONDS),
    )
