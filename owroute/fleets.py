"""The providers that are watched: those whose keys are set, each over a client of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from pydantic import SecretStr

from bot.clock import Clock
from bot.ports import Fleet
from gateways.fleet import vast
from gateways.fleet.http import FIRST_WAIT, ProviderApi
from gateways.fleet.runpod import RunPod
from gateways.fleet.vast import Vast
from gateways.provider_http import provider_client
from owroute.settings import Settings


@asynccontextmanager
async def fleets(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Fleet, ...]]:
    """Everything that can be watched with these settings; nothing is asked yet."""
    async with AsyncExitStack() as stack:

        async def api(url: str, key: SecretStr, wait: timedelta = FIRST_WAIT) -> ProviderApi:
            client = provider_client(url, key.get_secret_value())
            return ProviderApi(await stack.enter_async_context(client), clock, first_wait=wait)

        found: list[Fleet] = []
        if settings.runpod_key:
            found.append(RunPod(await api(settings.runpod_url, settings.runpod_key)))
        if settings.vast_key:
            vasts = await api(settings.vast_url, settings.vast_key, vast.FIRST_WAIT)
            found.append(Vast(vasts, clock))
        yield tuple(found)
