"""The heartbeat of this installation, over a client of its own."""

from contextlib import AsyncExitStack

import httpx

from gateways.heartbeat import Heartbeat
from gateways.outgoing import trusted
from owroute.settings import Settings


async def heartbeat(stack: AsyncExitStack, settings: Settings) -> Heartbeat:
    """Sent where the settings say, or nowhere."""
    client = await stack.enter_async_context(httpx.AsyncClient(verify=trusted(), trust_env=False))
    url = settings.heartbeat_url
    return Heartbeat(client, url.get_secret_value() if url else None)
