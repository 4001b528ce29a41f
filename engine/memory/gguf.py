"""Sizes of GGUF files: which tensors llama.cpp's quantizer keeps in which block type.

The mixes are the rules of `llama_tensor_get_type` in llama.cpp (github.com/ggml-org/llama.cpp,
src/llama-quant.cpp); they give its published sizes of Llama-3.1-8B to four digits. The rules change
over time, so an older file may differ. Bits are ten-thousandths per weight.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.contract import Architecture

_BITS: Mapping[str, int] = {
    "Q2_K": 26_250,
    "Q3_K": 34_375,
    "Q4_K": 45_000,
    "Q5_K": 55_000,
    "Q6_K": 65_625,
    "Q8_0": 85_000,
    "Q4_0": 45_000,
    "IQ4_NL": 45_000,
    "IQ4_XS": 42_500,
    "F32": 320_000,
}
"""Bits per weight of a block type, scales included."""

FLAT: Mapping[str, int] = {
    "IQ1_S": 20_042,
    "IQ1_M": 21_460,
    "IQ2_XXS": 23_824,
    "IQ2_XS": 25_882,
    "IQ2_S": 27_403,
    "IQ2_M": 29_294,
    "IQ3_XXS": 32_548,
    "IQ3_XS": 34_977,
    "IQ3_S": 36_606,
    "IQ3_M": 37_628,
    "Q2_K_S": 29_697,
}
"""Published bits per weight of Llama-3.1-8B (llama.cpp, tools/quantize/README.md): no mix known."""

_UNKNOWN_SHAPE: Mapping[str, int] = {"Q4_K_M": 48_500, "Q8_0": 85_000}
"""Bits of a file whose mix is not worked out, as for mixtures of experts: published averages."""

_FEW_GROUPS = 4
"""Query heads per key head from which attn_v is small enough to be kept better."""

_WIDE = (80, 8192)
"""Layers and width of the 70B models, whose attn_v Q4_K becomes Q5_K."""


@dataclass(frozen=True, slots=True)
class _Layers:
    """How many of `total` layers each rule lifts."""

    total: int
    grouped: bool

    @property
    def more(self) -> int:
        """Layers that the quantizer calls *more bits*: both ends, and each third between."""
        first, last = self.total // 8, 7 * self.total // 8
        return first + (self.total - last) + len(range(first + 2, last, 3))


Part = Callable[[_Layers], Mapping[str, int]]
"""Block type to number of layers; what is left over takes the file's base type."""


@dataclass(frozen=True, slots=True)
class _Mix:
    """A file type: its base, its output matrix, and what is kept better in which layers."""

    base: str
    output: str = "Q6_K"
    attn_v: Part = lambda _: {}
    ffn_down: Part = lambda _: {}
    attn_output: Part = lambda _: {}


MIXES: Mapping[str, _Mix] = {
    "Q8_0": _Mix("Q8_0", output="Q8_0"),
    "Q6_K": _Mix("Q6_K"),
    "Q5_K_M": _Mix("Q5_K", attn_v=lambda n: {"Q6_K": n.more}, ffn_down=lambda n: {"Q6_K": n.more}),
    "Q5_K_S": _Mix("Q5_K"),
    "Q4_K_M": _Mix("Q4_K", attn_v=lambda n: {"Q6_K": n.more}, ffn_down=lambda n: {"Q6_K": n.more}),
    "Q4_K_S": _Mix(
        "Q4_K",
        attn_v=lambda n: {"Q5_K": min(4, n.total)},
        ffn_down=lambda n: {"Q5_K": n.total // 8},
    ),
    "Q4_0": _Mix("Q4_0"),
    "IQ4_XS": _Mix(
        "IQ4_XS",
        attn_v=lambda n: {"Q5_K": n.total} if n.grouped else {},
        ffn_down=lambda n: {"Q5_K": n.total // 8},
    ),
    "Q3_K_M": _Mix(
        "Q3_K",
        attn_v=lambda n: {"Q5_K": min(2, n.total), "Q4_K": n.total - min(2, n.total)},
        ffn_down=lambda n: {"Q5_K": n.total // 16, "Q4_K": n.total - n.total // 16},
        attn_output=lambda n: {"Q4_K": n.total},
    ),
    "Q2_K": _Mix(
        "Q2_K",
        attn_v=lambda n: {"Q4_K" if n.grouped else "Q3_K": n.total},
        ffn_down=lambda n: {"Q3_K": n.total},
        attn_output=lambda n: {"Q3_K": n.total},
    ),
}


def flat_bytes(params: int, scheme: str) -> int | None:
    """Every weight at the same width; None for a file whose average nobody published."""
    bits = FLAT.get(scheme) or _UNKNOWN_SHAPE.get(scheme)
    return None if bits is None else params * bits // 80_000


def mixed_bytes(shape: Architecture, scheme: str) -> int:
    """Bytes of a dense model's file: output matrix, lifted tensors, norms in F32, the rest."""
    mix, layers = MIXES[scheme], _Layers(shape.layers, _grouped_queries(shape))
    output = shape.vocab * shape.d_model
    norms = (2 * shape.layers + 1) * shape.d_model
    bits = output * _BITS[mix.output] + norms * _BITS["F32"]
    counted = output + norms
    parts = (
        (shape.d_model * shape.kv_heads * shape.head_dim, _lifted_v(mix, layers, shape)),
        (shape.d_model * shape.intermediate, mix.ffn_down(layers)),
        (shape.d_model**2, mix.attn_output(layers)),
    )
    for size, lifted in parts:
        for block, count in lifted.items():
            bits += size * count * _BITS[block]
            counted += size * count
    return (bits + max(shape.params_total - counted, 0) * _BITS[mix.base]) // 80_000


def _grouped_queries(shape: Architecture) -> bool:
    """Query heads are not part of the shape: d_model / head_dim of them, as nearly all models."""
    return shape.d_model // shape.head_dim // shape.kv_heads >= _FEW_GROUPS


def _lifted_v(mix: _Mix, layers: _Layers, shape: Architecture) -> Mapping[str, int]:
    lifted = dict(mix.attn_v(layers))
    if mix.base == "Q4_K" and (shape.layers, shape.d_model) == _WIDE:
        left = layers.total - sum(lifted.values())
        lifted["Q5_K"] = lifted.get("Q5_K", 0) + left
    return lifted
