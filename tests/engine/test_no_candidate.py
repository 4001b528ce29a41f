"""Where nothing can be planned: why, in numbers, and what would pass."""

from decimal import Decimal
from typing import Any

import pytest

from engine.contract import Conflict, HardwareSpec, Lang, Severity, Status
from engine.decide import decide
from engine.load import EngineData
from tests.engine.cards import DATA, L4, STOPS, card
from tests.engine.markets import market, model, row
from tests.engine.plans import conflict, entered, held_back, in_the_way, plan

SERVED: dict[str, Any] = STOPS | {"needs_service_api": True}
CROWD: dict[str, Any] = {"concurrency": 4096}
TINY = HardwareSpec(ram_gib=Decimal("0.1"))


def stuck(data: EngineData = DATA, **changes: Any) -> Conflict:
    decision = plan(data, **changes)
    assert decision.status is Status.needs_changes
    assert decision.model is None
    assert decision.runtime_commands == ()
    assert len(decision.rejected_families) == 6
    said = conflict(decision, "NO_CANDIDATE")
    assert said.severity is Severity.change
    return said


@pytest.mark.parametrize(
    ("changes", "why", "fix"),
    [
        (SERVED | {"providers_allowed": ["nobody"]}, "No machine is offered", "hardware"),
        (SERVED | {"tenancy": "dedicated"}, "No machine is offered", "hardware"),
        (
            SERVED | {"hardware": HardwareSpec(gpu_id="rtx3060")},
            "No machine is offered",
            "hardware",
        ),
        (SERVED | {"context_tokens": 200_000}, "131,072 tokens", "context_tokens"),
        ({"context_tokens": 10**6}, "131,072 tokens", "context_tokens"),
        ({"hardware": TINY}, "0.1 GiB can be used", "available_route"),
        (SERVED | CROWD, "can be used", "available_route"),
        (
            {"available_route": "local_gpu", "hardware": {"gpu_id": "mi300x-192gb"}},
            "CUDA GPU",
            "available_route",
        ),
        (
            {
                "available_route": "local_gpu",
                "hardware": {"gpu_id": "v100-16gb"},
                "needs_service_api": True,
            },
            "7.0",
            "available_route",
        ),
        ({"model_repo": "openai/gpt-oss-20b"}, "Local CPU", "available_route"),
        (
            {
                "available_route": "local_gpu",
                "hardware": L4,
                "needs_service_api": True,
                "model_repo": "Qwen/Qwen3-4B",
            },
            "vLLM",
            "needs_service_api",
        ),
    ],
)
def test_each_kind_of_obstacle_is_named_and_asked_about(
    changes: dict[str, Any], why: str, fix: str
) -> None:
    said = stuck(**changes)
    assert why in said.text
    assert fix in said.fix
    assert 1 <= len(said.fix) <= 2
    assert set(said.passing) <= set(said.fix)


@pytest.mark.parametrize(
    "changes",
    [
        SERVED | {"providers_allowed": ["nobody"]},
        SERVED | {"context_tokens": 200_000},
        SERVED | CROWD,
        {"context_tokens": 10**6},
        {"hardware": TINY},
        {"available_route": "local_gpu", "hardware": L4, "context_tokens": 10**7},
        {"available_route": "free_colab", "context_tokens": 10**6},
        {"model_repo": "openai/gpt-oss-20b"},
        {"model_repo": "openai/gpt-oss-20b", "available_route": "free_colab"},
    ],
)
def test_what_is_offered_really_leads_to_a_plan(changes: dict[str, Any]) -> None:
    asked = card(**changes)
    said = stuck(**changes)
    assert said.passing
    for field, value in said.passing.items():
        after = decide(entered(asked, {field: value}), DATA)
        assert "NO_CANDIDATE" not in held_back(after), field
        assert after.status is not Status.refused
        assert after.model is not None or "HARDWARE_REQUIRED" in held_back(after)


def test_a_budget_whose_ceiling_is_below_every_model_offers_a_higher_one() -> None:
    data = market(row("verda:h100:any:x", "h100-80gb", "0.9"), models=[model("a/l", 24)])
    asked = card(**SERVED, budget_level="small")
    said = stuck(data, **SERVED, budget_level="small")
    assert "24 billion" in said.text
    assert said.passing["budget_level"] == "medium"
    assert in_the_way(decide(entered(asked, {"budget_level": "medium"}), data)) == []


def test_the_family_that_stands_first_says_why_unless_it_was_out_anyway() -> None:
    """On a rented GPU the small family is never asked; the reason given is the next one's."""
    said = stuck(**SERVED, context_tokens=10**7)
    assert "llama.cpp" not in said.text
    assert "131,072" in said.text


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize(
    "changes", [SERVED | {"providers_allowed": ["nobody"]}, SERVED | CROWD, {"hardware": TINY}]
)
def test_it_reads_in_both_languages(lang: Lang, changes: dict[str, Any]) -> None:
    said = conflict(plan(lang=lang, **changes), "NO_CANDIDATE")
    assert said.text.isascii() is (lang is Lang.en)
    assert "{" not in said.text + said.change


def test_an_own_gpu_that_is_not_named_is_asked_for_before_anything_else() -> None:
    decision = plan(available_route="local_gpu", context_tokens=10**7)
    assert in_the_way(decision) == ["HARDWARE_REQUIRED"]
