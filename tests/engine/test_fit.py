"""Does it fit: what must be refused, what must not be, mistakes made elsewhere, and what holds."""

from decimal import Decimal

import pytest

from engine.accuracy.check import catalogued
from engine.contract import Architecture, Attention, FitVerdict, Moe, Phase
from engine.memory.fit import (
    MOST_REQUESTS,
    MOST_TOKENS,
    Load,
    Need,
    Sized,
    sized,
    verdict,
)
from engine.memory.schemes import least_weight_bytes, pure_bits, weight_bytes
from engine.runtimes import MemoryHabits
from engine.units import GIB, MIB
from tests.engine.shapes import shape

VLLM = MemoryHabits(
    chunk_tokens=2048,
    share=Decimal("0.90"),
    overhead_mib=358,
    window="reserved",
    split="tensor",
    calibrated=True,
)
LLAMA_CPP = MemoryHabits(
    chunk_tokens=512,
    share=Decimal(1),
    overhead_mib=0,
    window="honoured",
    split="layers",
    calibrated=False,
)
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
GPT_OSS = "openai/gpt-oss-20b"
SCOUT = "meta-llama/Llama-4-Scout-17B-16E-Instruct"


def model(
    repo: str | Architecture, scheme: str, habits: MemoryHabits = VLLM, gpus: int = 1
) -> Sized:
    found = sized(catalogued()[repo] if isinstance(repo, str) else repo, scheme, habits, gpus=gpus)
    assert found is not None
    return found


def share(gib: str, part: str = "0.90") -> int:
    """Bytes of a part of a device."""
    return int(Decimal(gib) * Decimal(part) * GIB)


# --- what must be refused, and what must not ------------------------------------------------------


def test_llama_does_not_start_with_29000_tokens_of_prompt_on_an_rtx_3090() -> None:
    llama, load = model(LLAMA, "BF16"), Load(29_000, chunk=29_000)
    capacity = share("23.58")
    need = llama.need(load)
    assert verdict(need, capacity) is FitVerdict.does_not_fit
    pool = capacity - need.weights - need.activation - need.runtime
    assert abs(pool / GIB - 2.74) < 0.04
    assert pool // 131072 < 29_000


def test_llama_starts_with_20000_tokens_of_prompt_on_an_rtx_3090() -> None:
    llama, load = model(LLAMA, "BF16"), Load(20_000, chunk=20_000)
    assert verdict(llama.need(load), share("23.58")) is FitVerdict.fits
    pool = share("23.58") - (n := llama.need(load)).weights - n.activation - n.runtime
    assert abs(pool / GIB - 3.71) < 0.04
    assert 30_000 < pool // 131072 < 31_000


def test_qwen_awq_leaves_no_room_at_seven_tenths_of_eight_gib() -> None:
    qwen = model("Qwen/Qwen2.5-7B-Instruct", "AWQ")
    assert round(qwen.weights / GIB, 2) == 5.19
    for context in (1, 4096):
        need = qwen.need(Load(context, chunk=4096, prefill=4096))
        assert verdict(need, share("8.00", "0.70")) is FitVerdict.does_not_fit
    assert qwen.most_context(Load(1), share("8.00", "0.70")) == 0


@pytest.mark.parametrize(
    ("repo", "scheme", "habits", "gpus", "nominal", "context"),
    [
        (GPT_OSS, "MXFP4", VLLM, 1, 16, 2048),
        (GPT_OSS, "MXFP4", LLAMA_CPP, 1, 16, 16_384),
        (SCOUT, "INT4", VLLM, 1, 80, 32_768),
        (SCOUT, "FP8", VLLM, 2, 80, 32_768),
        (SCOUT, "BF16", VLLM, 4, 80, 32_768),
    ],
)
def test_what_its_publisher_runs_on_a_card_is_not_refused_there(
    repo: str, scheme: str, habits: MemoryHabits, gpus: int, nominal: int, context: int
) -> None:
    capacity = share("0.93", str(nominal * habits.share))
    need = model(repo, scheme, habits, gpus).need(Load(context))
    assert verdict(need, capacity) in {FitVerdict.fits, FitVerdict.tight}


