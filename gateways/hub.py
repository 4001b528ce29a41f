"""The Hugging Face Hub, or a mirror that speaks as it does: what it knows of a model.

Two reads: `/api/models/{repo}` for commit, licence and parameter count, then that commit's
`config.json`. Whatever goes wrong is an answer of `bot.domain.hub`, never an error to the caller.
The client is bound to one address and follows no redirect; its token goes nowhere else.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from pydantic import ValidationError

from bot.domain.architecture import NotAConfig, config_of, is_quantized, shapes
from bot.domain.hub import Facts, Found, HubAnswer, Lack, Refusal, Renamed, Unreachable
from engine.contract import Architecture, Attention
from gateways.outgoing import NotPublic

PATIENCE = timedelta(seconds=5)
"""For both reads together."""

MAX_BYTES = 1_000_000
"""Of one answer. Real ones have some ten thousand."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+()/-]{0,99}")
_NAMELESS = frozenset({"", "other", "unknown"})
_MODEL = re.compile(r"/api/models/([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(/.*)?", re.A)
_MOVED = frozenset({301, 302, 303, 307, 308})
_CLOSED = frozenset({401, 403})
_BAD_TOKEN = "Invalid credentials in Authorization header"  # noqa: S105  # the Hub's words
_PACKED = frozenset({"I8", "U8", "I16", "U16", "I32", "U32", "I64", "U64"})
"""Element types in which several quantized weights share one element."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One answer, read to its end."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: httpx.URL


class _Unusable(Exception):
    """The answer is not the Hub's, or not to be used; `args[0]` is the reason in one word."""


_TROUBLES = (TimeoutError, _Unusable, httpx.HTTPError)


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
                said = await _get(self._client, "/api/models?limit=1")
            if said.status != httpx.codes.OK:
                return str(_refused(said))
            return "ok" if isinstance(_json(said), list) else "not_the_hub"
        except _TROUBLES as error:
            failed = _failed(error)
            return failed.reason if isinstance(failed, Unreachable) else failed

    async def _facts(self, client: httpx.AsyncClient, repo: str, revision: str | None) -> HubAnswer:
        at = f"/revision/{revision}" if revision else ""
        said = await _get(client, f"/api/models/{repo}{at}")
        if said.status in _MOVED:
            return _renamed(said, client.base_url)
        if said.status != httpx.codes.OK:
            return _refused(said)
        info = _json(said)
        if not isinstance(info, dict):
            raise _Unusable("not_the_hub")
        commit = _commit(info.get("sha")) or revision
        config = await _config(client, repo, commit or "main")
        shape = config if isinstance(config, Lack) else _shape(config, info)
        return _found(commit, _licence(info), shape)


def _failed(error: Exception) -> Refusal | Unreachable:
    if isinstance(error, NotPublic):
        return Refusal.PRIVATE
    if isinstance(error, TimeoutError):
        return Unreachable("timeout")
    return Unreachable(str(error) if isinstance(error, _Unusable) else type(error).__name__)


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
    said = await _get(client, f"/{repo}/resolve/{commit}/config.json")
    if said.status in _MOVED:
        cached = _target(said)
        if not _is_at(client.base_url, cached):
            return Lack.CONFIG
        said = await _get(client, cached)
    if said.status in _CLOSED:
        return Lack.GATED
    if said.status == httpx.codes.NOT_FOUND or said.status in _MOVED:
        return Lack.CONFIG
    if said.status != httpx.codes.OK:
        raise _Unusable(f"http_{said.status}")
    return said.body.decode("utf-8", "replace")


def _shape(text: str, info: Mapping[str, Any]) -> Architecture | Lack:
    try:
        config = config_of(text)
        found = shapes(config)
    except NotAConfig:
        return Lack.CONFIG
    total = None if is_quantized(config) else _parameters(info)
    if total is None:
        return Lack.COUNT
    try:
        return Architecture(**found, params_total=total)
    except ValidationError:
        return Lack.CONFIG


def _parameters(info: Mapping[str, Any]) -> int | None:
    """Stored elements are parameters, unless a type says that several share one."""
    tensors = _mapping(info.get("safetensors"))
    total, types = tensors.get("total"), _mapping(tensors.get("parameters"))
    if not isinstance(total, int) or isinstance(total, bool) or not 0 < total < 10**14:
        return None
    return None if _PACKED & types.keys() else total


def _licence(info: Mapping[str, Any]) -> str | None:
    """The licence's id; the name its authors gave it where the Hub has none of its own."""
    card = _mapping(info.get("cardData"))
    tags = info.get("tags")
    tagged = [t for t in tags if isinstance(t, str)] if isinstance(tags, list) else []
    named = [t.removeprefix("license:") for t in tagged if t.startswith("license:")]
    licence = card.get("license") or (named[0] if len(named) == 1 else "")
    if isinstance(licence, str) and licence.strip().lower() in _NAMELESS:
        licence = card.get("license_name")
    text = " ".join(licence.split()) if isinstance(licence, str) else ""
    usable = _LICENCE.fullmatch(text) and text.lower() not in _NAMELESS
    return text if usable else None


def _renamed(said: _Said, base: httpx.URL) -> Renamed:
    target = _target(said)
    if not _is_at(base, target):
        raise _Unusable("redirect")
    named = _MODEL.fullmatch(target.path.removeprefix(base.path.rstrip("/")))
    return Renamed(named[1] if named else None)


def _refused(said: _Said) -> Refusal:
    """Why there is no answer. Without a token the Hub says 401 for what does not exist."""
    code, message = said.headers.get("x-error-code"), said.headers.get("x-error-message")
    speaks = code or "json" in said.headers.get("content-type", "")
    if said.status not in (*_CLOSED, httpx.codes.NOT_FOUND) or not speaks:
        raise _Unusable(f"http_{said.status}")
    if _BAD_TOKEN in (message or said.body.decode("utf-8", "replace")):
        return Refusal.TOKEN
    return Refusal.NO_REVISION if code == "RevisionNotFound" else Refusal.MISSING


async def _get(client: httpx.AsyncClient, url: str | httpx.URL) -> _Said:
    """One answer as it came over the wire, at most a megabyte of it."""
    async with client.stream("GET", url) as answer:
        body = b""
        async for part in answer.aiter_raw():
            body += part
            if len(body) > MAX_BYTES:
                raise _Unusable("too_large")
        return _Said(answer.status_code, answer.headers, body, answer.url)


def _json(said: _Said) -> Any:
    try:
        return json.loads(said.body)
    except (ValueError, RecursionError):
        raise _Unusable("not_the_hub") from None


def _target(said: _Said) -> httpx.URL:
    """Where a redirect leads; never back to where it came from."""
    try:
        target = said.url.join(said.headers.get("location", ""))
    except (httpx.InvalidURL, ValueError):
        raise _Unusable("redirect") from None
    if target == said.url:
        raise _Unusable("redirect")
    return target


def _is_at(base: httpx.URL, url: httpx.URL) -> bool:
    """Whether an address is below ours: scheme, host and port, and the start of the path."""
    ours = (base.scheme, base.host, base.port) == (url.scheme, url.host, url.port)
    return ours and not url.userinfo and url.path.startswith(base.path.rstrip("/") + "/")


def _commit(value: object) -> str | None:
    return value if isinstance(value, str) and _COMMIT.fullmatch(value) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
