"""What a repository's information on the Hub means: commit, licence, parameters, model card."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.domain.model_card import ModelCard
from gateways.hub_wire import Unusable

_COMMIT = re.compile(r"[0-9a-f]{40}")
_LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+()/-]{0,99}")
_NAMELESS = frozenset({"", "other", "unknown"})
_PACKED = frozenset({"I8", "U8", "I16", "U16", "I32", "U32", "I64", "U64"})
"""Element types in which several quantized weights share one element."""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,34}", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_CAUTIONS = frozenset({"abliterated", "custom_code", "not-for-all-audiences", "uncensored"})
"""Tags that somebody who runs a model should have read."""
_CONTEXT = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length")
LANGUAGES = 200
LINK = 500


def commit_of(value: object) -> str | None:
    """A whole commit hash; a branch or an abbreviation is none."""
    return value if isinstance(value, str) and _COMMIT.fullmatch(value) else None


def licence_of(info: Mapping[str, Any]) -> str | None:
    """The licence's id; the name its authors gave it where the Hub has none of its own."""
    card = mapping(info.get("cardData"))
    tags = info.get("tags")
    tagged = [t for t in tags if isinstance(t, str)] if isinstance(tags, list) else []
    named = [t.removeprefix("license:") for t in tagged if t.startswith("license:")]
    licence = card.get("license") or (named[0] if len(named) == 1 else "")
    if isinstance(licence, str) and licence.strip().lower() in _NAMELESS:
        licence = card.get("license_name")
    text = " ".join(licence.split()) if isinstance(licence, str) else ""
    usable = _LICENCE.fullmatch(text) and text.lower() not in _NAMELESS
    return text if usable else None


def parameters(info: Mapping[str, Any]) -> int | None:
    """Stored elements are parameters, unless a type says that several share one."""
    tensors = mapping(info.get("safetensors"))
    total, types = tensors.get("total"), mapping(tensors.get("parameters"))
    if not isinstance(total, int) or isinstance(total, bool) or not 0 < total < 10**14:
        return None
    return None if _PACKED & types.keys() else total


def mapping(value: object) -> Mapping[str, Any]:
    """A mapping, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class CardSource:
    """What the Hub said of a repository, field by field; nothing of it has been checked."""

    repo: object
    commit: object
    data: Mapping[str, Any]
    tags: object = None
    config: object = None
    gguf: object = None
    safetensors: object = None
    gated: bool = False
    changed: datetime | None = None


def card_of(said: CardSource, hub: str, revision: str | None) -> ModelCard:
    """The model card in what a hub said. Raises `Unusable` without a name or a commit."""
    commit = commit_of(said.commit) or commit_of(revision)
    if not isinstance(said.repo, str) or not _NAME.fullmatch(said.repo) or commit is None:
        raise Unusable("not_the_hub")
    files = f"{hub}/{said.repo}/blob/{commit}"
    tags = _words(said.tags)
    info = {"cardData": said.data, "tags": said.tags, "safetensors": said.safetensors}
    return ModelCard(
        repo=said.repo,
        revision=commit,
        page=f"{files}/README.md",
        license_id=licence_of(info),
        license_link=_link(said.data.get("license_link"), files),
        languages=_words(said.data.get("language"))[:LANGUAGES],
        context_length=_context(said),
        parameters=parameters(info) or _count(mapping(said.gguf).get("total")),
        gated=said.gated,
        cautions=tuple(sorted(_CAUTIONS.intersection(tags))),
        last_modified=said.changed.date() if said.changed else None,
    )


def _context(said: CardSource) -> int | None:
    config = mapping(said.config)
    named = [mapping(said.gguf).get("context_length"), *(config.get(n) for n in _CONTEXT)]
    return next((n for n in map(_count, named) if n), None)


def _count(value: object) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**14
    return value if isinstance(value, int) and fits else None


def _words(value: object) -> tuple[str, ...]:
    """Plain words: language codes, tags."""
    listed = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(w for w in listed if isinstance(w, str) and _WORD.fullmatch(w)))


def _link(value: object, files: str) -> str | None:
    """Where the licence can be read: an https address, or a file of the repository."""
    if not isinstance(value, str) or len(value) > LINK:
        return None
    if _FILE.fullmatch(value):
        return f"{files}/{value}"
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    plain = value.isascii() and value.isprintable() and not set(value) & set(' <>|\\"')
    return (
        value
        if parts.scheme == "https" and parts.hostname and not parts.username and plain
        else None
    )
