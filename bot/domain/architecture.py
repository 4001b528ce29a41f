"""A model's shape out of its `config.json`, for a model outside the catalogue.

Key names are those of Hugging Face configurations; several spell the same thing, the first wins.
What the text does not say is not guessed: attention of another kind than the engine can count is
`unknown`, a window without its layers is no window, which asks for more memory, never for less.
"""

import json
from collections.abc import Mapping
from typing import Any

_KEYS: Mapping[str, tuple[str, ...]] = {
    "layers": ("num_hidden_layers", "n_layer", "num_layers"),
    "kv_heads": ("num_key_value_heads", "num_kv_heads", "num_attention_heads", "n_head"),
    "d_model": ("hidden_size", "n_embd", "d_model"),
    "intermediate": ("intermediate_size", "n_inner", "ffn_hidden_size"),
    "vocab": ("vocab_size",),
    "native_context": ("max_position_embeddings", "n_positions", "max_sequence_length"),
}
_EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts")
_HEADS = ("num_attention_heads", "n_head")

_FULL, _SLIDING = "full_attention", "sliding_attention"

_ANOTHER_KIND = (
    "mamba_", "ssm_", "state_size", "time_step_", "recurrent_", "rwkv", "conv_L_cache",
    "linear_attn", "linear_conv_", "linear_key_", "linear_num_", "lightning_",
    "attn_layer_", "attn_type_list", "block_types", "full_attention_interval",
    "hybrid_override_pattern", "layers_block_type",
    "attention_chunk_size", "index_topk",
)  # fmt: skip
"""How keys begin that tell of recurrent, linear, chunked or indexed layers."""

_MOST = 10**12
"""No number of a real configuration is larger."""

Config = Mapping[str, Any]
"""A configuration; of a model that also sees, its language model's numbers stand on top."""


class NotAConfig(Exception):
    """The text is no configuration of a language model. `key` is what it lacks, if that is all."""

    def __init__(self, key: str = "") -> None:
        super().__init__(key)
        self.key = key


def config_of(text: str) -> Config:
    """The configuration in a `config.json`. Raises `NotAConfig` for what is not a JSON object."""
    try:
        config = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAConfig from None
    if not isinstance(config, dict):
        raise NotAConfig
    inner = config.get("text_config")
    return {**config, **(inner if isinstance(inner, dict) else {})}


def shapes(config: Config) -> dict[str, Any]:
    """The fields of `Architecture` except its parameter count.

    Raises `NotAConfig` naming the first key that is lacking.
    """
    found: dict[str, Any] = {name: _needed(config, keys) for name, keys in _KEYS.items()}
    if config.get("multi_query") is True and not _count(config, ("num_kv_heads",)):
        found["kv_heads"] = 1
    found["head_dim"] = _count(config, ("head_dim",)) or found["d_model"] // _needed(config, _HEADS)
    tied = config.get("tie_word_embeddings")
    found["tied"] = tied if isinstance(tied, bool) else None
    attention = _attention(config, found["layers"])
    return {**found, **attention, **_experts(config, found["intermediate"])}


def is_quantized(config: Config) -> bool:
    """Whether its weights are stored quantized, so that stored elements are not parameters."""
    return bool(config.get("quantization_config") or config.get("compression_config"))


def _attention(config: Config, layers: int) -> dict[str, Any]:
    windowed = _windowed(config, layers)
    window = _count(config, ("sliding_window",))
    rank, rope = _count(config, ("kv_lora_rank",)), _count(config, ("qk_rope_head_dim",))
    if windowed is None or _is_of_another_kind(config):
        return {"attention": "unknown"}
    if rank and rope and not windowed:
        return {"attention": "mla", "mla": {"kv_lora_rank": rank, "rope_dim": rope}}
    if rank or (windowed and not window):
        return {"attention": "unknown"}
    if windowed:
        return {"attention": "gqa", "sliding": {"window": window, "layers": windowed}}
    return {"attention": "gqa"}


def _is_of_another_kind(config: Config) -> bool:
    return any(key.startswith(_ANOTHER_KIND) and bool(value) for key, value in config.items())


def _windowed(config: Config, layers: int) -> int | None:
    """How many layers look back over a window only; None where they are of a kind we do not know.

    Either each layer says so (`layer_types`), or all but every n-th do (`sliding_window_pattern`),
    or those from `max_window_layers` on; `use_sliding_window: false` ends all of it.
    """
    kinds = config.get("layer_types")
    if kinds is not None and not _are_layers(kinds, layers):
        return None
    if config.get("use_sliding_window") is False:
        return 0
    if kinds is not None:
        return int(kinds.count(_SLIDING))
    if pattern := _count(config, ("sliding_window_pattern", "_sliding_window_pattern")):
        return layers - layers // pattern
    if config.get("use_sliding_window") is True:
        return max(0, layers - (_count(config, ("max_window_layers",)) or layers))
    return 0


def _are_layers(kinds: object, layers: int) -> bool:
    known = isinstance(kinds, list) and set(map(str, kinds)) <= {_FULL, _SLIDING}
    return known and isinstance(kinds, list) and len(kinds) == layers


def _experts(config: Config, intermediate: int) -> dict[str, Any]:
    experts = _count(config, _EXPERTS)
    active = _count(config, ("num_experts_per_tok", "experts_per_token"))
    if not (experts and active):
        return {}
    size = _count(config, ("moe_intermediate_size",)) or intermediate
    return {"moe": {"experts": experts, "active": active, "expert_intermediate": size}}


def _needed(config: Config, keys: tuple[str, ...]) -> int:
    found = _count(config, keys)
    if not found:
        raise NotAConfig(keys[0])
    return found


def _count(config: Config, keys: tuple[str, ...]) -> int | None:
    for key in keys:
        value = config.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST:
            return value
    return None
