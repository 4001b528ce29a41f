"""Where the model hub's client connects to: checked addresses, under the hub's own name."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.hub import Refusal
from owroute.hub_client import model_hub
from tests.gateways.conftest import listening
from tests.gateways.test_hub import OWL, config, facts_of, info


@pytest.mark.parametrize("host", ["10.0.0.8", "169.254.169.254", "[fd00:ec2::254]", "127.1"])
async def test_an_address_that_is_not_public_is_not_connected_to(host: str) -> None:
    async with model_hub(f"https://{host}:9", "token") as found:
        assert await found.facts(OWL, None) is Refusal.PRIVATE
        assert await found.ready() == Refusal.PRIVATE


async def test_a_hub_that_is_reached_by_its_address_is_still_called_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The checked address is connected to; what the hub redirects to on its own host is its own."""

    async def here(_url: httpx.URL) -> tuple[str, ...]:
        return ("127.0.0.1",)

    hosts: set[str | None] = set()

    async def reply(request: Request) -> Response:
        hosts.add(request.headers.get("host"))
        path = request.url.path
        if path.startswith("/api/models/"):
            return Response(info().body)
        if "/resolve/" in path:
            return Response(status_code=307, headers={"location": "/api/resolve-cache/config.json"})
        return Response(config().body)

    monkeypatch.setattr("gateways.outgoing._addresses", here)
    app = Starlette(routes=[Route("/{path:path}", reply)])
    async with (
        listening(app) as port,
        model_hub(f"http://hub.example:{port}", None) as found,
    ):
        facts = facts_of(await found.facts(OWL, None))
    assert facts.architecture is not None
    assert hosts == {f"hub.example:{port}"}
