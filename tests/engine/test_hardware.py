"""What a machine can run and hold: formats first, then memory, and what is said where it cannot."""

from typing import Any

import pytest

from engine.contract import DecisionCard, FitVerdict, HardwareSpec, Lang, RejectionCode
from engine.decide import decide
from tests.engine.cards import DATA, L4, REVISION, SHAPE, STOPS, UNKNOWN_SHAPE, card
from tests.engine.plans import (
    conflict,
    entered,
    held_back,
    in_the_way,
    plan,
    ran,
    rejected,
    rejection,
    warned,
)

OWN: dict[str, Any] = {"available_route": "local_gpu"}
REPOS = tuple(DATA.catalog.models.models)
SERVICE: dict[str, Any] = {"needs_service_api": True}
TRAINING: dict[str, Any] = OWN | {"needs_fine_tuning": True, "eval_failures_recorded": True}


def gpus(gpu_id: str, count: int = 1) -> HardwareSpec:
    return HardwareSpec(gpu_id=gpu_id, gpu_count=count)


def schemes_on(gpu: HardwareSpec, **changes: Any) -> set[str]:
    """The formats of all models that are run on a GPU, each one named."""
    plans = (plan(**OWN, hardware=gpu, model_repo=repo, **changes) for repo in REPOS)
    return {p.model.scheme for p in plans if p.runtime_commands and p.model}


@pytest.mark.parametrize("changes", [{}, SERVICE])
@pytest.mark.parametrize("count", [1, 4])
def test_awq_never_runs_on_a_v100(count: int, changes: dict[str, Any]) -> None:
    assert schemes_on(gpus("v100-32gb", count), **changes) <= {"FP16"}


@pytest.mark.parametrize("changes", [{}, SERVICE])
def test_bf16_never_runs_on_a_t4_and_not_in_a_notebook_either(changes: dict[str, Any]) -> None:
    found = schemes_on(gpus("t4", 2), **changes)
    assert {"FP16", "AWQ"} <= found
    assert not found & {"BF16", "FP8"}
    assert ran(plan(available_route="free_colab"))[1] == "FP16"


def test_fp8_runs_from_ada_on() -> None:
    assert "FP8" in schemes_on(gpus("l4"))
    assert "FP8" not in schemes_on(gpus("a100-40gb"))


@pytest.mark.parametrize(("gpu_id", "said"), [("a100-40gb", True), ("l40s", False)])
def test_a_server_keeps_fp8_weights_on_older_gpus_and_says_what_that_is(
    gpu_id: str, said: bool
) -> None:
    """65 GB in BF16 are too much for one of them, 34 GB in FP8 are not."""
    named: dict[str, Any] = {
        "hardware": gpus(gpu_id),
        "model_repo": "Qwen/Qwen3-32B",
        "context_tokens": 1024,
    }
    decision = plan(**OWN, **SERVICE, **named)
    assert ran(decision) == ("Qwen/Qwen3-32B", "FP8")
    told = decision.runtime_commands[0].prerequisites
    assert any("weights only" in text for text in told) == said
    assert "FP8" not in schemes_on(gpus("t4", 4), **SERVICE)


def test_a_model_without_a_format_for_the_hardware_is_named_with_both_capabilities() -> None:
    asked: dict[str, Any] = {**OWN, "hardware": gpus("t4"), "model_repo": "google/gemma-3-4b-it"}
    decision = plan(**asked)
    said = conflict(decision, "HARDWARE_UNSUPPORTED")
    assert in_the_way(decision) == ["HARDWARE_UNSUPPORTED"], "memory is not asked before"
    assert "google/gemma-3-4b-it" in said.text
    assert "7.5" in said.text
    assert "8.0" in said.text
    assert set(said.fix) == {"hardware", "model_repo"}
    numbers = rejected(decision, "small_instruct").numbers
    assert numbers == {"capability": "7.5", "minimum": "8.0"}
    fixed = decide(entered(card(**asked), dict(said.passing)), DATA)
    assert in_the_way(fixed) == []


@pytest.mark.parametrize("lang", Lang)
def test_a_gpu_without_cuda_runs_nothing_and_that_is_said_without_a_number(lang: Lang) -> None:
    amd = gpus("mi300x-192gb")
    named = plan(lang=lang, **OWN, hardware=amd, model_repo="Qwen/Qwen3-8B")
    assert in_the_way(named) == ["HARDWARE_UNSUPPORTED"]
    assert "NVIDIA" in conflict(named, "HARDWARE_UNSUPPORTED").text
    unnamed = plan(lang=lang, **OWN, hardware=amd)
    assert rejection(unnamed, "qwen_llama") is RejectionCode.hardware_unsupported
    assert "NVIDIA" in conflict(unnamed, "NO_CANDIDATE").text