def test_weights_of_the_models_above() -> None:
    rounded = catalogued()[GPT_OSS].model_copy(update={"params_total": 20_900_000_000})
    assert round(model(rounded, "MXFP4").weights / GIB, 2) == 12.79
    assert round(model(GPT_OSS, "MXFP4").weights / GIB, 2) == 12.82
    assert round(model(SCOUT, "INT4").weights / GIB, 1) == 55.4


# --- mistakes made elsewhere ----------------------------------------------------------------------


def test_a_mixture_keeps_all_its_experts_in_memory() -> None:
    scout = catalogued()[SCOUT]
    assert scout.params_active == 17_000_000_000
    assert weight_bytes(scout, "BF16") == 2 * scout.params_total > 200 * 10**9
    alone = scout.model_copy(update={"params_active": None})
    assert weight_bytes(alone, "INT4") == weight_bytes(scout, "INT4")


def test_gib_are_not_gb() -> None:
    need = Need(0, 23 * 10**9, 23 * 10**9, 0, 0, 0, 0)
    assert verdict(need, 24 * 10**9) is FitVerdict.fits
    assert verdict(need, int(Decimal("0.93") * 24 * GIB)) is FitVerdict.fits
    assert verdict(need, int(Decimal("0.93") * 24 * 10**9)) is FitVerdict.does_not_fit
    assert (GIB, MIB) == (1_073_741_824, 1_048_576)


