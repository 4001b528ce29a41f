"""Shapes out of a `config.json`: the families people use, and what is left unknown."""

import json
from typing import Any

import pytest

from bot.domain.architecture import NotAConfig, config_of, is_quantized, shapes
from engine.contract import Architecture

QWEN2_5 = {
    "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 3584,
    "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
    "num_key_value_heads": 4, "max_position_embeddings": 32768, "max_window_layers": 28,
    "sliding_window": 131072, "use_sliding_window": False, "tie_word_embeddings": False,
    "vocab_size": 152064,
}  # fmt: skip
QWEN3 = {
    "model_type": "qwen3", "hidden_size": 4096, "intermediate_size": 12288, "head_dim": 128,
    "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8,
    "max_position_embeddings": 40960, "max_window_layers": 36, "sliding_window": None,
    "use_sliding_window": False, "tie_word_embeddings": False, "vocab_size": 151936,
}  # fmt: skip
LLAMA3_1 = {
    "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336,
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "max_position_embeddings": 131072, "rope_scaling": {"factor": 8.0, "rope_type": "llama3"},
    "tie_word_embeddings": False, "vocab_size": 128256,
}  # fmt: skip
GEMMA3 = {
    "architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3",
    "text_config": {
        "model_type": "gemma3_text", "hidden_size": 5376, "intermediate_size": 21504,
        "head_dim": 128, "num_hidden_layers": 62, "num_attention_heads": 32,
        "num_key_value_heads": 16, "max_position_embeddings": 131072, "sliding_window": 1024,
        "sliding_window_pattern": 6, "vocab_size": 262208,
    },
    "vision_config": {"hidden_size": 1152, "num_hidden_layers": 27, "image_size": 896},
}  # fmt: skip
GPT_OSS = {
    "model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "head_dim": 64,
    "num_hidden_layers": 24, "num_attention_heads": 64, "num_key_value_heads": 8,
    "num_local_experts": 32, "num_experts_per_tok": 4, "experts_per_token": 4,
    "layer_types": ["sliding_attention", "full_attention"] * 12, "sliding_window": 128,
    "max_position_embeddings": 131072, "tie_word_embeddings": False, "vocab_size": 201088,
    "quantization_config": {"quant_method": "mxfp4"},
}  # fmt: skip
DEEPSEEK_V3 = {
    "model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432,
    "num_hidden_layers": 61, "num_attention_heads": 128, "num_key_value_heads": 128,
    "kv_lora_rank": 512, "q_lora_rank": 1536, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128,
    "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8,
    "moe_intermediate_size": 2048, "max_position_embeddings": 163840,
    "tie_word_embeddings": False, "vocab_size": 129280,
    "quantization_config": {"quant_method": "fp8"},
}  # fmt: skip
MIXTRAL = {
    "model_type": "mixtral", "hidden_size": 4096, "intermediate_size": 14336,
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "num_local_experts": 8, "num_experts_per_tok": 2, "sliding_window": None,
    "max_position_embeddings": 32768, "tie_word_embeddings": False, "vocab_size": 32000,
}  # fmt: skip
WITH_MAMBA = {
    **LLAMA3_1, "model_type": "bamba", "attn_layer_indices": [9, 18, 27],
    "mamba_d_state": 128, "mamba_n_heads": 128,
}  # fmt: skip
ONLY_MAMBA = {
    "model_type": "mamba", "hidden_size": 2560, "state_size": 16, "num_hidden_layers": 64,
    "time_step_rank": 160, "vocab_size": 50280,
}  # fmt: skip


def shape(config: dict[str, Any]) -> dict[str, Any]:
    """As it goes on a card, without what is not given."""
    made = Architecture(**shapes(config_of(json.dumps(config))), params_total=8_000_000_000)
    return made.model_dump(mode="json", exclude_none=True)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (QWEN2_5, {"attention": "gqa", "layers": 28, "kv_heads": 4, "head_dim": 128,
                   "d_model": 3584, "intermediate": 18944, "vocab": 152064, "tied": False,
                   "native_context": 32768}),
        (QWEN3, {"attention": "gqa", "layers": 36, "kv_heads": 8, "head_dim": 128,
                 "d_model": 4096, "intermediate": 12288, "vocab": 151936, "tied": False,
                 "native_context": 40960}),
        (LLAMA3_1, {"attention": "gqa", "layers": 32, "kv_heads": 8, "head_dim": 128,
                    "d_model": 4096, "intermediate": 14336, "vocab": 128256, "tied": False,
                    "native_context": 131072}),
        (GEMMA3, {"attention": "gqa", "layers": 62, "kv_heads": 16, "head_dim": 128,
                  "d_model": 5376, "intermediate": 21504, "vocab": 262208,
                  "native_context": 131072, "sliding": {"window": 1024, "layers": 52}}),
        (GPT_OSS, {"attention": "gqa", "layers": 24, "kv_heads": 8, "head_dim": 64,
                   "d_model": 2880, "intermediate": 2880, "vocab": 201088, "tied": False,
                   "native_context": 131072, "sliding": {"window": 128, "layers": 12},
                   "moe": {"experts": 32, "active": 4, "expert_intermediate": 2880}}),
        (DEEPSEEK_V3, {"attention": "mla", "layers": 61, "kv_heads": 128, "head_dim": 56,
                       "d_model": 7168, "intermediate": 18432, "vocab": 129280, "tied": False,
                       "native_context": 163840, "mla": {"kv_lora_rank": 512, "rope_dim": 64},
                       "moe": {"experts": 256, "active": 8, "expert_intermediate": 2048}}),
        (MIXTRAL, {"attention": "gqa", "layers": 32, "kv_heads": 8, "head_dim": 128,
                   "d_model": 4096, "intermediate": 14336, "vocab": 32000, "tied": False,
                   "native_context": 32768,
                   "moe": {"experts": 8, "active": 2, "expert_intermediate": 14336}}),
        (WITH_MAMBA, {"attention": "unknown", "layers": 32, "kv_heads": 8, "head_dim": 128,
                      "d_model": 4096, "intermediate": 14336, "vocab": 128256, "tied": False,
                      "native_context": 131072}),
    ],
    ids=["qwen2.5", "qwen3", "llama3.1", "gemma3", "gpt-oss", "deepseek-v3", "mixtral", "bamba"],
)  # fmt: skip
def test_the_families_people_use(config: dict[str, Any], expected: dict[str, Any]) -> None:
    assert shape(config) == {**expected, "params_total": 8_000_000_000}


