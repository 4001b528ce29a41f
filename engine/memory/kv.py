"""The KV cache: bytes per token and GPU by kind of attention. Integers only.

Sources: multi-head, grouped and multi-query attention keep a key and a value per layer and KV head;
multi-head latent attention keeps one compressed vector and its rotary part (DeepSeek-V2,
arxiv.org/abs/2405.04434, section 2.1); windowed layers need no more than their window; linear and
recurrent layers keep a state that does not grow.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.contract import Architecture, Attention, KvDtype

ELEMENT: Mapping[KvDtype, tuple[int, int]] = {
    KvDtype.auto: (2, 1),
    KvDtype.bf16: (2, 1),
    KvDtype.fp8: (1, 1),
    KvDtype.q8_0: (34, 32),
    KvDtype.q4_0: (18, 32),
}
"""Bytes of an element as a fraction: ggml's q8_0 and q4_0 hold 32 numbers in 34 and 18 bytes."""


@dataclass(frozen=True, slots=True)
class KvShape:
    """Elements of the cache on one GPU: per token in full layers, in windowed ones, and fixed."""

    full: int
    windowed: int
    window: int
    fixed: int

    def per_token(self, kv_dtype: KvDtype) -> int:
        """Bytes that one more token adds where no window saves any."""
        return _bytes(self.full + self.windowed, kv_dtype)

    def most(self, tokens: int, kv_dtype: KvDtype) -> int:
        """Bytes of one sequence when every layer keeps all of it, as paged caches reserve."""
        return _bytes((self.full + self.windowed) * tokens, kv_dtype) + self.fixed

    def least(self, tokens: int, kv_dtype: KvDtype) -> int:
        """Bytes of one sequence when windowed layers keep their window only."""
        kept = self.full * tokens + self.windowed * min(tokens, self.window)
        return _bytes(kept, kv_dtype) + self.fixed


def kv_shape(shape: Architecture, gpus: int = 1, *, tensor: bool = True) -> KvShape | None:
    """The cache of a model on each of `gpus`; None for attention nobody has described.

    Tensor parallelism splits heads, at least one per GPU, and repeats what has no heads; otherwise
    the layers are split.
    """
    layers, fixed = shape.layers, 0
    match shape.attention:
        case Attention.unknown:
            return None
        case Attention.mla if shape.mla is not None:
            element = shape.mla.kv_lora_rank + shape.mla.rope_dim
            return _split(element * layers, 0, 0, 0, 1 if tensor else gpus)
        case Attention.hybrid if shape.linear is not None:
            layers -= min(shape.linear.layers, layers)
            fixed = shape.linear.layers * shape.linear.state_bytes
        case Attention.gqa:
            pass
        case _:
            return None
    heads = -(-shape.kv_heads // gpus) if tensor else shape.kv_heads
    element = 2 * heads * shape.head_dim
    windowed = min(shape.sliding.layers, layers) if shape.sliding else 0
    window = shape.sliding.window if shape.sliding else 0
    full = element * (layers - windowed)
    return _split(full, element * windowed, window, fixed, 1 if tensor else gpus)


def _split(full: int, windowed: int, window: int, fixed: int, gpus: int) -> KvShape:
    return KvShape(-(-full // gpus), -(-windowed // gpus), window, -(-fixed // gpus))


def _bytes(elements: int, kv_dtype: KvDtype) -> int:
    parts, of = ELEMENT[kv_dtype]
    return -(-elements * parts // of)
