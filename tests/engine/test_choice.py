"""The choice of family, model, format and machine: its total order, told in small worlds."""

from typing import Any

import pytest

from engine.contract import HardwareSpec, ModelItem
from tests.engine.cards import L4
from tests.engine.markets import market, model, row
from tests.engine.plans import family, plan, ran, rejected, rejection, rented

RENT: dict[str, Any] = {
    "available_route": "rented_gpu",
    "budget_level": "large",
    "max_monthly": "900",
    "session_hours": "2",
}
OWN: dict[str, Any] = {"available_route": "local_gpu", "hardware": L4}

L4S = row("verda:l4:any:x", "l4", "0.30")
L40S = row("verda:l40s:any:x", "l40s", "0.80")
H100 = row("verda:h100:any:x", "h100-80gb", "2.00")


@pytest.mark.parametrize(
    ("models", "rows", "chosen"),
    [
        # the largest that fits
        ([model("a/s", 3), model("b/m", 7)], [L40S], ("b/m", "BF16", "verda:l40s:any:x")),
        ([model("a/s", 3), model("b/l", 70)], [L40S], ("a/s", "BF16", "verda:l40s:any:x")),
        # of equal ones the name
        ([model("b/x", 7), model("a/x", 7)], [L40S], ("a/x", "BF16", "verda:l40s:any:x")),
        # a larger one on a dearer machine before a smaller one on a cheap machine
        ([model("a/s", 7), model("b/m", 14)], [L4S, L40S], ("b/m", "BF16", "verda:l40s:any:x")),
        # the preferred format before the cheaper machine
        ([model("a/m", 14, ["AWQ", "BF16"])], [L4S, L40S], ("a/m", "BF16", "verda:l40s:any:x")),
        # a smaller quantization before refusal, and before a smaller model
        (
            [model("a/s", 3), model("b/m", 14, ["BF16", "AWQ"])],
            [L4S],
            ("b/m", "AWQ", "verda:l4:any:x"),
        ),
        # what fits before what is tight, though it is smaller
        ([model("a/s", 3), model("b/m", 10)], [L4S], ("a/s", "BF16", "verda:l4:any:x")),
        ([model("b/m", 10)], [L4S], ("b/m", "BF16", "verda:l4:any:x")),
        # files that anybody may fetch before gated ones
        (
            [model("a/open", 3), model("b/gated", 7, gated=True)],
            [L40S],
            ("a/open", "BF16", "verda:l40s:any:x"),
        ),
        ([model("b/gated", 7, gated=True)], [L40S], ("b/gated", "BF16", "verda:l40s:any:x")),
        # one GPU before several, though they are cheaper, unless they cost less than two thirds
        *(
            (
                [model("a/m", 14)],
                [
                    row("aws:2l4:any:x", "l4", price, count=2),
                    row("verda:l40s:any:x", "l40s", "0.9"),
                ],
                ("a/m", "BF16", chosen),
            )
            for price, chosen in (
                ("0.60", "verda:l40s:any:x"),
                ("0.5999", "aws:2l4:any:x"),
                ("0.95", "verda:l40s:any:x"),
            )
        ),
        # several where it fits before one where it is tight
        (
            [model("b/m", 10)],
            [row("aws:2l4:any:x", "l4", "3", count=2), L4S],
            ("b/m", "BF16", "aws:2l4:any:x"),
        ),
        # and one where it fits before several where it is tight, though they are much cheaper
        (
            [model("b/m", 20)],
            [row("aws:2l4:any:x", "l4", "0.10", count=2), row("verda:h:any:x", "h100-80gb", "2")],
            ("b/m", "BF16", "verda:h:any:x"),
        ),
        (
            [model("a/l", 60)],
            [row("aws:4h:any:x", "h100-80gb", "8", count=4), H100],
            ("a/l", "BF16", "aws:4h:any:x"),
        ),
        # then the cheaper hour
        ([model("a/m", 7)], [H100, L40S, L4S], ("a/m", "BF16", "verda:l4:any:x")),
    ],
)
def test_the_order_of_candidates(
    models: list[ModelItem], rows: list[str], chosen: tuple[str, str, str]
) -> None:
    for these in (models, models[::-1]):
        decision = plan(market(*rows, models=these), **RENT, needs_service_api=True)
        assert (*ran(decision), rented(decision)[0]) == chosen


@pytest.mark.parametrize(
    ("budget", "chosen"),
    [("small", "b/15"), ("medium", "c/35"), ("large", "d/40")],
)
def test_a_budget_has_a_ceiling_for_models_that_nobody_named(budget: str, chosen: str) -> None:
    models = [model("a/7", 7), model("b/15", 15), model("c/35", 35), model("d/40", 40)]
    data = market(row("verda:b300:any:x", "b300-288gb", "0.50"), models=models)
    changes = RENT | {"budget_level": budget, "max_monthly": "40"}
    assert ran(plan(data, **changes))[0] == chosen
    named = plan(data, **changes, model_repo="d/40")
    assert ran(named)[0] == "d/40", "a name is above every ceiling"


def test_a_family_above_the_ceiling_says_how_large_it_is() -> None:
    data = market(L40S, models=[model("a/m", 7), model("b/l", 24, family_id="mistral")])
    told = rejected(
        plan(data, **(RENT | {"budget_level": "small", "max_monthly": None})), "mistral"
    )
    assert told.code == "over_budget"
    assert told.numbers == {"params_total": 24 * 10**9, "ceiling": 15 * 10**9}
    assert "24 billion" in told.reason
    assert "15" in told.reason


