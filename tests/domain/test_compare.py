"""The best next step: a rule over five decisions, each case with the number that decides it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from bot.domain.compare import Advice, blocking, next_step, rent
from bot.domain.plans import number_of
from engine.contract import (
    Conflict,
    ConflictCode,
    CostEstimate,
    DecisionCard,
    Route,
    Severity,
    Status,
)
from tests.forms.filling import card, decided

CPU, GPU, PRIVATE, COLAB, RENTED = Route
BASE = decided(card())


def plan(route: Route, *fixes: str, refused: bool = False, monthly: str = "") -> DecisionCard:
    """A decision for a route: Go, or with one conflict per fix; with a price per month if given."""
    severity = Severity.refuse if refused else Severity.change
    conflicts = tuple(
        Conflict(
            code=ConflictCode.NO_STOP_PLAN, severity=severity, rule_id="x", text="Why not.",
            change=f"Change {fix}.", fix=(fix,), alternatives=(),
        )
        for fix in fixes
    )  # fmt: skip
    status = Status.refused if refused else Status.needs_changes if fixes else Status.ok
    return BASE.model_copy(
        update={
            "status": status,
            "route": BASE.route.model_copy(update={"route": route}),
            "conflicts": conflicts,
            "cost": cost(monthly) if monthly else None,
        }
    )


def cost(monthly: str) -> CostEstimate:
    return CostEstimate(
        currency="USD", hourly=Decimal(1), session=None, monthly=Decimal(monthly),
        always_on=Decimal(730), items=(), assumptions=(), as_of=date(2026, 11, 20), offer_id="x",
    )  # fmt: skip


def refused(*routes: Route) -> list[DecisionCard]:
    return [plan(route, "privacy", refused=True) for route in routes]


@pytest.mark.parametrize(
    ("plans", "present", "advice", "route"),
    [
        # the present route is Go, and nothing that is Go costs less
        ([plan(CPU), plan(GPU), plan(RENTED, monthly="20")], CPU, Advice.KEEP, CPU),
        ([plan(CPU), plan(GPU)], GPU, Advice.KEEP, GPU),
        ([plan(CPU), plan(COLAB)], COLAB, Advice.KEEP, COLAB),
        ([plan(CPU, "ram"), plan(RENTED, monthly="20")], RENTED, Advice.KEEP, RENTED),
        # another one that is Go costs less, or the present one is not Go
        ([plan(GPU), plan(RENTED, monthly="20")], RENTED, Advice.MOVE, GPU),
        ([plan(COLAB), plan(RENTED, monthly="20")], RENTED, Advice.MOVE, COLAB),
        ([plan(GPU), plan(COLAB), plan(RENTED)], RENTED, Advice.MOVE, GPU),
        ([plan(CPU, "ram"), plan(RENTED, monthly="20")], CPU, Advice.MOVE, RENTED),
        ([*refused(COLAB), plan(RENTED, monthly="20")], COLAB, Advice.MOVE, RENTED),
        ([plan(CPU), plan(RENTED)], None, Advice.MOVE, CPU),
        # none is Go: the fewest changes, at the present route where there are as many
        ([plan(CPU, "a", "b"), plan(GPU, "a"), *refused(COLAB)], CPU, Advice.CHANGE, GPU),
        ([plan(CPU, "a"), plan(GPU, "a"), *refused(COLAB)], GPU, Advice.CHANGE, GPU),
        ([plan(CPU, "available_route"), plan(GPU, "a", "b")], CPU, Advice.CHANGE, GPU),
        ([plan(CPU, "available_route"), *refused(GPU)], CPU, Advice.CHANGE, CPU),
        # all are refused
        ([*refused(CPU, GPU, COLAB)], GPU, Advice.NOWHERE, GPU),
    ],
)
def test_the_rule(
    plans: Sequence[DecisionCard], present: Route | None, advice: Advice, route: Route
) -> None:
    for order in (plans, list(reversed(plans))):
        step = next_step(order, present)
        assert (step.advice, step.route) == (advice, route)
        assert step.present == next((p for p in plans if p.route.route is present), None)


def test_of_as_many_changes_the_cards_own_route_counts_before_rent() -> None:
    own = plan(RENTED, "a", monthly="20")
    assert next_step([plan(CPU, "a"), own], RENTED).route is RENTED
    assert next_step([*refused(CPU), plan(RENTED, "a", refused=True, monthly="9")], RENTED) == (
        next_step([plan(RENTED, "a", refused=True, monthly="9")], RENTED)
    )
    assert next_step([plan(CPU, "a"), plan(RENTED, "a", "b", monthly="20")], RENTED).route is CPU


def test_of_as_many_changes_a_route_that_has_a_model_counts_before_rent() -> None:
    bare = plan(CPU, "a").model_copy(update={"model": None})
    assert BASE.model is not None
    assert next_step([bare, plan(RENTED, "a", monthly="20")], None).route is RENTED
    assert next_step([bare, plan(RENTED, "a", monthly="20")], CPU).route is CPU
    assert next_step([bare, plan(RENTED, "a", monthly="20")], PRIVATE).route is RENTED


def test_a_price_that_is_not_known_is_never_the_cheapest() -> None:
    assert rent(plan(RENTED)) is None
    assert rent(plan(RENTED, monthly="20")) == 20
    assert rent(plan(GPU)) == rent(plan(COLAB)) == 0


def test_what_blocks_is_what_decided_the_status() -> None:
    both = plan(CPU, "ram").conflicts + plan(CPU, "privacy", refused=True).conflicts
    mixed = plan(CPU).model_copy(update={"status": Status.refused, "conflicts": both})
    assert [c.change for c in blocking(mixed)] == ["Change privacy."]
    assert [c.change for c in blocking(plan(CPU, "ram"))] == ["Change ram."]
    assert blocking(plan(CPU)) == ()


@pytest.mark.parametrize(
    ("typed", "number"),
    [("OW-12", 12), ("ow-12", 12), ("12", 12), ("#12", 12), (" Ow 12 ", 12), ("OW12", 12)]
    + [(bad, 0) for bad in ("", "OW-", "12 13", "-12", "OW-1.5", "１２", "x12", "1" * 10)],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: int) -> None:
    assert number_of(typed) == number
