"""Where nothing can be planned: why, in numbers, and what would pass."""

from decimal import Decimal
from typing import Any

import pytest

from engine.contract import Conflict, HardwareSpec, Lang, Severity, Status
from engine.decide import decide
from engine.load import EngineData
from tests.engine.cards import DATA, L4, SHAPE, STOPS, card
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
        (SERVED | {"providers_allowed": ["nobody"]}, "nobody", "providers_allowed"),
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
            "NVIDIA GPUs",
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


V100: dict[str, Any] = {
    "available_route": "private_gpu",
    "hardware": HardwareSpec(gpu_id="v100-16gb"),
    "needs_service_api": True,
}


def test_the_route_is_kept_where_something_else_helps() -> None:
    said = stuck(**V100)
    assert said.passing["needs_service_api"] is False
    assert "available_route" not in said.passing
    assert said.fix[0] == "needs_service_api"
    after = decide(entered(card(**V100), dict(said.passing)), DATA)
    assert in_the_way(after) == []
    assert after.route.route == "private_gpu"


def test_the_sentence_of_what_to_change_names_the_reason() -> None:
    said = stuck(**V100)
    assert "7.0" in said.text
    assert "service API" in said.change
    long = stuck(context_tokens=10**6)
    assert "context" in long.change
    for other in (said, long):
        assert "stands in the way below" not in other.change


def test_a_provider_that_nobody_knows_is_said_and_the_nearest_one_offered() -> None:
    said = stuck(**SERVED, providers_allowed=["runpdo"])
    assert "runpdo" in said.text
    assert said.fix[0] == "providers_allowed"
    assert said.passing["providers_allowed"] == "runpod"
    asked = card(**SERVED, providers_allowed=["runpdo"])
    assert in_the_way(decide(entered(asked, dict(said.passing)), DATA)) == []
    nobody = stuck(**SERVED, providers_allowed=["nobody"])
    assert "nobody" in nobody.text
    assert "providers_allowed" in nobody.fix


def test_a_model_too_large_for_the_notebook_is_replaced_before_the_route_is() -> None:
    asked: dict[str, Any] = {
        "available_route": "free_colab",
        "model_repo": "deepseek-ai/DeepSeek-R1",
    }
    said = stuck(**asked)
    assert set(said.passing) == {"model_repo"}
    assert in_the_way(decide(entered(card(**asked), dict(said.passing)), DATA)) == []


def test_a_model_of_the_hub_without_a_known_file_says_so_and_offers_one_that_has() -> None:
    asked: dict[str, Any] = {
        "model_repo": "someone/made-by-hand", "architecture": SHAPE, "license_id": "apache-2.0",
    }  # fmt: skip
    said = stuck(**asked)
    assert "GGUF" in said.text
    assert "This family" not in said.text
    offered = str(said.passing["model_repo"])
    assert offered in DATA.catalog.models.models
    assert in_the_way(decide(entered(card(**asked), dict(said.passing)), DATA)) == []
