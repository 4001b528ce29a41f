"""Bytes of a model's weights in each weight format, from its shapes. Integers only.

Bit widths are ten-thousandths of a bit. Formats with a group of 128 weights per scale keep their
embeddings at two bytes; a GGUF file is a mix of block types, see `engine.memory.gguf`.
"""

from collections.abc import Mapping

from engine.contract import Architecture
from engine.memory.gguf import FLAT, MIXES, flat_bytes, mixed_bytes

TEN_THOUSANDTHS = 80_000
"""Ten-thousandths of a bit in a byte."""

PLAIN: Mapping[str, int] = {"F32": 4, "BF16": 2, "FP16": 2}
"""Bytes per parameter where every tensor has the same type."""

GROUPED: Mapping[str, int] = {
    "GPTQ-Int8": 81_560,
    "GPTQ-Int4": 41_560,
    "AWQ": 41_560,
    "INT4": 41_560,
    "FP8": 80_000,
    "W8A8": 80_000,
    "FP4": 42_500,
}
"""Bits of all but the embeddings, which stay at two bytes.

Integer formats carry a 16-bit scale and a zero point per 128 weights (0.156 bits); FP4 a scale per
block (0.25 bits). Measured against the Qwen2.5 and Qwen3 speed tables, see docs/engine.md.
"""

MXFP4_EXPERTS = 42_500
"""Bits of an expert's weights in MXFP4: blocks of 32 four-bit numbers share an eight-bit scale."""

SCHEMES = (*PLAIN, *GROUPED, "MXFP4", *MIXES, *FLAT)


def is_gguf(scheme: str) -> bool:
    """Whether the format is a GGUF file, which llama.cpp and Ollama run."""
    return scheme in MIXES or scheme in FLAT


def weight_bytes(shape: Architecture, scheme: str) -> int | None:
    """Bytes of all tensors as expected; None where the format says nothing for this shape.

    Mixtures of experts keep all their experts in memory, not only the active ones.
    """
    return _bytes(shape, scheme, copies=1 if shape.tied else 2)


def least_weight_bytes(shape: Architecture, scheme: str) -> int | None:
    """The lower end: an unknown `tied` counts the embedding once here, twice in `weight_bytes`."""
    return _bytes(shape, scheme, copies=2 if shape.tied is False else 1)


def _bytes(shape: Architecture, scheme: str, copies: int) -> int | None:
    params = shape.params_total
    if scheme in PLAIN:
        return PLAIN[scheme] * params
    if scheme in GROUPED:
        return _grouped(shape, scheme, copies)
    if scheme == "MXFP4":
        return _mxfp4(shape)
    if scheme in FLAT or shape.moe is not None or shape.attention != "gqa":
        return flat_bytes(params, scheme)
    return mixed_bytes(shape, scheme)


def _grouped(shape: Architecture, scheme: str, copies: int) -> int:
    """2·E + (P - E)·bits/8; an FP8 file of a tied model holds a second head of two bytes each."""
    once = shape.vocab * shape.d_model
    embedded = min(once * copies, shape.params_total)
    second_head = 2 * once if scheme == "FP8" and shape.tied else 0
    rest = (shape.params_total - embedded) * GROUPED[scheme] // TEN_THOUSANDTHS
    return 2 * embedded + rest + second_head


def _mxfp4(shape: Architecture) -> int | None:
    """Experts at 4.25 bits, everything else at two bytes (the published gpt-oss files)."""
    if shape.moe is None:
        return None
    moe = shape.moe
    experts = shape.layers * moe.experts * 3 * shape.d_model * moe.expert_intermediate
    experts = min(experts, shape.params_total)
    return experts * MXFP4_EXPERTS // TEN_THOUSANDTHS + 2 * (shape.params_total - experts)


def pure_bits(params: int, bits: int) -> int:
    """Parameters times bits (ten-thousandths): how vendors' rules of thumb count."""
    return params * bits // TEN_THOUSANDTHS