def test_amd_is_never_rented_however_cheap() -> None:
    decision = plan(**STOPS, providers_allowed=["digitalocean"], budget_level="medium")
    assert decision.offer is not None
    assert decision.offer.gpu_id != "mi300x-192gb"
    reasons = {r.id: r.code for r in decision.rejected_offers}
    amd = reasons["digitalocean:mi300x:any:on-demand"]
    assert amd is RejectionCode.hardware_unsupported
    told = next(r.reason for r in decision.rejected_offers if "mi300x" in r.id)
    assert "NVIDIA" in told
    assert "does not run" not in told


def test_tensor_parallelism_takes_a_power_of_two_of_the_gpus() -> None:
    three = plan(**OWN, **SERVICE, hardware=gpus("h100-80gb", 3), model_repo="Qwen/Qwen3-32B")
    assert three.fit is not None
    assert "2 x H100 80 GB" in three.fit.capacity_note
    start = next(c for c in three.runtime_commands if "serve" in c.argv)
    assert start.argv[start.argv.index("--tensor-parallel-size") + 1] == "2"


def test_memory_of_a_cpu_is_assumed_until_it_is_named() -> None:
    assumed = plan()
    warning = conflict(assumed, "HARDWARE_ASSUMED")
    assert (warning.fix, "16 GiB" in warning.text) == (("hardware",), True)
    assert assumed.fit is not None
    assert assumed.fit.capacity == 16 * 2**30 * 8 // 10
    named = plan(hardware={"ram_gib": "32"})
    assert "HARDWARE_ASSUMED" not in warned(named)
    assert named.fit is not None
    assert named.fit.capacity == 2 * assumed.fit.capacity


def test_an_unmeasured_card_counts_for_less_than_its_sticker_and_says_so() -> None:
    measured, unmeasured = plan(**OWN, hardware=L4).fit, plan(**OWN, hardware=gpus("a40")).fit
    assert measured is not None
    assert unmeasured is not None
    assert "22.5 GiB" in measured.capacity_note
    assert "0.93" in unmeasured.capacity_note
    assert unmeasured.capacity == 48 * 2**30 * 93 // 100


BIG: dict[str, Any] = {**OWN, "hardware": L4, "model_repo": "Qwen/Qwen2.5-72B-Instruct"}


@pytest.mark.parametrize("lang", Lang)
def test_what_does_not_fit_is_told_with_its_numbers_and_a_model_that_does(lang: Lang) -> None:
    decision = plan(lang=lang, **BIG)
    said = conflict(decision, "DOES_NOT_FIT")
    assert decision.fit is not None
    assert decision.fit.verdict is FitVerdict.does_not_fit
    for number in ("Qwen/Qwen2.5-72B-Instruct", "8,192", "22.5"):
        assert number in said.text
    assert decision.runtime_commands == ()
    fixed = decide(entered(card(**BIG), {"model_repo": said.passing["model_repo"]}), DATA)
    assert in_the_way(fixed) == []


def test_the_context_that_is_offered_is_the_longest_that_fits() -> None:
    asked = card(
        **OWN, hardware=L4, model_repo="Qwen/Qwen3-8B", context_tokens=40_000, concurrency=2
    )
    said = conflict(decide(asked, DATA), "DOES_NOT_FIT")
    most = int(said.passing["context_tokens"])
    fixed = decide(entered(asked, {"context_tokens": most}), DATA)
    assert (fixed.fit and fixed.fit.verdict, in_the_way(fixed)) == (FitVerdict.fits, [])
    longer = decide(entered(asked, {"context_tokens": most + 1}), DATA)
    assert longer.fit is not None
    assert longer.fit.verdict is not FitVerdict.fits


def test_a_tight_fit_is_a_warning_with_both_numbers() -> None:
    decision = plan(**OWN, hardware=L4, model_repo="Qwen/Qwen3-32B")
    assert decision.fit is not None
    assert decision.fit.verdict is FitVerdict.tight
    assert decision.fit.need_expected <= decision.fit.capacity < decision.fit.need_high
    said = conflict(decision, "FIT_TIGHT")
    assert "22.5" in said.text
    assert in_the_way(decision) == []


@pytest.mark.parametrize(
    ("changes", "calibrated"),
    [
        ({**OWN, "hardware": L4, "model_repo": "Qwen/Qwen3-8B"}, True),
        ({**OWN, "hardware": gpus("l4", 2), "model_repo": "Qwen/Qwen3-8B"}, False),
        ({**OWN, "hardware": gpus("h100-80gb"), "model_repo": "Qwen/Qwen3-30B-A3B"}, False),
        ({**OWN, "hardware": gpus("h100-80gb"), "model_repo": "google/gemma-3-27b-it"}, False),
        ({"hardware": {"ram_gib": "16"}}, False),
        (TRAINING | {"hardware": L4, "model_repo": "Qwen/Qwen3-8B"}, False),
        (
            TRAINING
            | {"hardware": L4, "model_repo": "Qwen/Qwen3-8B", "eval_failures_recorded": False},
            True,
        ),
    ],
)
def test_what_was_never_measured_carries_a_warning_and_a_wider_band(
    changes: dict[str, Any], calibrated: bool
) -> None:
    decision = plan(**changes)
    assert decision.fit is not None
    assert decision.fit.calibrated is calibrated
    assert ("FIT_UNCALIBRATED" not in warned(decision)) is calibrated
    assert decision.fit.error_band_pct == (5 if calibrated else 15)