def test_a_cap_gives_way_to_a_smaller_quantization_then_to_a_smaller_model() -> None:
    models = [model("a/s", 3), model("b/m", 14, ["BF16", "AWQ"])]
    data = market(L4S, L40S, models=models)
    assert ran(plan(data, **RENT)) == ("b/m", "BF16")
    assert ran(plan(data, **RENT, max_hourly="0.50")) == ("b/m", "AWQ")
    small = market(row("verda:3060:any:x", "rtx3060", "0.10"), L4S, L40S, models=models)
    assert ran(plan(small, **RENT, max_hourly="0.20")) == ("b/m", "AWQ")
    tiny = market(row("verda:3060:any:x", "rtx3050", "0.10"), L4S, L40S, models=models)
    assert ran(plan(tiny, **RENT, max_hourly="0.20")) == ("a/s", "BF16")


FAMILIES = [
    model("q/q", 7),
    model("g/g", 20, family_id="gpt_oss"),
    model("r/r", 8, family_id="reasoning"),
    model("m/m", 24, family_id="mistral"),
    model("o/o", 4, family_id="open_other"),
    model("s/s", 3, family_id="small_instruct"),
]


def test_the_first_family_of_the_order_is_taken_and_every_other_has_its_reason() -> None:
    decision = plan(market(L40S, H100, models=FAMILIES), **RENT, needs_service_api=True)
    assert family(decision) == "qwen_llama"
    told = {r.id: (r.code.value, r.numbers) for r in decision.rejected_families}
    assert told == {
        "small_instruct": ("runtime_not_serving", {}),
        "gpt_oss": ("model_card_check_required", {}),
        "reasoning": ("needs_latency_check", {}),
        "mistral": ("not_first_fit", {"rank": 5}),
        "open_other": ("not_first_fit", {"rank": 6}),
    }
    assert [r.id for r in decision.rejected_families] == list(told)


@pytest.mark.parametrize(("repo", "chosen"), [("g/g", "gpt_oss"), ("r/r", "reasoning")])
def test_families_that_want_to_be_named_are_taken_when_they_are(repo: str, chosen: str) -> None:
    decision = plan(market(L40S, H100, models=FAMILIES), **RENT, model_repo=repo)
    assert family(decision) == chosen
    assert all(repo in r.reason for r in decision.rejected_families)


def test_a_later_family_is_taken_where_the_first_has_nothing_that_fits() -> None:
    models = [model("q/q", 70), *FAMILIES[1:]]
    decision = plan(market(L40S, models=models), **RENT)
    assert family(decision) == "open_other"
    told = rejected(decision, "qwen_llama")
    assert told.code == "does_not_fit"
    assert int(told.numbers["need_high"]) > int(told.numbers["capacity"])
    assert "GiB" in told.reason
    assert rejected(decision, "mistral").code == "does_not_fit"


def test_a_family_whose_contexts_are_too_short_says_by_how_much() -> None:
    shape = model("m/m", 3).architecture.model_copy(update={"native_context": 131_072})
    longer = model("m/m", 3, family_id="mistral", architecture=shape)
    decision = plan(market(H100, models=[FAMILIES[0], longer]), **RENT, context_tokens=100_000)
    assert family(decision) == "mistral"
    told = rejected(decision, "qwen_llama")
    assert told.code == "context_too_long"
    assert told.numbers == {"context": 100_000, "native": 32_768}
    assert "100,000" in told.reason
    assert "32,768" in told.reason


def test_a_family_that_the_hardware_cannot_run_says_both_capabilities() -> None:
    data = market(row("verda:t4:any:x", "t4", "0.20"), models=[model("q/q", 7, never=["FP16"])])
    told = rejected(plan(data, **RENT), "qwen_llama")
    assert told.code == "hardware_unsupported"
    assert told.numbers == {"capability": "7.5", "minimum": "8.0"}


def test_a_team_may_remove_every_model_of_a_family() -> None:
    decision = plan(market(L40S, models=FAMILIES[:1]), **RENT)
    assert family(decision) == "qwen_llama"
    assert rejection(decision, "open_other") == "arch_unknown"


@pytest.mark.parametrize("route", ["local_gpu", "private_gpu"])
def test_an_own_gpu_prefers_the_larger_family_and_a_notebook_the_small_one(route: str) -> None:
    assert family(plan(available_route=route, hardware=L4)) == "qwen_llama"
    tiny = HardwareSpec(gpu_id="rtx3050")
    small = plan(available_route=route, hardware=tiny, context_tokens=32_768, concurrency=4)
    assert family(small) == "small_instruct"
    assert family(plan(available_route="free_colab")) == "small_instruct"


def test_a_revision_on_the_card_pins_the_named_repository_only() -> None:
    decision = plan(**OWN, model_repo="Qwen/Qwen3-8B", context_tokens=32_768, revision="a" * 40)
    assert decision.model is not None
    assert decision.model.revision == "a" * 40
    assert decision.model.weights.repo == "Qwen/Qwen3-8B-FP8"
    assert decision.model.weights.revision != "a" * 40
