"""What a rented machine costs, by hand; how old a price may be; what a missed cap says."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.contract import CostEstimate, DecisionCard, Lang, Route, Severity, Status
from engine.decide import decide
from engine.load import EngineData
from tests.engine.cards import DATA, L4, card
from tests.engine.markets import market, model, row
from tests.engine.plans import (
    conflict,
    entered,
    in_the_way,
    only_conflict,
    plan,
    ran,
    rejected,
    rented,
)

RENT: dict[str, Any] = {
    "available_route": "rented_gpu",
    "budget_level": "large",
    "max_monthly": "900",
}
MODEL = model("a/model", 9)
"""18 GB in BF16: 0.05 h at 100 MB/s, and with a tenth on top 19.8 GB of disk."""

RUNPOD = row("runpod:l40s:any:secure", "l40s", "0.80")
"""RunPod bills 0.10 USD per GiB and month for its disk."""

VERDA = row("verda:l40s:any:on-demand", "l40s", "0.80")
"""What Verda asks for a disk is not known."""


def world(*rows: str) -> EngineData:
    return market(*rows, models=[MODEL])


def cost(decision: DecisionCard) -> CostEstimate:
    assert decision.cost is not None, in_the_way(decision)
    return decision.cost


def test_an_hour_a_session_a_month_and_never_stopping_by_hand() -> None:
    """19.8e9 / 2^30 GiB x 0.10 = 1.8440 USD of disk a month.

    Session: 0.80 x (0.05 + 0.1 + 2) + 1.8440 x 2.15 / 730 = 1.72 + 0.0054.
    Month: 0.80 x 2 x 12 + 1.8440 = 19.20 + 1.8440. Always on: 0.80 x 730.
    """
    found = cost(plan(world(RUNPOD), **RENT, session_hours="2"))
    assert found.hourly == Decimal("0.8000")
    assert str(found.hourly) == "0.8000"
    assert found.session == Decimal("1.73")
    assert found.monthly == Decimal("21.04")
    assert found.always_on == Decimal("584.00")
    assert [(item.id, item.amount) for item in found.items] == [("disk", Decimal("1.84"))]
    assert (found.currency, found.offer_id) == ("USD", "runpod:l40s:any:secure")


@pytest.mark.parametrize(
    ("changes", "session", "monthly"),
    [
        ({"session_hours": "2", "hours_per_day": "3", "days_per_month": 5}, "1.72", "12.00"),
        ({"session_hours": "30", "days_per_month": 1}, "24.12", "19.20"),  # a day has 24 hours
        ({}, None, "38.40"),  # four hours where nobody says
        ({"always_on": True, "days_per_month": 31, "review_date": "2026-12-01"}, None, "595.20"),
        ({"always_on": True, "review_date": "2026-12-01"}, None, "595.20"),  # every day of a month
    ],
)
def test_a_month_counts_the_hours_of_the_plan(
    changes: dict[str, Any], session: str | None, monthly: str
) -> None:
    found = cost(plan(world(VERDA), **RENT, **changes))
    assert found.session == (None if session is None else Decimal(session))
    assert found.monthly == Decimal(monthly)
    assert found.always_on == Decimal("584.00")


@pytest.mark.parametrize("lang", Lang)
def test_a_disk_without_a_known_price_is_named_not_counted(lang: Lang) -> None:
    unknown = cost(plan(world(VERDA), lang, **RENT, session_hours="2"))
    known = cost(plan(world(RUNPOD), lang, **RENT, session_hours="2"))
    assert unknown.items == ()
    words = DATA.rules[lang].budget.words
    assert words.disk_unknown in unknown.assumptions
    assert words.disk_from_offer in known.assumptions
    assert words.egress in unknown.assumptions
    assert any("100 MB/s" in text and "0.1" in text for text in unknown.assumptions)
    assert not any("{" in text for text in unknown.assumptions)


def test_halves_are_rounded_up_once_at_the_end() -> None:
    hourly = cost(plan(world(row("verda:l40s:any:on-demand", "l40s", "0.12345")), **RENT)).hourly
    assert str(hourly) == "0.1235"
    odd = world(row("verda:l40s:any:on-demand", "l40s", "0.345"))
    month = cost(plan(odd, **RENT, hours_per_day="1", days_per_month=1)).monthly
    assert str(month) == "0.35", "bankers would say 0.34"
    assert cost(plan(odd, **RENT, hours_per_day="1", days_per_month=3)).monthly == Decimal("1.04")


def test_more_hours_never_cost_less() -> None:
    hours = [Decimal(h) / 2 for h in range(1, 49)]
    found = [cost(plan(world(RUNPOD), **RENT, session_hours=h)) for h in hours]
    sessions = [c.session for c in found if c.session is not None]
    assert len(sessions) == len(hours)
    assert sessions == sorted(sessions)
    months = [c.monthly for c in found]
    assert months == sorted(months)
    by_days = [cost(plan(world(RUNPOD), **RENT, days_per_month=d)).monthly for d in range(1, 32)]
    assert by_days == sorted(by_days)


@pytest.mark.parametrize("route", [r for r in Route if r is not Route.rented_gpu])
def test_what_one_has_already_bills_nobody(route: Route) -> None:
    decision = plan(available_route=route.value, hardware=L4, session_hours="2")
    assert (decision.offer, decision.cost) == (None, None)


TODAY = date(2026, 11, 24)
LIST, MARKET = "verda:l40s:any:on-demand", "vast:l40s:any:community"


@pytest.mark.parametrize(
    ("offer", "days", "code"),
    [
        (LIST, 0, None),
        (LIST, 60, None),
        (LIST, 61, "PRICE_STALE"),
        (LIST, 365, "PRICE_STALE"),
        (LIST, 366, "PRICE_EXPIRED"),
        (MARKET, 14, None),
        (MARKET, 15, "PRICE_STALE"),
        (MARKET, 60, "PRICE_STALE"),
        (MARKET, 61, "PRICE_EXPIRED"),
    ],
)
def test_prices_age_by_the_day(offer: str, days: int, code: str | None) -> None:
    seen = TODAY - timedelta(days=days)
    data = world(row(offer, "l40s", "0.80", seen=seen))
    decision = plan(data, **RENT, session_hours="2", needs_service_api=True)
    said = {c.code.value for c in (*decision.conflicts, *decision.warnings)}
    assert said == ({code} if code else set())
    if code is not None:
        assert seen.isoformat() in conflict(decision, code).text
    if code == "PRICE_STALE":
        assert str(days) in conflict(decision, code).text
        assert cost(decision).as_of == seen


@pytest.mark.parametrize("lang", Lang)
def test_an_expired_price_is_shown_and_never_counted_with(lang: Lang) -> None:
    old = row(LIST, "l40s", "0.80", seen=date(2025, 1, 1))
    decision = plan(world(old), lang, **RENT, session_hours="2")
    said = only_conflict(decision)
    assert (said.code, said.severity) == ("PRICE_EXPIRED", Severity.change)
    assert said.fix == ("price_seen", "model_repo")
    for part in ("verda", "L40S", "0.80", "2025-01-01"):
        assert part in said.text
    assert decision.cost is None
    assert decision.offer is not None
    assert decision.offer.hourly == Decimal("0.80")


def test_a_price_seen_today_replaces_an_expired_one() -> None:
    data = world(row(LIST, "l40s", "0.80", seen=date(2025, 1, 1)))
    asked = card(**RENT, session_hours="2")
    assert in_the_way(decide(asked, data)) == ["PRICE_EXPIRED"]
    typed = {"price_seen": {"offer_id": LIST, "hourly": "1.25"}}
    fixed = decide(entered(asked, typed), data)
    assert in_the_way(fixed) == []
    assert rented(fixed) == (LIST, "1.25")
    assert (cost(fixed).hourly, cost(fixed).as_of) == (Decimal("1.2500"), TODAY)


def test_a_price_seen_leaves_the_order_of_the_other_offers_as_it_was() -> None:
    old = row("verda:a100:any:on-demand", "a100-80gb", "9.00", seen=date(2025, 1, 1))
    data = world(old, row(LIST, "l40s", "0.80"), row("verda:a40:any:on-demand", "a40", "0.60"))
    asked: dict[str, Any] = RENT | {"session_hours": "2"}
    seen = {"offer_id": LIST, "hourly": "0.80"}
    assert rented(plan(data, **asked, price_seen=seen)) == rented(plan(data, **asked))


def test_an_expired_price_is_no_way_round_a_cap() -> None:
    """It is taken only where no priced machine holds the model."""
    old = row("verda:a40:any:on-demand", "a40", "0.10", seen=date(2025, 1, 1))
    asked: dict[str, Any] = RENT | {"session_hours": "2", "max_hourly": "0.50"}
    dear = plan(world(old, VERDA), **asked)
    assert dear.status is Status.refused
    assert in_the_way(dear) == ["BUDGET_EXCEEDED"]
    small = row("verda:t4:any:on-demand", "t4", "0.20")
    assert in_the_way(plan(world(old, small), **asked)) == ["PRICE_EXPIRED"]


def test_a_marketplace_price_says_that_it_is_an_order_of_magnitude() -> None:
    words = DATA.rules[Lang.en].budget.words
    fresh = plan(world(row(MARKET, "l40s", "0.80")), **RENT, session_hours="2")
    assert words.marketplace in cost(fresh).assumptions
    assert words.marketplace not in cost(plan(world(VERDA), **RENT)).assumptions


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
    """12 days of 4 h at 0.80 are 38.40; 20 USD pay for 25 h: six days of four hours."""
    asked = card(**(RENT | {"max_monthly": "20"}), session_hours="4")
    decision = decide(asked, world(VERDA), lang)
    said = only_conflict(decision)
    assert decision.status is Status.needs_changes
    assert (said.code, said.severity) == ("BUDGET_EXCEEDED", Severity.change)
    for part in ("48", "38.40", "20.00", "18.40"):
        assert part in said.text
    assert "25" in said.change
    assert said.fix == ("session_hours", "days_per_month")
    assert said.passing == {"session_hours": "4", "days_per_month": 6}
    assert decision.cost is not None, "a change keeps its plan and its price"
    fixed = decide(entered(asked, dict(said.passing)), world(VERDA), lang)
    assert in_the_way(fixed) == []
    assert cost(fixed).monthly == Decimal("19.20")


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
    assert "595.20" in conflict(decision, "BUDGET_EXCEEDED").text


def test_a_monthly_cap_below_one_hour_is_refused_by_the_month() -> None:
    decision = plan(world(VERDA), **(RENT | {"max_monthly": "0.50"}), session_hours="2")
    said = only_conflict(decision)
    assert said.severity is Severity.refuse
    assert "19.20 USD a month" in said.text
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
