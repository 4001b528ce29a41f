"""POST /v1/fit: a report for every sound question, and helpful words for every other."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from engine.app import create_app
from engine.contract import FitReport, FitVerdict, Lang, Problem, ProblemCode
from tests.engine.cards import DATA, TODAY

GIB = 2**30
ASKED: dict[str, Any] = {
    "model_repo": "Qwen/Qwen3-8B",
    "scheme": "BF16",
    "runtime": "vllm",
    "context_tokens": 8192,
    "hardware": {"gpu_id": "l4"},
}
SHAPE: dict[str, Any] = DATA.catalog.models.models["Qwen/Qwen3-8B"].architecture.model_dump(
    mode="json"
)


def without(*names: str, **changes: Any) -> dict[str, Any]:
    """The question with some parts left out and others changed."""
    return {n: v for n, v in ASKED.items() if n not in names} | changes


async def asked(body: Any, lang: str = "en") -> httpx.Response:
    transport = httpx.ASGITransport(
        create_app(DATA, today=lambda: TODAY), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://engine") as http:
        return await http.post("/v1/fit", params={"lang": lang}, json=body)


async def report(body: Any) -> FitReport:
    answer = await asked(body)
    assert answer.status_code == 200, answer.text
    return FitReport.model_validate_json(answer.text)


async def test_a_model_fits_with_its_numbers() -> None:
    found = await report(ASKED)
    assert found.verdict is FitVerdict.fits
    assert found.need_low <= found.need_expected <= found.need_high <= found.capacity
    parts = found.breakdown
    assert parts.weights + parts.kv + parts.activation + parts.runtime == found.need_expected
    assert found.kv_bytes_per_token == 147_456
    assert found.capacity == int(int(Decimal("22.49") * GIB) * Decimal("0.90"))
    assert found.max_context_tokens is not None
    assert found.max_context_tokens >= 8192
    assert found.calibrated
    assert all(found.sources)


async def test_the_largest_context_that_is_named_is_the_largest_that_fits() -> None:
    most = (await report(ASKED)).max_context_tokens
    assert most is not None
    assert (await report(ASKED | {"context_tokens": most})).verdict is FitVerdict.fits
    beyond = await report(ASKED | {"context_tokens": most + 1})
    assert beyond.verdict is not FitVerdict.fits


async def test_a_shape_says_the_same_as_the_catalogue() -> None:
    named = await report(ASKED)
    shaped = await report(without("model_repo", architecture=SHAPE))
    assert shaped.model_copy(update={"sources": named.sources}) == named


async def test_without_a_capacity_the_needs_are_given_and_the_verdict_is_unknown() -> None:
    known, found = await report(ASKED), await report(without("hardware"))
    assert found.verdict is FitVerdict.unknown
    assert found.need_high == known.need_high
    assert (found.capacity, found.max_context_tokens, found.max_concurrent) == (0, None, None)
    assert "name hardware" in found.capacity_note


async def test_a_capacity_in_bytes_is_taken_as_it_is() -> None:
    need = (await report(ASKED)).need_high
    exact = await report(without("hardware", capacity_bytes=need))
    short = await report(without("hardware", capacity_bytes=need - 1))
    assert (exact.verdict, short.verdict) == (FitVerdict.fits, FitVerdict.tight)
    half = await report(without("hardware", capacity_bytes=2 * need, utilization="0.5"))
    assert half.capacity == need


async def test_a_share_that_is_asked_for_replaces_the_runtimes() -> None:
    found = await report(ASKED | {"utilization": "0.5"})
    assert found.verdict is FitVerdict.does_not_fit
    assert found.capacity == int(int(Decimal("22.49") * GIB) * Decimal("0.5"))
    assert "0.5" in found.capacity_note


async def test_attention_that_nobody_has_described_is_unknown_and_never_guessed() -> None:
    shape = SHAPE | {"attention": "unknown"}
    found = await report(without("model_repo", architecture=shape))
    assert found.verdict is FitVerdict.unknown
    assert found.need_high == 0
    assert "too little" in found.capacity_note


async def test_a_processor_is_hardware_too() -> None:
    cpu = without("hardware", runtime="llama_cpp", scheme="Q4_K_M")
    named = await report(cpu | {"hardware": {"ram_gib": "32"}})
    assumed = await report(cpu | {"hardware": {}})
    assert named.capacity == 2 * assumed.capacity == int(Decimal("25.6") * GIB)
    assert "assumed" in assumed.capacity_note


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"scheme": "AWQ", "hardware": {"gpu_id": "v100-16gb"}},
            "AWQ in vLLM needs CUDA capability 7.5 and Tesla V100 16 GB has 7.0",
        ),
        (
            {"hardware": {"gpu_id": "t4"}},
            "BF16 in vLLM needs CUDA capability 8.0 and Tesla T4 has 7.5",
        ),
        ({"hardware": {"ram_gib": "512"}}, "known here on NVIDIA GPUs only"),
    ],
)
async def test_hardware_that_cannot_run_the_format_does_not_fit_and_says_why(
    change: dict[str, Any], said: str
) -> None:
    found = await report(ASKED | change)
    assert found.verdict is FitVerdict.does_not_fit
    assert said in found.capacity_note
    assert (found.max_context_tokens, found.max_concurrent) == (0, 0)
    assert found.need_expected > 0


async def test_of_a_gpu_without_cuda_nothing_is_known_and_nothing_claimed() -> None:
    found = await report(ASKED | {"hardware": {"gpu_id": "mi300x-192gb"}})
    assert found.verdict is FitVerdict.unknown
    assert "known here on NVIDIA GPUs only" in found.capacity_note
    assert (found.max_context_tokens, found.max_concurrent) == (None, None)
    assert found.need_expected > 0


async def test_the_most_context_is_at_most_what_the_model_was_made_for() -> None:
    found = await report(ASKED | {"hardware": {"gpu_id": "h100-80gb", "gpu_count": 8}})
    assert found.max_context_tokens == 40_960


async def test_gpus_that_tensor_parallelism_cannot_use_are_not_counted() -> None:
    three = await report(ASKED | {"hardware": {"gpu_id": "l4", "gpu_count": 3}})
    two = await report(ASKED | {"hardware": {"gpu_id": "l4", "gpu_count": 2}})
    assert three.model_copy(update={"capacity_note": two.capacity_note}) == two
    assert "of 3 GPUs 1 stay idle" in three.capacity_note


NAMES = ["RTX 4090", "rtx-4090", "NVIDIA GeForce RTX 4090", "RTX 4090 24 GB"]


@pytest.mark.parametrize("name", NAMES)
async def test_a_gpu_goes_by_any_of_its_names(name: str) -> None:
    by_name = await report(ASKED | {"hardware": {"gpu_id": name}})
    assert by_name == await report(ASKED | {"hardware": {"gpu_id": "rtx4090"}})


async def test_a_processor_is_never_called_calibrated() -> None:
    cpu = {"runtime": "transformers", "scheme": "FP16", "hardware": {"ram_gib": "64"}}
    found = await report(ASKED | cpu)
    assert found.verdict is FitVerdict.fits
    assert not found.calibrated
    assert found.error_band_pct == 15


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    (without("model_repo"), "", "fit_subject", "exactly one"),
    (ASKED | {"architecture": SHAPE}, "", "fit_subject", "exactly one"),
    (ASKED | {"capacity_bytes": 1}, "", "fit_capacity", "not both"),
    (ASKED | {"model_repo": "qwen/qwen3-8b"}, "/model_repo", "model_unknown", "Qwen/Qwen3-8B"),
    (ASKED | {"model_repo": "a/Qwen3-32B"}, "/model_repo", "model_unknown", "Qwen/Qwen3-32B"),
    (ASKED | {"model_repo": "zz/xyzzy"}, "/model_repo", "model_unknown", "architecture"),
    (ASKED | {"model_repo": "Qwen3-8B"}, "/model_repo", "string_pattern_mismatch", "owner/name"),
    (ASKED | {"runtime": "vlm"}, "/runtime", "runtime_unknown", "vllm"),
    (ASKED | {"scheme": "Q4_K_M"}, "/scheme", "scheme_unknown", "AWQ"),
    (
        ASKED | {"model_repo": "google/gemma-3-27b-it", "scheme": "FP16"},
        "/scheme",
        "scheme_breaks_model",
        "wrong answers",
    ),
    (ASKED | {"hardware": {"gpu_id": "4090"}}, "/hardware/gpu_id", "gpu_unknown", "rtx4090"),
    (ASKED | {"hardware": {"gpu_id": "zzz"}}, "/hardware/gpu_id", "gpu_unknown", "/v1/hardware"),
    (
        ASKED | {"hardware": {"gpu_id": "RTX 4090; ls"}},
        "/hardware/gpu_id",
        "string_pattern_mismatch",
        "l4",
    ),
    (ASKED | {"hardware": {"gpu_id": "V100"}}, "/hardware/gpu_id", "gpu_ambiguous", "v100-32gb"),
    (
        without("model_repo", architecture=SHAPE | {"params_total": 300 * 10**9}),
        "/architecture/params_total",
        "params_implausible",
        "8.2 billion",
    ),
    *(
        (ASKED | {"hardware": {"gpu_id": "l4", "gpu_count": n}}, "/hardware/gpu_count", code, bound)
        for n, code, bound in [(-1, "greater_than_equal", "1"), (65, "less_than_equal", "64")]
    ),
    (ASKED | {"context_tokens": 0}, "/context_tokens", "greater_than_equal", "1"),
    (ASKED | {"context_tokens": 10**12}, "/context_tokens", "less_than_equal", "16777216"),
    (ASKED | {"utilization": 0.9}, "/utilization", "decimal_text", '"1.50"'),
    (
        without("model_repo", architecture=SHAPE | {"layers": 10**30}),
        "/architecture/layers",
        "less_than_equal",
        "9007199254740991",
    ),
]


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize(("body", "pointer", "code", "helps"), WRONG)
async def test_what_is_wrong_is_named_with_what_would_be_right(
    body: dict[str, Any], pointer: str, code: str, helps: str, lang: Lang
) -> None:
    answer = await asked(body, lang.value)
    problem = Problem.model_validate_json(answer.text)
    assert (answer.status_code, problem.code) == (422, ProblemCode.FIT_REQUEST_INVALID)
    assert answer.headers["content-type"] == "application/problem+json"
    (item,) = problem.errors
    assert (item.pointer, item.code) == (pointer, code)
    assert "{" not in item.detail
    assert item.detail.isascii() == (lang is Lang.en)
    if lang is Lang.en:
        assert helps in item.detail


async def test_all_unknown_names_are_named_at_once() -> None:
    body = ASKED | {"model_repo": "a/b", "runtime": "none", "hardware": {"gpu_id": "none"}}
    problem = Problem.model_validate_json((await asked(body)).text)
    assert [e.pointer for e in problem.errors] == ["/model_repo", "/runtime", "/hardware/gpu_id"]
