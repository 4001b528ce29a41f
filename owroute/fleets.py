"""The providers that are watched: those whose keys are set, each over a client of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr

from bot.clock import Clock
from bot.domain.fleet import Provider
from bot.ports import Fleet
from gateways.fleet import vast
from gateways.fleet.dstack import Dstack
from gateways.fleet.http import FIRST_WAIT, ProviderApi
from gateways.fleet.runpod import RunPod
from gateways.fleet.vast import Vast
from gateways.provider_http import provider_client
from owroute.fleet_prices import ListPrices
from owroute.settings_providers import ProviderSettings

if TYPE_CHECKING:
    from gateways.fleet.aws import AwsFleet

log = structlog.get_logger(__name__)

AWS_LIBRARY = "boto3"
"""What the extra `aws` brings."""


@asynccontextmanager
async def fleets(
    settings: ProviderSettings, overlay: Path, clock: Clock
) -> AsyncIterator[tuple[Fleet, ...]]:
    """Everything that can be watched with these settings; nothing is asked yet.

    `overlay` is the folder with the team's own prices.
    """
    async with AsyncExitStack() as stack:

        async def api(
            url: str, key: SecretStr, wait: timedelta = FIRST_WAIT, *, public: bool = True
        ) -> ProviderApi:
            client = provider_client(url, key.get_secret_value(), public=public)
            return ProviderApi(await stack.enter_async_context(client), clock, first_wait=wait)

        found: list[Fleet] = []
        if settings.runpod_key:
            found.append(RunPod(await api(settings.runpod_url, settings.runpod_key)))
        if settings.vast_key:
            vasts = await api(settings.vast_url, settings.vast_key, vast.FIRST_WAIT)
            found.append(Vast(vasts, clock))
        if settings.dstack_url and settings.dstack_token:
            dstack = await api(settings.dstack_url, settings.dstack_token, public=False)
            found.append(Dstack(dstack, clock))
        if settings.watches_aws and _has_library():
            aws = _aws(settings, overlay, clock)
            stack.push_async_callback(aws.close)
            found.append(aws)
        yield tuple(found)


def _has_library() -> bool:
    found = find_spec(AWS_LIBRARY) is not None
    if not found:
        log.warning("fleet.extra_missing", provider=Provider.AWS.value, library=AWS_LIBRARY)
    return found


def _aws(settings: ProviderSettings, overlay: Path, clock: Clock) -> "AwsFleet":
    """EC2 with the key in the settings, else with what AWS's library finds by itself."""
    import boto3  # noqa: PLC0415  # the extra `aws`

    from gateways.fleet.aws import AwsFleet  # noqa: PLC0415  # needs it

    def clear(secret: SecretStr | None) -> str | None:
        return secret.get_secret_value() if secret else None

    def session() -> boto3.Session:
        return boto3.Session(
            aws_access_key_id=clear(settings.aws_key_id),
            aws_secret_access_key=clear(settings.aws_secret),
            aws_session_token=clear(settings.aws_token),
            profile_name=settings.aws_profile,
            region_name=settings.aws_region,
        )

    return AwsFleet(session, clock, ListPrices(Provider.AWS.value, overlay, clock))
