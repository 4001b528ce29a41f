"""The client for Slack's Web API, and the one session that all of them share."""

from contextlib import AsyncExitStack

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from owroute.engine_client import CONNECT_SECONDS, REQUEST_SECONDS
from owroute.settings import Settings


async def slack_session(stack: AsyncExitStack) -> aiohttp.ClientSession:
    """One session for the life of the process."""
    timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS, connect=CONNECT_SECONDS)
    return await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))


def slack_client(
    settings: Settings, session: aiohttp.ClientSession, token: str | None
) -> AsyncWebClient:
    """A client that never re-sends anything by itself."""
    return AsyncWebClient(
        token=token,
        base_url=settings.slack_api_url,
        session=session,
        timeout=REQUEST_SECONDS,
        retry_handlers=[],
    )
