"""Shapes of models to size: a plain one of eight billion parameters, and shapes of any kind."""

from typing import Any

from hypothesis import strategies as st

from engine.contract import Architecture, Attention, Linear, Mla, Moe, Sliding


def shape(**changes: Any) -> Architecture:
    """Llama-3.1-8B unless the changes say otherwise."""
    plain: dict[str, Any] = {
        "attention": Attention.gqa,
        "layers": 32,
        "kv_heads": 8,
        "head_dim": 128,
        "d_model": 4096,
        "intermediate": 14336,
        "vocab": 128256,
        "tied": False,
        "native_context": 131072,
        "params_total": 8_030_261_248,
    }
    return Architecture.model_validate(plain | changes)


def any_shape() -> st.SearchStrategy[Architecture]:
    """Every kind of attention, with windows and experts or without."""
    sizes = {
        "layers": st.integers(1, 130),
        "kv_heads": st.integers(1, 128),
        "head_dim": st.sampled_from([64, 80, 128, 256]),
        "d_model": st.integers(256, 20_000),
        "intermediate": st.integers(256, 60_000),
        "vocab": st.integers(1000, 300_000),
        "params_total": st.integers(10**8, 10**12),
    }
    kinds = {
        "attention": st.sampled_from(Attention),
        "tied": st.sampled_from([True, False, None]),
        "sliding": st.none()
        | st.builds(Sliding, window=st.integers(1, 8192), layers=st.integers(1, 130)),
        "mla": st.none() | st.just(Mla(kv_lora_rank=512, rope_dim=64)),
        "moe": st.none()
        | st.builds(
            Moe,
            experts=st.integers(1, 256),
            active=st.just(1),
            expert_intermediate=st.integers(1, 20_000),
        ),
        "linear": st.none()
        | st.builds(Linear, layers=st.integers(1, 130), state_bytes=st.integers(0, 10**8)),
    }
    return st.fixed_dictionaries({**sizes, **kinds}).map(lambda values: shape(**values))
