"""Training an adapter: its memory is a rule of thumb, and told only where there is a model."""

from typing import Any

import pytest

from engine.contract import FitVerdict, HardwareSpec, Lang
from tests.engine.cards import DATA, L4, STOPS
from tests.engine.plans import conflict, held_back, plan

TRAINING: dict[str, Any] = {
    "available_route": "local_gpu", "needs_fine_tuning": True, "eval_failures_recorded": True,
}  # fmt: skip


@pytest.mark.parametrize("lang", Lang)
def test_training_is_shown_as_a_part_of_the_need_and_as_a_rule_of_thumb(lang: Lang) -> None:
    """Four bits of a mixture of experts take less to run than QLoRA takes to train them."""
    asked: dict[str, Any] = TRAINING | {
        "hardware": HardwareSpec(gpu_id="rtx3090"),
        "model_repo": "Qwen/Qwen3-30B-A3B",
    }
    decision = plan(lang=lang, **asked)
    assert decision.fit is not None
    parts = decision.fit.breakdown
    serving = parts.weights + parts.kv + parts.activation + parts.runtime
    qlora = 75 * DATA.catalog.models.models["Qwen/Qwen3-30B-A3B"].architecture.params_total // 100
    assert parts.training > 0
    assert qlora <= decision.fit.need_expected == serving + parts.training <= qlora + 1
    assert decision.fit.verdict is FitVerdict.tight
    assert decision.fit.need_high == -(-decision.fit.need_expected * 115 // 100) + 2**30
    said = conflict(decision, "FIT_UNCALIBRATED").text
    assert ("rule of thumb" if lang is Lang.en else "经验值") in said


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({"hardware": L4}, True),
        ({}, False),  # a GPU that is not named holds nothing yet
        (STOPS | {"budget_level": "zero"}, False),  # refused before anything is chosen
        ({"hardware": L4, "context_tokens": 10**7}, False),
    ],
)
def test_training_is_told_in_numbers_only_where_there_is_a_model(
    changes: dict[str, Any], numbers: bool, lang: Lang
) -> None:
    said = conflict(plan(lang=lang, **(TRAINING | changes)), "LORA_GATE").text
    assert ("GiB" in said) is numbers
    assert "?" not in said


@pytest.mark.parametrize(
    ("repo", "said"),
    [
        ("Qwen/Qwen3-8B", "LoRA 17.9 GiB (fits), QLoRA 5.7 GiB (fits)"),
        ("Qwen/Qwen3-14B", "LoRA 32.3 GiB (does not fit), QLoRA 10.3 GiB (fits)"),
    ],
)
def test_each_way_of_training_is_judged_against_this_gpu(repo: str, said: str) -> None:
    decision = plan(**TRAINING, hardware=HardwareSpec(gpu_id="l4"), model_repo=repo)
    assert said in conflict(decision, "LORA_GATE").text


def test_training_that_fits_in_no_way_is_no_go() -> None:
    decision = plan(
        **TRAINING, hardware=HardwareSpec(gpu_id="l4"), model_repo="Qwen/Qwen2.5-32B-Instruct"
    )
    assert "DOES_NOT_FIT" in held_back(decision)
    text = conflict(decision, "LORA_GATE").text
    assert text.count("does not fit") == 2
