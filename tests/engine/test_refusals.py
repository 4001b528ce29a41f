"""What a refused plan says: only what is true of it, and what would work instead."""

from decimal import Decimal
from typing import Any

import pytest

from engine.contract import DecisionCard, Lang, Route, Severity, Status
from engine.decide import decide
from tests.engine.bills import RENT, VERDA, world
from tests.engine.cards import DATA, card
from tests.engine.markets import market, model, row
from tests.engine.plans import conflict, entered, in_the_way, plan, rejected, warned

DEAR: dict[str, Any] = {
    "available_route": "rented_gpu",
    "session_hours": "2",
    "model_repo": "meta-llama/Llama-3.3-70B-Instruct",
}
NOT_COMMERCIAL: dict[str, Any] = {"model_repo": "Qwen/Qwen2.5-3B-Instruct"}


def too_dear(lang: Lang = Lang.en) -> DecisionCard:
    decision = plan(lang=lang, **DEAR)
    assert in_the_way(decision) == ["BUDGET_EXCEEDED"]
    assert decision.status is Status.refused
    return decision


def test_a_refused_machine_is_not_warned_of() -> None:
    about = {"FIT_TIGHT", "FIT_UNCALIBRATED", "PRICE_STALE", "MODEL_GATED", "REVISION_NOT_PINNED"}
    assert not {w.value for w in warned(too_dear())} & about
    assert {"RENT_NOT_JUSTIFIED"} == {w.value for w in warned(too_dear())}
    applied = {r.rule_id for r in too_dear().applied_rules}
    assert not {"memory.tight", "model.gated", "price.stale"} & applied


@pytest.mark.parametrize("lang", Lang)
def test_each_family_says_what_is_true_of_it_on_a_budget_refusal(lang: Lang) -> None:
    decision = too_dear(lang)
    own = rejected(decision, "qwen_llama")
    assert own.code == "over_budget"
    assert own.numbers["cap"] == "1"
    assert "1.00" in own.reason
    assert f"{Decimal(str(own.numbers['hourly'])):.2f}" in own.reason, "price and cap"
    for other in ("small_instruct", "gpt_oss", "mistral"):
        assert "meta-llama/Llama-3.3-70B-Instruct" in rejected(decision, other).reason


def test_a_licence_that_forbids_one_model_is_not_said_of_the_others() -> None:
    decision = plan(**NOT_COMMERCIAL)
    assert in_the_way(decision) == ["LICENSE_COMMERCIAL"]
    assert "licence forbids" in rejected(decision, "small_instruct").reason
    assert "Qwen/Qwen2.5-3B-Instruct" in rejected(decision, "mistral").reason


def test_money_in_numbers_has_two_places() -> None:
    pair = row("runpod:h100:any:secure", "h100-80gb", "0.9137")
    data = market(pair, models=[model("a/model", 24)])
    decision = plan(data, **(RENT | {"max_monthly": "0.77"}), session_hours="2")
    numbers = rejected(decision, "qwen_llama").numbers
    assert {len(str(numbers[name]).rpartition(".")[2]) for name in ("monthly", "gap")} == {2}
    assert Decimal(str(numbers["monthly"])) - Decimal("0.77") == Decimal(str(numbers["gap"]))


def test_two_refusals_at_once_each_offer_a_way_out() -> None:
    decision = plan(available_route="rented_gpu", privacy="regulated", budget_level="zero")
    refusals = [c for c in decision.conflicts if c.severity is Severity.refuse]
    assert [c.code for c in refusals] == ["REGULATED_PROVIDER", "BUDGET_ROUTE_CONFLICT"]
    assert Route.private_gpu in refusals[0].alternatives
    assert Route.local_cpu in refusals[1].alternatives


@pytest.mark.parametrize(
    "hours",
    [
        {"session_hours": "4", "hours_per_day": "24"},
        {"session_hours": "4", "hours_per_day": "20", "days_per_month": 31},
        {"always_on": True, "review_date": "2026-12-01"},
        {"always_on": True, "review_date": "2026-12-01", "hours_per_day": "24"},
        {"always_on": True, "review_date": "2026-12-01", "days_per_month": 31},
    ],
)
@pytest.mark.parametrize("cap", ["26.90", "7.90", "106.90"])
def test_hours_that_are_proposed_lead_to_go_as_they_are_sent(
    hours: dict[str, Any], cap: str
) -> None:
    asked = card(**(RENT | {"max_monthly": cap}), **hours)
    said = conflict(decide(asked, world(VERDA)), "BUDGET_EXCEEDED")
    assert said.severity is Severity.change
    sent = type(asked).model_validate(asked.model_dump() | dict(said.passing))
    assert decide(sent, world(VERDA)).status is Status.ok
    assert decide(entered(asked, dict(said.passing)), world(VERDA)).status is Status.ok


@pytest.mark.parametrize("lang", Lang)
def test_nothing_to_plan_names_whose_reason_it_gives(lang: Lang) -> None:
    unnamed = plan(lang=lang, context_tokens=10**6)
    said = conflict(unnamed, "NO_CANDIDATE")
    assert rejected(unnamed, "small_instruct").label in said.text
    assert "thread" not in said.change
    assert "讨论串" not in said.change
    named = plan(lang=lang, model_repo="openai/gpt-oss-20b")
    assert "openai/gpt-oss-20b" in conflict(named, "NO_CANDIDATE").text


def test_the_licence_of_a_known_model_is_reviewed_not_typed() -> None:
    home: dict[str, Any] = {"available_route": "local_gpu", "hardware": {"gpu_id": "h100-80gb"}}
    known = conflict(plan(**home, model_repo=UNREAD), "LICENSE_UNKNOWN")
    assert known.fix == ("license_review", "model_repo")
    assert "id" not in known.change.split()
    unheard = conflict(plan(**home, model_repo="someone/unheard-of"), "LICENSE_UNKNOWN")
    assert unheard.fix == ("license_id", "license_review")
    reviewed = plan(**home, model_repo=UNREAD, license_review="read it: fine for this use")
    assert "LICENSE_UNKNOWN" not in in_the_way(reviewed)


UNREAD = next(m.repo for m in DATA.catalog.models.models.values() if m.license_id == "modified-mit")
