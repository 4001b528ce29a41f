"""A user of the real server, and the fleet that owroute sees with that user's token."""

from collections.abc import AsyncIterator

import pytest

from bot.clock import SystemClock
from gateways.fleet.dstack import Dstack
from gateways.fleet.http import ProviderApi
from gateways.provider_http import provider_client
from tests.gateways.dstack.server import Server, Team, shared_server


@pytest.fixture(scope="session")
def server() -> Server:
    return shared_server()


@pytest.fixture
def team(server: Server) -> Team:
    return server.user()


@pytest.fixture
async def fleet(team: Team) -> AsyncIterator[Dstack]:
    clock = SystemClock()
    async with provider_client(team.server.url, team.token) as client:
        yield Dstack(ProviderApi(client, clock), clock, page=2)
