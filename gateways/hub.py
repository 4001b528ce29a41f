"""The Hugging Face Hub, or a mirror that speaks as it does: what it knows of a model.

Two reads: `/api/models/{repo}` for commit, licence and parameter count, then that commit's
`config.json`. Whatever goes wrong is an answer of `bot.domain.hub`, never an error to the caller.
The client is bound to one address and follows no redirect; its token goes nowhere else.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
from pydantic import ValidationError

from bot.domain.architecture import NotAConfig, config_of, is_quantized, shapes
from bot.domain.hub import Facts, Found, HubAnswer, Lack, Refusal, Unreachable
from engine.contract import Architecture, Attention
from gateways.hub_info import commit_of, licence_of, parameters
from gateways.hub_wire import (
    CLOSED,
    MOVED,
    Unusable,
    get,
    is_at,
    json_of,
    refused,
    renamed,
    target,
)
from gateways.outgoing import NotPublic

PATIENCE = timedelta(seconds=5)
"""For both reads together."""


_TROUBLES = (TimeoutError, Unusable, httpx.HTTPError)


class Hub:
    """`bot.ports.ModelHub` over one long-lived client whose base URL is the Hub's; None is off."""

    def __init__(self, client: httpx.AsyncClient | None, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._patience = patience.total_seconds()

    async def facts(self, repo: str, revision: str | None) -> HubAnswer:
        """What is known of a repository, at a commit or as it now is; 5 s at most."""
        if self._client is None:
            return Refusal.OFF
        try:
            async with asyncio.timeout(self._patience):
                return await self._facts(self._client, repo, revision)
        except _TROUBLES as error:
            return _failed(error)

    async def ready(self) -> str:
        """How it is, in one word: `ok`, `off`, `private`, `token` where it refuses ours."""
        if self._client is None:
            return Refusal.OFF
        try:
            async with asyncio.timeout(self._patience):
                said = await get(self._client, "/api/models?limit=1")
            if said.status != httpx.codes.OK:
                return str(refused(said))
            return "ok" if isinstance(json_of(said), list) else "not_the_hub"
        except _TROUBLES as error:
            failed = _failed(error)
            return failed.reason if isinstance(failed, Unreachable) else failed

    async def _facts(self, client: httpx.AsyncClient, repo: str, revision: str | None) -> HubAnswer:
        at = f"/revision/{revision}" if revision else ""
        said = await get(client, f"/api/models/{repo}{at}")
        if said.status in MOVED:
            return renamed(said, client.base_url)
        if said.status != httpx.codes.OK:
            return refused(said)
        info = json_of(said)
        if not isinstance(info, dict):
            raise Unusable("not_the_hub")
        commit = commit_of(info.get("sha")) or revision
        config = await _config(client, repo, commit or "main")
        shape = config if isinstance(config, Lack) else _shape(config, info)
        return _found(commit, licence_of(info), shape)


def _failed(error: Exception) -> Refusal | Unreachable:
    if isinstance(error, NotPublic):
        return Refusal.PRIVATE
    if isinstance(error, TimeoutError):
        return Unreachable("timeout")
    return Unreachable(str(error) if isinstance(error, Unusable) else type(error).__name__)


def _found(commit: str | None, licence: str | None, shape: Architecture | Lack) -> Found:
    architecture = None if isinstance(shape, Lack) else shape
    lacks = [shape] if isinstance(shape, Lack) else []
    if architecture is not None and architecture.attention is Attention.unknown:
        lacks.append(Lack.ATTENTION)
    if licence is None:
        lacks.append(Lack.LICENCE)
    return Found(Facts(commit, licence, architecture), tuple(lacks))


async def _config(client: httpx.AsyncClient, repo: str, commit: str) -> str | Lack:
    """The text of `config.json` at a commit.

    The Hub answers with a redirect to a cache of its own; that one, on its own host, is taken.
    """
    said = await get(client, f"/{repo}/resolve/{commit}/config.json")
    if said.status in MOVED:
        cached = target(said)
        if not is_at(client.base_url, cached):
            return Lack.CONFIG
        said = await get(client, cached)
    if said.status in CLOSED:
        return Lack.GATED
    if said.status == httpx.codes.NOT_FOUND or said.status in MOVED:
        return Lack.CONFIG
    if said.status != httpx.codes.OK:
        raise Unusable(f"http_{said.status}")
    return said.body.decode("utf-8", "replace")


def _shape(text: str, info: Mapping[str, Any]) -> Architecture | Lack:
    try:
        config = config_of(text)
        found = shapes(config)
    except NotAConfig:
        return Lack.CONFIG
    total = None if is_quantized(config) else parameters(info)
    if total is None:
        return Lack.COUNT
    try:
        return Architecture(**found, params_total=total)
    except ValidationError:
        return Lack.CONFIG