def test_an_unknown_model_asks_for_its_shape_and_its_licence() -> None:
    asked: dict[str, Any] = {**OWN, "hardware": L4, "model_repo": "someone/unheard-of"}
    decision = plan(**asked)
    assert in_the_way(decision) == ["ARCH_UNSUPPORTED", "LICENSE_UNKNOWN"]
    assert decision.fit is None
    assert "architecture" in conflict(decision, "ARCH_UNSUPPORTED").fix
    known = plan(**asked, architecture=SHAPE, license_id="Apache 2.0", revision=REVISION)
    assert (in_the_way(known), ran(known)) == ([], ("someone/unheard-of", "BF16"))
    assert known.model_family is not None
    assert known.model_family.family_id == "open_other"


def test_a_shape_that_says_too_little_stays_unknown_and_never_fits() -> None:
    decision = plan(
        **OWN,
        hardware=gpus("h100-80gb", 8),
        model_repo="someone/unheard-of",
        license_id="mit",
        architecture=UNKNOWN_SHAPE,
    )
    assert in_the_way(decision) == ["ARCH_UNSUPPORTED"]
    assert (decision.model, decision.runtime_commands) == (None, ())
    assert rejection(decision, "open_other") is RejectionCode.arch_unknown
    assert "model_repo" in conflict(decision, "ARCH_UNSUPPORTED").passing


def test_a_context_beyond_the_model_names_both_numbers_and_what_passes() -> None:
    asked = card(**OWN, hardware=L4, model_repo="Qwen/Qwen3-0.6B", context_tokens=65_536)
    said = conflict(decide(asked, DATA), "CONTEXT_EXCEEDS_NATIVE")
    assert "40,960" in said.text
    assert "65,536" in said.text
    assert said.passing["context_tokens"] == 40_960
    for field, value in said.passing.items():
        fixed = decide(entered(asked, {field: value}), DATA)
        assert in_the_way(fixed) == [], field


def test_a_context_that_needs_yarn_is_never_go_without_a_command_that_has_it() -> None:
    def at(context: int) -> DecisionCard:
        return plan(
            **OWN, hardware=gpus("h100-80gb"), model_repo="Qwen/Qwen3-4B", context_tokens=context
        )

    assert in_the_way(at(40_960)) == []
    extended = conflict(at(40_961), "CONTEXT_EXCEEDS_NATIVE")
    assert "YaRN" in extended.text
    assert extended.passing["context_tokens"] == 40_960
    assert "CONTEXT_EXCEEDS_NATIVE" in held_back(at(131_072))
    assert "YaRN" not in conflict(at(131_073), "CONTEXT_EXCEEDS_NATIVE").text


def test_the_context_that_fits_is_never_more_than_the_model_was_made_for() -> None:
    asked: dict[str, Any] = {**OWN, "hardware": gpus("h100-80gb"), "model_repo": "Qwen/Qwen3-0.6B"}
    roomy = plan(**asked)
    assert roomy.fit is not None
    assert roomy.fit.max_context_tokens == 40_960
    assert (roomy.fit.max_concurrent or 0) > 1
    narrow = plan(**OWN, hardware=gpus("t4"), model_repo="Qwen/Qwen3-4B")
    assert narrow.fit is not None
    assert narrow.fit.max_context_tokens is not None
    assert narrow.fit.max_context_tokens <= 40_960


def test_a_gated_model_is_taken_unasked_only_where_no_open_one_fits() -> None:
    open_one = plan(**OWN, hardware=L4)
    assert open_one.model is not None
    assert open_one.model.gated is not True
    decision = plan(**OWN, hardware=L4, model_repo="meta-llama/Llama-3.2-3B-Instruct")
    said = conflict(decision, "MODEL_GATED")
    assert "meta-llama/Llama-3.2-3B-Instruct" in said.text
    assert "HF_TOKEN" in said.change


UNPINNED = "mistralai/Mistral-7B-Instruct-v0.2"


def test_files_without_a_known_revision_are_owed_as_evidence() -> None:
    assert DATA.catalog.models.models[UNPINNED].revision is None
    named = plan(**OWN, hardware=L4, model_repo=UNPINNED)
    assert conflict(named, "REVISION_NOT_PINNED").fix == ("revision",)
    pinned = plan(**OWN, hardware=L4, model_repo=UNPINNED, revision=REVISION)
    assert "REVISION_NOT_PINNED" not in warned(pinned)
    unasked = plan(**OWN, hardware=L4)
    assert unasked.model is not None
    assert unasked.model.weights.repo != unasked.model.repo
    said = conflict(unasked, "REVISION_NOT_PINNED")
    assert unasked.model.weights.repo in said.text
    assert said.fix == (), "a revision on the card is one of the named repository"
