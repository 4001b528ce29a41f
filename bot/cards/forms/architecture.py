"""A model's shape out of its `config.json`, for a model outside the catalogue.

Key names are those of Hugging Face configurations; several spell the same thing, the first wins.
"""

import json
from collections.abc import Mapping
from typing import Any

from bot.cards.forms.problems import Wrong

_KEYS: Mapping[str, tuple[str, ...]] = {
    "layers": ("num_hidden_layers", "n_layer", "num_layers"),
    "kv_heads": ("num_key_value_heads", "num_attention_heads", "n_head"),
    "d_model": ("hidden_size", "n_embd", "d_model"),
    "intermediate": ("intermediate_size", "n_inner", "ffn_hidden_size"),
    "vocab": ("vocab_size",),
    "native_context": ("max_position_embeddings", "n_positions", "max_sequence_length"),
}
_EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts")
_HEADS = ("num_attention_heads", "n_head")


def shapes(text: str) -> dict[str, Any]:
    """The fields of `Architecture` except its parameter count.

    Raises `Wrong` `config_json` for text that is not a JSON object, `config_key` naming what a
    configuration lacks. Attention that needs more than these keys is left `unknown`.
    """
    try:
        config = json.loads(text)
    except (ValueError, RecursionError):
        raise Wrong("config_json") from None
    if not isinstance(config, dict):
        raise Wrong("config_json")
    config = {**config, **_inner(config)}
    found: dict[str, Any] = {name: _needed(config, keys) for name, keys in _KEYS.items()}
    found["head_dim"] = _count(config, ("head_dim",)) or found["d_model"] // _needed(config, _HEADS)
    tied = config.get("tie_word_embeddings")
    found["tied"] = tied if isinstance(tied, bool) else None
    return {**found, **_attention(config), **_experts(config, found["intermediate"])}


def _inner(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Models that also see keep their language model's numbers in `text_config`."""
    inner = config.get("text_config")
    return inner if isinstance(inner, Mapping) else {}


def _attention(config: Mapping[str, Any]) -> dict[str, Any]:
    rank, rope = _count(config, ("kv_lora_rank",)), _count(config, ("qk_rope_head_dim",))
    if rank and rope:
        return {"attention": "mla", "mla": {"kv_lora_rank": rank, "rope_dim": rope}}
    kinds = config.get("layer_types")
    windowed = kinds.count("sliding_attention") if isinstance(kinds, list) else 0
    window = _count(config, ("sliding_window",))
    if window and windowed:
        return {"attention": "gqa", "sliding": {"window": window, "layers": windowed}}
    known = not isinstance(kinds, list) or set(map(str, kinds)) <= {"full_attention"}
    return {"attention": "gqa" if known else "unknown"}


def _experts(config: Mapping[str, Any], intermediate: int) -> dict[str, Any]:
    experts = _count(config, _EXPERTS)
    active = _count(config, ("num_experts_per_tok", "experts_per_token"))
    if not (experts and active):
        return {}
    size = _count(config, ("moe_intermediate_size",)) or intermediate
    return {"moe": {"experts": experts, "active": active, "expert_intermediate": size}}


def _needed(config: Mapping[str, Any], keys: tuple[str, ...]) -> int:
    found = _count(config, keys)
    if not found:
        raise Wrong("config_key", keys[0])
    return found


def _count(config: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    for key in keys:
        value = config.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None
