"""The way to the route engine: in this process, or at a URL. Its users cannot tell which."""

import httpx

CONNECT_SECONDS = 3
REQUEST_SECONDS = 10


def engine_client(url: str | None, token: str | None) -> httpx.AsyncClient:
    """A client whose base URL is the engine's; without `url` the engine is loaded right here."""
    if url is None:
        from engine.app import create_app, load_data  # noqa: PLC0415  # FastAPI only where it serves

        transport = httpx.ASGITransport(app=create_app(load_data()), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://engine", trust_env=False)
    return httpx.AsyncClient(
        base_url=url,
        headers={"authorization": f"Bearer {token}"} if token else {},
        trust_env=False,
        timeout=httpx.Timeout(REQUEST_SECONDS, connect=CONNECT_SECONDS),
    )
