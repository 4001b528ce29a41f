"""The providers that are watched: those whose keys are set, each over a client of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from pydantic import SecretStr

from bot.clock import Clock
from bot.ports import Fleet
from gateways.fleet.http import ProviderApi
from gateways.fleet.runpod import RunPod
from gateways.provider_http import provider_client
from owroute.settings import Settings


@asynccontextmanager
async def fleets(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Fleet, ...]]:
    """Everything that can be watched with these settings; nothing is asked yet."""
    async with AsyncExitStack() as stack:

        async def api(url: str, key: SecretStr) -> ProviderApi:
            client = provider_client(url, key.get_secret_value())
            return ProviderApi(await stack.enter_async_context(client), clock)

        found: list[Fleet] = []
        if settings.runpod_key:
            found.append(RunPod(await api(settings.runpod_url, settings.runpod_key)))
        yield tuple(found)
