"""The `huggingface_hub` client, held to our rules: it words the question, our client carries it.

Importing this module imports the library: do so in a thread, and only when somebody asks. From then
on every request of the library in this process goes through here, and one that nobody announced
goes nowhere.
"""

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx
from huggingface_hub import HfApi, ModelInfo, set_client_factory
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RevisionNotFoundError,
)
from typing_extensions import override

from bot.domain.model_card import CardAnswer, NoCard
from gateways.hub_info import CardSource, card_of
from gateways.hub_wire import MOVED, Said, Unusable, get, is_at, refused, renamed

_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""What came packed stays packed: nobody asked for it, and a small body may hold a huge one."""

GRACE = 1.0
"""Seconds a thread waits beyond our client's patience, in case the event loop is gone."""


@dataclass(frozen=True, slots=True)
class Way:
    """Our client, the event loop it lives in, and for how many seconds it may be asked."""

    client: httpx.AsyncClient
    loop: asyncio.AbstractEventLoop
    patience: float

    def carry(self, request: httpx.Request) -> Said:
        """The answer to a request, from a thread beside the loop.

        Only a GET below the Hub's address is carried, with our own headers and token.
        """
        if request.method != "GET" or not is_at(self.client.base_url, request.url):
            raise Unusable("redirect")
        asked = asyncio.run_coroutine_threadsafe(self._asked(request.url), self.loop)
        return asked.result(self.patience + GRACE)

    async def _asked(self, url: httpx.URL) -> Said:
        async with asyncio.timeout(self.patience):
            return await get(self.client, url)


class _Moved(Exception):
    """A redirect: it is looked at, never followed."""

    def __init__(self, said: Said) -> None:
        super().__init__("moved")
        self.said = said


_WAY: ContextVar[Way] = ContextVar("way")


class _Carried(httpx.BaseTransport):
    """The library's only way out."""

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises what the carrying client does, `_Moved` for a redirect, `Unusable`."""
        way = _WAY.get(None)
        if way is None:
            raise Unusable("unannounced")
        said = way.carry(request)
        if said.status in MOVED:
            raise _Moved(said)
        headers = [(n, v) for n, v in said.headers.multi_items() if n not in _OF_THE_WIRE]
        return httpx.Response(said.status, headers=headers, content=said.body, request=request)


def _client() -> httpx.Client:
    return httpx.Client(transport=_Carried(), follow_redirects=False, trust_env=False)


set_client_factory(_client)


def read_card(way: Way, repo: str, revision: str | None) -> CardAnswer:
    """What the Hub says of a repository, as `model_info` reads it. Runs in a thread of its own.

    Raises `Unusable`, `TimeoutError` and httpx's errors.
    """
    _WAY.set(way)
    base = way.client.base_url
    hub = HfApi(endpoint=str(base).rstrip("/"), token=False)
    try:
        info = hub.model_info(repo, revision=revision, timeout=way.patience)
        return card_of(_source(info), str(base).rstrip("/"), revision)
    except _Moved as moved:
        return renamed(moved.said, base)
    except GatedRepoError:
        return NoCard.GATED
    except RevisionNotFoundError:
        return NoCard.NO_REVISION
    except HFValidationError:
        return NoCard.MISSING
    except HfHubHTTPError as error:
        return _refused(error)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Unusable("not_the_hub") from None


def _refused(error: HfHubHTTPError) -> NoCard:
    answer = error.response
    return NoCard(refused(Said(answer.status_code, answer.headers, answer.content, answer.url)))


def _source(info: ModelInfo) -> CardSource:
    counted: Mapping[str, Any] = vars(info.safetensors) if info.safetensors else {}
    return CardSource(
        repo=info.id,
        commit=info.sha,
        data=vars(info.card_data) if info.card_data else {},
        tags=info.tags,
        config=info.config,
        gguf=info.gguf,
        safetensors=counted,
        gated=bool(info.gated),
        changed=info.last_modified,
    )
