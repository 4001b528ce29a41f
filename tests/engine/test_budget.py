"""What a cap lets through, and what a missed one says."""

from decimal import Decimal
from typing import Any

import pytest

from engine.contract import Lang, Severity, Status
from engine.decide import decide
from tests.engine.bills import RENT, VERDA, cost, world
from tests.engine.cards import DATA, card
from tests.engine.markets import market, model, row
from tests.engine.plans import (
    conflict,
    entered,
    in_the_way,
    only_conflict,
    plan,
    ran,
    rejected,
)


@pytest.mark.parametrize("lang", Lang)
def test_a_missed_hourly_cap_is_refused_with_the_cheapest_gap(lang: Lang) -> None:
    dearer = row("aws:p5:us-east-1:on-demand", "h100-80gb", "3.90")
    changes: dict[str, Any] = RENT | {"session_hours": "2", "max_hourly": "0.55"}
    decision = plan(world(dearer, VERDA), lang, **changes)
    said = only_conflict(decision)
    assert decision.status is Status.refused
    assert (said.code, said.severity, said.fix) == ("BUDGET_EXCEEDED", Severity.refuse, ())
    for part in ("a/model", "verda", "0.80", "0.55", "0.25"):
        assert part in said.text
    assert "3.90" not in said.text
    assert DATA.rules[lang].budget.words.hourly in said.text
    assert said.alternatives
    assert {r.code for r in decision.rejected_families} == {"over_budget"}


def test_the_cheapest_machine_of_a_missed_cap_may_have_several_gpus() -> None:
    pair = row("aws:2l4:any:x", "l4", "0.60", count=2)
    decision = plan(world(VERDA, pair), **RENT, session_hours="2", max_hourly="0.55")
    said = only_conflict(decision)
    assert "aws 2 x L4" in said.text
    assert "0.05" in said.text


def test_a_higher_budget_or_another_model_is_offered_for_a_missed_cap() -> None:
    asked = card(
        available_route="rented_gpu",
        session_hours="2",
        model_repo="meta-llama/Llama-3.1-405B-Instruct",
        providers_allowed=["aws"],
    )
    said = only_conflict(decide(asked, DATA))
    assert said.code == "BUDGET_EXCEEDED"
    assert said.passing.keys() == {"model_repo", "budget_level"}
    for field, value in said.passing.items():
        after = decide(entered(asked, {field: value}), DATA)
        assert "BUDGET_EXCEEDED" not in in_the_way(after), field


@pytest.mark.parametrize("lang", Lang)
def test_a_missed_monthly_cap_names_the_hours_that_fit(lang: Lang) -> None:
    """12 days of 4 h at 0.80 and the disk are 45.30; 26.90 pay for 25 h: six days of four hours."""
    asked = card(**(RENT | {"max_monthly": "26.90"}), session_hours="4")
    decision = decide(asked, world(VERDA), lang)
    said = only_conflict(decision)
    assert decision.status is Status.needs_changes
    assert (said.code, said.severity) == ("BUDGET_EXCEEDED", Severity.change)
    for part in ("48", "45.30", "26.90", "18.40"):
        assert part in said.text
    assert "25" in said.change
    assert said.fix == ("session_hours", "days_per_month")
    assert said.passing == {"session_hours": "4", "days_per_month": 6}
    assert decision.cost is not None, "a change keeps its plan and its price"
    fixed = decide(entered(asked, dict(said.passing)), world(VERDA), lang)
    assert in_the_way(fixed) == []
    assert cost(fixed).monthly == Decimal("26.10")


def test_always_on_above_the_monthly_cap_is_offered_as_sessions() -> None:
    asked = card(
        **(RENT | {"max_monthly": "100"}), always_on=True, days_per_month=31,
        review_date="2026-12-01",
    )  # fmt: skip
    said = only_conflict(decide(asked, world(VERDA)))
    assert said.severity is Severity.change
    fixed = decide(entered(asked, dict(said.passing)), world(VERDA))
    assert in_the_way(fixed) == []


def test_a_cap_that_pays_for_some_days_does_not_pay_for_always_on() -> None:
    """288 hours on the usual twelve days would be 230.40 USD."""
    decision = plan(
        world(VERDA), **(RENT | {"max_monthly": "300"}), always_on=True, review_date="2026-12-01"
    )
    assert in_the_way(decision) == ["BUDGET_EXCEEDED"]
    assert "602.10" in conflict(decision, "BUDGET_EXCEEDED").text


@pytest.mark.parametrize(("hours", "days"), [("744", 1), ("100", 1), ("744", 12), ("24", 1)])
def test_a_session_that_misses_the_months_cap_by_itself_is_not_planned(
    hours: str, days: int
) -> None:
    """At 0.80 an hour 26.90 USD pay for 25 hours and the disk, on however few days they are."""
    asked = card(**(RENT | {"max_monthly": "26.90"}), session_hours=hours, days_per_month=days)
    decision = decide(asked, world(VERDA))
    assert (in_the_way(decision) == []) is (hours == "24")
    if in_the_way(decision):
        said = conflict(decision, "BUDGET_EXCEEDED")
        assert said.severity is Severity.change
        fixed = decide(entered(asked, dict(said.passing)), world(VERDA))
        assert in_the_way(fixed) == []


def test_hours_a_day_do_not_make_a_session_cheaper() -> None:
    """12 sessions of 8 h at 0.80 are 76.80 with no disk, whatever a day is said to have."""
    asked = card(**(RENT | {"max_monthly": "70"}), session_hours="8", hours_per_day="1")
    decision = decide(asked, world(VERDA))
    assert in_the_way(decision) == ["BUDGET_EXCEEDED"]
    fixed = decide(entered(asked, dict(only_conflict(decision).passing)), world(VERDA))
    assert in_the_way(fixed) == []


def test_a_monthly_cap_below_one_hour_is_refused_by_the_month() -> None:
    decision = plan(world(VERDA), **(RENT | {"max_monthly": "7.40"}), session_hours="2")
    said = only_conflict(decision)
    assert said.severity is Severity.refuse
    assert "26.10 USD a month" in said.text
    assert "18.70" in said.text


@pytest.mark.parametrize(("cap", "fits"), [("0.80", True), ("0.7999", False)])
def test_a_cap_that_is_just_met_is_kept(cap: str, fits: bool) -> None:
    decision = plan(world(VERDA), **RENT, session_hours="2", max_hourly=cap)
    assert (decision.status is Status.ok) is fits


def test_a_card_tightens_the_caps_of_its_budget_and_never_loosens_them() -> None:
    small = RENT | {"budget_level": "small", "max_hourly": "100"}
    dear = world(row("verda:l40s:any:on-demand", "l40s", "1.01"))
    assert "1.00" in only_conflict(plan(dear, **small, session_hours="1")).text
    assert plan(world(VERDA), **small, session_hours="1").status is Status.ok


def test_a_family_above_the_cap_is_rejected_with_price_cap_and_gap() -> None:
    small, big = model("a/small", 3), model("b/big", 30, family_id="mistral")
    rows = (
        row("verda:l4:any:x", "l4", "0.30"),
        VERDA,
        row("verda:h100:any:x", "h100-80gb", "2"),
    )
    data = market(*rows, models=[small, big])
    decision = plan(data, **(RENT | {"max_hourly": "0.50"}), session_hours="2")
    assert ran(decision)[0] == "a/small"
    told = rejected(decision, "mistral")
    assert told.code == "over_budget"
    assert told.numbers == {"hourly": "2", "cap": "0.50", "gap": "1.50"}
    assert "1.50 USD an hour" in told.reason
