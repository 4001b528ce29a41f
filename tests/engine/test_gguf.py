"""Sizes of GGUF files: which tensors a quantizer keeps better, layer by layer."""

import pytest

from engine.contract import Attention, Moe
from engine.memory.gguf import FLAT, MIXES
from engine.memory.schemes import is_gguf, weight_bytes
from tests.engine.shapes import shape

PUBLISHED_BITS = {
    "Q2_K": 31_593,
    "IQ4_XS": 44_597,
    "Q4_K_S": 46_672,
    "Q5_K_S": 55_704,
    "Q6_K": 65_633,
    "Q8_0": 85_008,
}
"""Bits per weight of Llama-3.1-8B in ten-thousandths (llama.cpp, tools/quantize/README.md)."""


def size(scheme: str, **changes: object) -> int:
    found = weight_bytes(shape(**changes), scheme)
    assert found is not None
    return found


def lifted(layers: int) -> int:
    """Layers with more bits, by the rule's own words: both ends and every third between."""
    first, last = layers // 8, 7 * layers // 8
    return sum(i < first or i >= last or (i - first) % 3 == 2 for i in range(layers))


@pytest.mark.parametrize("scheme", PUBLISHED_BITS)
def test_published_bits_of_llama_to_four_digits(scheme: str) -> None:
    bits = size(scheme) * 80_000 / 8_030_261_248
    assert abs(bits - PUBLISHED_BITS[scheme]) < 10


@pytest.mark.parametrize("layers", [1, 7, 8, 16, 28, 32, 36, 48, 61, 64, 126])
def test_medium_files_lift_the_layers_of_the_rule(layers: int) -> None:
    made = {"layers": layers, "params_total": 10**12}
    per_layer = 4096 * 8 * 128 + 4096 * 14336
    more = size("Q5_K_M", **made) - size("Q5_K_S", **made)
    assert abs(more - lifted(layers) * per_layer * (65_625 - 55_000) // 80_000) <= 1


def test_seventy_billion_models_lift_all_their_values() -> None:
    wide = {"layers": 80, "d_model": 8192, "params_total": 70 * 10**9}
    left = 80 - lifted(80)
    plain = size("Q4_K_M", **wide | {"d_model": 8192 + 128})
    values = left * 8192 * 8 * 128 * (55_000 - 45_000) // 80_000
    without = _by_hand(80, 8192, 70 * 10**9)
    assert abs(size("Q4_K_M", **wide) - without - values) <= 1
    assert abs(plain - _by_hand(80, 8192 + 128, 70 * 10**9)) <= 1


def _by_hand(layers: int, width: int, params: int) -> int:
    """A Q4_K_M file without the rule for wide models, in bytes."""
    output, norms = 128256 * width, (2 * layers + 1) * width
    more = lifted(layers) * (width * 8 * 128 + width * 14336)
    rest = params - output - norms - more
    return ((output + more) * 65_625 + norms * 320_000 + rest * 45_000) // 80_000


@pytest.mark.parametrize(
    "changes",
    [
        {"attention": Attention.mla},
        {"moe": Moe(experts=8, active=2, expert_intermediate=14336)},
    ],
)
def test_a_mix_nobody_worked_out_is_a_flat_average_or_unknown(changes: dict[str, object]) -> None:
    assert size("Q4_K_M", **changes) == 8_030_261_248 * 48_500 // 80_000
    assert size("Q8_0", **changes) == 8_030_261_248 * 85_000 // 80_000
    assert weight_bytes(shape(**changes), "Q5_K_M") is None


def test_what_is_a_gguf_file() -> None:
    assert all(is_gguf(scheme) for scheme in (*MIXES, *FLAT))
    assert not any(is_gguf(scheme) for scheme in ("BF16", "AWQ", "MXFP4", "FP8"))


def test_better_files_are_larger() -> None:
    order = ("Q2_K", "Q3_K_M", "IQ4_XS", "Q4_K_S", "Q4_K_M", "Q5_K_S", "Q5_K_M", "Q6_K", "Q8_0")
    sizes = [size(scheme) for scheme in order]
    assert sizes == sorted(sizes)
