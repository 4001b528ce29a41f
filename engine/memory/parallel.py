"""Tensor parallelism: over how many GPUs the attention of a model can be split.

vLLM and SGLang give every GPU the same number of query heads, and of key heads either the same
number or, where there are fewer of these than GPUs, a copy of one (vllm/config/model.py and
model_executor/models/qwen2.py; sglang alike). Query heads are a multiple of the key heads, and how
many there are is no part of the shape: it is d_model / head_dim, as in nearly all models.
"""

from engine.contract import Architecture, Attention


def parallel(gpus: int, shape: Architecture | None = None) -> int:
    """The largest power of two, at most `gpus`, over which a model can be split."""
    count = 1 << (gpus.bit_length() - 1)
    while shape is not None and count > 1 and not _divides(count, shape):
        count //= 2
    return count


def _divides(count: int, shape: Architecture) -> bool:
    """Latent attention has no key heads to split, and far more query heads than GPUs."""
    if shape.attention is Attention.mla or shape.kv_heads < 1 or shape.head_dim < 1:
        return True
    if shape.kv_heads % count == 0:
        return True
    return count % shape.kv_heads == 0 and shape.d_model // shape.head_dim % count == 0