@pytest.mark.parametrize(
    ("extra", "layers"),
    [
        ({"use_sliding_window": False, "sliding_window": 4096}, None),
        ({"use_sliding_window": True, "sliding_window": 4096, "max_window_layers": 28}, 8),
        ({"use_sliding_window": True, "sliding_window": 4096, "max_window_layers": 36}, None),
        ({"use_sliding_window": None, "sliding_window": 4096}, None),
        ({"_sliding_window_pattern": 4, "sliding_window": 4096}, 27),
        ({"sliding_window_pattern": 1, "sliding_window": 4096}, None),
        ({"layer_types": ["full_attention"] * 36, "sliding_window": 4096}, None),
        ({"use_sliding_window": False, "layer_types": ["sliding_attention"] * 36}, None),
    ],
)
def test_a_window_counts_only_in_layers_that_are_said_to_have_it(
    extra: dict[str, Any], layers: int | None
) -> None:
    plain = {k: v for k, v in QWEN3.items() if k != "use_sliding_window"}
    found = shape({**plain, **extra})
    assert found["attention"] == "gqa"
    assert found.get("sliding", {}).get("layers") == layers


@pytest.mark.parametrize(
    "extra",
    [
        {"layer_types": ["linear_attention", "full_attention"] * 18},
        {"layer_types": ["chunked_attention"] * 36},
        {"layer_types": ["full_attention"] * 35},
        {"layer_types": "full_attention"},
        {"layer_types": ["sliding_attention"] * 36, "use_sliding_window": True},
        {"attention_chunk_size": 8192},
        {"full_attention_interval": 4},
        {"linear_attn_config": {"num_heads": 32}},
        {"hybrid_override_pattern": "M-M*-"},
        {"kv_lora_rank": 512},
        {"kv_lora_rank": 512, "qk_rope_head_dim": 64, "index_topk": 2048},
    ],
)
def test_attention_of_another_kind_is_unknown_and_never_guessed(extra: dict[str, Any]) -> None:
    assert shape({**QWEN3, **extra})["attention"] == "unknown"


def test_queries_may_share_one_head() -> None:
    old = {
        "model_type": "falcon", "hidden_size": 4544, "n_head": 71, "n_layer": 32,
        "ffn_hidden_size": 18176, "vocab_size": 65024, "max_position_embeddings": 2048,
        "multi_query": True,
    }  # fmt: skip
    assert (shape(old)["kv_heads"], shape(old)["head_dim"]) == (1, 64)
    assert shape({**old, "num_kv_heads": 8})["kv_heads"] == 8


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (json.dumps(ONLY_MAMBA), "num_key_value_heads"),
        (json.dumps({**QWEN3, "vocab_size": -5}), "vocab_size"),
        (json.dumps({**QWEN3, "num_hidden_layers": 10**30}), "num_hidden_layers"),
        (json.dumps({**QWEN3, "hidden_size": True}), "hidden_size"),
        ('{"text_config": 5}', "num_hidden_layers"),
        ("<!doctype html>", ""),
        ("[" * 5000, ""),
        ('"config"', ""),
        ('{"hidden_size": ' + "9" * 5000 + "}", ""),
    ],
)
def test_what_is_no_configuration_says_what_it_lacks(text: str, key: str) -> None:
    with pytest.raises(NotAConfig) as refused:
        shapes(config_of(text))
    assert refused.value.key == key


def test_quantized_weights_are_told_by_their_configuration() -> None:
    assert is_quantized(config_of(json.dumps(GPT_OSS)))
    assert not is_quantized(config_of(json.dumps({**QWEN3, "quantization_config": None})))
    inside = {"text_config": {**QWEN3, "quantization_config": {"bits": 4}}}
    assert is_quantized(config_of(json.dumps(inside)))
