"""What a rented machine costs, by hand, and how old a price may be."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.contract import Lang, Route, Severity, Status
from engine.decide import decide
from tests.engine.bills import RENT, RUNPOD, VERDA, cost, world
from tests.engine.cards import DATA, L4, STOPS, card
from tests.engine.markets import market, model, row
from tests.engine.plans import (
    conflict,
    entered,
    in_the_way,
    only_conflict,
    plan,
    rented,
)


def test_an_hour_a_session_a_month_and_never_stopping_by_hand() -> None:
    """69 GiB (19.8e9 bytes, whole GiB, and 50 for the system) x 0.10 = 6.90 USD of disk a month.

    Session: 0.80 x (0.05 + 0.1 + 2) + 6.90 x 2.15 / 730 = 1.72 + 0.0203.
    Month: 0.80 x 2 x 12 + 6.90 = 19.20 + 6.90. Always on: 0.80 x 730.
    """
    found = cost(plan(world(RUNPOD), **RENT, session_hours="2"))
    assert found.hourly == Decimal("0.8000")
    assert str(found.hourly) == "0.8000"
    assert found.session == Decimal("1.74")
    assert found.monthly == Decimal("26.10")
    assert found.always_on == Decimal("584.00")
    assert [(item.id, item.amount) for item in found.items] == [("disk", Decimal("6.90"))]
    assert (found.currency, found.offer_id) == ("USD", "runpod:l40s:any:secure")


@pytest.mark.parametrize("scheme", ["BF16", "FP8", "AWQ"])
def test_the_disk_that_is_billed_is_the_disk_that_is_rented(scheme: str) -> None:
    data = market(RUNPOD, models=[model("a/model", 9, [scheme])])
    decision = plan(data, **RENT, session_hours="2", needs_service_api=True)
    rent = next(s for s in decision.runtime_commands[0].before if "--containerDiskSize" in s.argv)
    gib = Decimal(rent.argv[rent.argv.index("--containerDiskSize") + 1])
    assert gib > 50
    assert [item.amount for item in cost(decision).items] == [gib * Decimal("0.10")]


def test_the_nearest_to_a_missed_month_is_the_nearest_with_its_disk() -> None:
    """2 h on 12 days at 0.80 and 6.90 of disk is more than 0.90 with a disk of 0.69."""
    dearer = row("verda:l40s:any:on-demand", "l40s", "0.90")
    asked: dict[str, Any] = RENT | {"session_hours": "2", "max_monthly": "21"}
    decision = plan(world(RUNPOD, dearer, disks={"verda": "0.01"}), **asked)
    assert in_the_way(decision) == ["BUDGET_EXCEEDED"]
    assert rented(decision) == ("verda:l40s:any:on-demand", "0.90")
    assert cost(decision).monthly == Decimal("22.29")


@pytest.mark.parametrize(
    ("changes", "session", "monthly"),
    [
        ({"session_hours": "2", "hours_per_day": "3", "days_per_month": 5}, "1.74", "18.90"),
        ({"session_hours": "30", "days_per_month": 2}, "24.40", "45.30"),  # a day has 24 hours
        ({"session_hours": "30", "days_per_month": 1}, "24.40", "30.90"),  # one session at least
        ({"session_hours": "8", "hours_per_day": "1"}, "6.60", "83.70"),  # a day holds its session
        ({"session_hours": "8", "hours_per_day": "9"}, "6.60", "93.30"),
        ({"hours_per_day": "1"}, None, "16.50"),
        ({}, None, "45.30"),  # four hours where nobody says
        ({"always_on": True, "days_per_month": 31, "review_date": "2026-12-01"}, None, "602.10"),
        ({"always_on": True, "review_date": "2026-12-01"}, None, "602.10"),  # every day of a month
        ({"always_on": True, "review_date": "2026-12-01", "hours_per_day": "1"}, None, "602.10"),
    ],
)
def test_a_month_counts_the_hours_of_the_plan(
    changes: dict[str, Any], session: str | None, monthly: str
) -> None:
    found = cost(plan(world(VERDA), **RENT, **changes))
    assert found.session == (None if session is None else Decimal(session))
    assert found.monthly == Decimal(monthly)
    assert found.always_on == max(Decimal("584.00"), Decimal(monthly))


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"session_hours": "8"}, (False, False)),
        ({"session_hours": "8", "hours_per_day": "1"}, (True, False)),
        ({"always_on": True, "review_date": "2026-12-01", "hours_per_day": "1"}, (True, False)),
        ({"always_on": True, "review_date": "2026-12-01"}, (False, False)),
        ({"hours_per_day": "1"}, (False, False)),
        ({"session_hours": "30", "days_per_month": 1}, (False, True)),
    ],
)
def test_hours_that_the_card_does_not_say_are_said_with_the_cost(
    changes: dict[str, Any], said: tuple[bool, bool], lang: Lang
) -> None:
    told = cost(plan(world(VERDA), lang, **RENT, **changes)).assumptions
    words = DATA.rules[lang].budget.words
    assert (words.day_raised in told, words.one_session.format(month="30") in told) == said


@pytest.mark.parametrize("lang", Lang)
def test_a_disk_without_a_known_price_is_assumed_and_said_to_be(lang: Lang) -> None:
    """Counted, so that it is no way round a cap; never shown as an item that somebody knows."""
    unknown = cost(plan(world(VERDA), lang, **RENT, session_hours="2"))
    known = cost(plan(world(RUNPOD), lang, **RENT, session_hours="2"))
    assert (unknown.session, unknown.monthly) == (known.session, known.monthly)
    assert unknown.items == ()
    words = DATA.rules[lang].budget.words
    assumed = words.disk_unknown.format(rate="0.10", disk="6.90")
    assert assumed in unknown.assumptions
    assert assumed not in known.assumptions
    assert words.disk_from_offer in known.assumptions
    assert words.egress in unknown.assumptions
    assert any("100 MB/s" in text and "0.1" in text for text in unknown.assumptions)
    assert not any("{" in text for text in unknown.assumptions)


def test_what_is_assumed_of_a_disk_is_never_less_than_what_is_known_of_another() -> None:
    runtimes = DATA.rules[Lang.en].runtimes
    known = [p.disk_usd_per_gib_month for p in runtimes.providers.values()]
    assert runtimes.assumed_disk_usd_per_gib_month == max(r for r in known if r is not None)


def test_halves_are_rounded_up_once_at_the_end() -> None:
    hourly = cost(plan(world(row("verda:l40s:any:on-demand", "l40s", "0.12345")), **RENT)).hourly
    assert str(hourly) == "0.1235"
    odd = world(row("verda:l40s:any:on-demand", "l40s", "0.345"))
    month = cost(plan(odd, **RENT, hours_per_day="1", days_per_month=1)).monthly
    assert str(month) == "7.25", "bankers would say 7.24"
    assert cost(plan(odd, **RENT, hours_per_day="1", days_per_month=3)).monthly == Decimal("7.94")


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


def test_what_is_always_on_costs_the_same_month_however_it_is_called() -> None:
    always = plan(**STOPS | {"session_hours": None}, always_on=True, review_date="2026-12-01",
                  budget_level="large", max_monthly="2000")  # fmt: skip
    assert always.cost is not None
    assert always.cost.monthly == always.cost.always_on


def test_never_stopping_is_never_cheaper_than_the_plan() -> None:
    busy = plan(**STOPS, hours_per_day="24", days_per_month=31, budget_level="large",
                max_monthly="2000")  # fmt: skip
    assert busy.cost is not None
    assert busy.cost.always_on >= busy.cost.monthly