def test_a_tied_head_is_counted_once() -> None:
    untied = shape(params_total=4 * 10**9)
    tied = untied.model_copy(update={"tied": True})
    unknown = untied.model_copy(update={"tied": None})
    embedding = untied.vocab * untied.d_model
    assert weight_bytes(tied, "BF16") == weight_bytes(untied, "BF16") == 8 * 10**9
    for scheme in ("AWQ", "GPTQ-Int8"):
        fewer, more = weight_bytes(tied, scheme), weight_bytes(untied, scheme)
        assert fewer is not None
        assert more is not None
        bits = {"AWQ": 41_560, "GPTQ-Int8": 81_560}[scheme]
        assert abs(more - fewer - embedding * (160_000 - bits) // 80_000) <= 1
        assert (least_weight_bytes(unknown, scheme), weight_bytes(unknown, scheme)) == (fewer, more)


def test_an_fp8_file_of_a_tied_model_holds_a_second_head() -> None:
    tied, untied = shape(tied=True), shape()
    assert weight_bytes(tied, "FP8") == 8_030_261_248 + (1 + 2) * tied.vocab * tied.d_model
    assert weight_bytes(untied, "FP8") == 8_030_261_248 + 2 * tied.vocab * tied.d_model


def test_the_cache_does_not_shrink_with_the_weights() -> None:
    load = Load(8192)
    kv = {model(LLAMA, scheme).need(load).kv for scheme in ("BF16", "AWQ", "GPTQ-Int8", "Q4_K_M")}
    assert kv == {8192 * 131072}


def test_the_context_is_the_one_asked_for_not_the_native_one() -> None:
    short, long = shape(native_context=8192), shape(native_context=10_485_760)
    assert model(short, "BF16").need(Load(4096)) == model(long, "BF16").need(Load(4096))


def test_rules_of_thumb_count_pure_bits() -> None:
    assert pure_bits(405_853_389_000, 40_000) == 202_926_694_500


def test_mxfp4_is_a_format_of_experts() -> None:
    assert weight_bytes(shape(), "MXFP4") is None
    assert sized(shape(), "MXFP4", VLLM) is None
    mixed = shape(moe=Moe(experts=8, active=2, expert_intermediate=14336), params_total=47 * 10**9)
    experts = 32 * 8 * 3 * 4096 * 14336
    assert weight_bytes(mixed, "MXFP4") == experts * 17 // 32 + 2 * (47 * 10**9 - experts)


# --- what a need is made of -----------------------------------------------------------------------


def test_the_parts_of_a_need() -> None:
    need = model(LLAMA, "BF16").need(Load(8192, concurrency=4))
    assert need.weights == 2 * catalogued()[LLAMA].params_total
    assert need.kv == 4 * 8192 * 131072
    assert need.activation == 632 * (14336 + 4096) * 2048 // 100
    assert need.runtime == 358 * MIB
    assert need.expected == need.weights + need.kv + need.activation + need.runtime
    assert need.low == need.weights + need.kv
    assert need.high == -(-need.expected * 105 // 100) + 3 * GIB // 10


def test_what_nobody_has_measured_gets_the_wide_band() -> None:
    plain = model(LLAMA, "BF16")
    wide = [
        model(LLAMA, "BF16", gpus=2),
        model(LLAMA, "Q4_K_M"),
        model(LLAMA, "BF16", LLAMA_CPP),
        model(GPT_OSS, "BF16"),
        model("deepseek-ai/DeepSeek-R1", "FP8"),
    ]
    assert plain.calibrated
    assert not any(one.calibrated for one in wide)
    for one in wide:
        need = one.need(Load(4096))
        assert need.high == -(-need.expected * 115 // 100) + GIB


def test_several_gpus_share_by_heads_or_by_layers() -> None:
    load = Load(8192, phase=Phase.steady)
    whole, halves = model(LLAMA, "BF16").need(load), model(LLAMA, "BF16", gpus=2).need(load)
    assert (halves.weights, halves.kv) == (whole.weights // 2, whole.kv // 2)
    layers = LLAMA_CPP.model_copy(update={"chunk_tokens": None})
    split = model(LLAMA, "BF16", layers, gpus=2).need(Load(8192))
    assert split.activation == model(LLAMA, "BF16", layers).need(Load(8192)).activation


def test_a_steady_run_needs_no_activations() -> None:
    need = model(LLAMA, "BF16").need(Load(8192, phase=Phase.steady))
    assert need.activation == 0


def test_llama_cpp_honours_the_window_and_vllm_reserves_all_of_it() -> None:
    load = Load(8192, concurrency=32)
    reserved, honoured = model(GPT_OSS, "MXFP4").need(load), model(GPT_OSS, "MXFP4", LLAMA_CPP)
    assert reserved.kv == 12 * GIB
    assert round(honoured.need(load).kv / GIB, 2) == 6.09
    assert reserved.low - reserved.weights == honoured.need(load).kv


def test_disk_is_the_whole_model_and_a_tenth() -> None:
    assert model(LLAMA, "BF16", gpus=2).disk == 2 * catalogued()[LLAMA].params_total * 11 // 10


@pytest.mark.parametrize("attention", [Attention.unknown, Attention.mla, Attention.hybrid])
def test_a_shape_that_says_too_little_has_no_size(attention: Attention) -> None:
    assert sized(shape(attention=attention), "BF16", VLLM) is None


def test_a_verdict_at_its_edges() -> None:
    need = Need(1, 100, 120, 0, 0, 0, 0)
    assert [verdict(need, n) for n in (120, 119, 100, 99)] == [
        FitVerdict.fits, FitVerdict.tight, FitVerdict.tight, FitVerdict.does_not_fit,
    ]  # fmt: skip


def test_without_end_of_memory_the_limits_of_a_card_are_the_limits() -> None:
    llama, plenty = model(LLAMA, "BF16"), 10**18
    assert llama.most_context(Load(1), plenty) == MOST_TOKENS
    assert llama.most_requests(Load(1), plenty) == MOST_REQUESTS
