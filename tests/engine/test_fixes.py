"""What a plan asks people to change: what is offered passes, and pressing Fix comes to an end."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conflicts import judge
from engine.contract import (
    AvailableRoute,
    Conflict,
    ConstraintCard,
    DecisionCard,
    HardwareSpec,
    Lang,
    PriceSeen,
    Route,
    Severity,
    Status,
    Tenancy,
)
from engine.decide import compare, decide
from engine.passing import moved
from engine.service.answers import answer
from tests.engine.cards import DATA, SHAPE, UNHURRIED, any_card, card
from tests.engine.plans import OF_THE_MODEL, entered, held_back

TYPED: dict[str, Any] = {
    "available_route": "local_gpu",
    "needs_service_api": False,
    "needs_fine_tuning": False,
    "hardware": HardwareSpec(gpu_id="h100-80gb", gpu_count=8),
    "model_repo": None,
    "architecture": SHAPE,
    "license_id": "apache-2.0",
    "license_review": "read it: fine for this use",
    "context_tokens": 256,
    "budget_level": "large",
    "days_per_month": 1,
    "session_hours": "2",
    "review_date": date(2030, 1, 1),
    "max_monthly": "5000",
    "access_rule": "the course team",
    "tenancy": Tenancy.secure,
}
"""What a sensible person enters where nothing is proposed."""


OF_A_MODEL = {"BUDGET_EXCEEDED", "LICENSE_COMMERCIAL", "LICENSE_MAU", "LICENSE_EU"}
"""Refusals of what the card names, for which another model is proposed."""


def fixed(made: ConstraintCard, decision: DecisionCard, conflict: Conflict) -> ConstraintCard:
    """The card with what a person would enter in its Fix: what is proposed, else what passes."""
    typed: dict[str, Any] = dict(conflict.passing) or {f: TYPED.get(f) for f in conflict.fix}
    if "price_seen" in typed and decision.offer:
        typed["price_seen"] = PriceSeen(offer_id=decision.offer.offer_id, hourly="0.20")
        typed.pop("model_repo", None)
    elif "architecture" in conflict.fix and made.architecture is None:
        typed = {"architecture": SHAPE}
    return entered(made, typed)


def blocking(decision: DecisionCard) -> set[tuple[str, str]]:
    return {(c.code.value, c.severity.value) for c in decision.conflicts}


@UNHURRIED
@given(any_card())
def test_a_change_can_be_fixed_by_its_own_fields(made: ConstraintCard) -> None:
    """Where several things leave nothing to plan, one Fix leads to the next: the walk below."""
    decision = decide(made, DATA)
    for conflict in decision.conflicts:
        if conflict.severity is Severity.change:
            assert 1 <= len(conflict.fix) <= 2
            after = decide(fixed(made, decision, conflict), DATA)
            walked = conflict.code == "NO_CANDIDATE" and not conflict.passing
            assert walked or conflict.code not in held_back(after), conflict


@UNHURRIED
@given(any_card(available_route="rented_gpu"), st.sampled_from(Route))
def test_each_value_that_is_offered_passes_by_itself(made: ConstraintCard, route: Route) -> None:
    asked = made.model_copy(update={"available_route": AvailableRoute(route.value)})
    decision = decide(asked, DATA)
    for conflict in decision.conflicts:
        giving_way = {"hours_per_day", "always_on"}
        assert set(conflict.passing) - giving_way <= set(conflict.fix) or not conflict.fix
        together = {"session_hours", "days_per_month"} <= conflict.passing.keys()
        for field, value in conflict.passing.items():
            typed = dict(conflict.passing) if together else {field: value}
            after = decide(entered(asked, typed), DATA)
            assert (conflict.code.value, conflict.severity.value) not in blocking(after), field


@UNHURRIED
@given(any_card())
def test_what_is_offered_is_never_what_the_card_says_already(made: ConstraintCard) -> None:
    for conflict in decide(made, DATA).conflicts:
        hours = {"session_hours", "days_per_month", "hours_per_day", "always_on"}
        apart = [{f: v} for f, v in conflict.passing.items() if f not in hours]
        together = {f: v for f, v in conflict.passing.items() if f in hours}
        for typed in filter(None, (*apart, together)):
            after = entered(made, typed)
            assert any(getattr(after, f) != getattr(made, f) for f in typed), typed


@UNHURRIED
@given(any_card())
def test_all_values_that_are_offered_pass_together(made: ConstraintCard) -> None:
    if made.available_route is AvailableRoute.undecided:
        return
    for conflict in decide(made, DATA).conflicts:
        if conflict.severity is Severity.change and conflict.passing:
            after = decide(entered(made, dict(conflict.passing)), DATA)
            assert (conflict.code.value, "change") not in blocking(after)


@pytest.mark.parametrize("service", [True, False])
@pytest.mark.parametrize("route", [r for r in AvailableRoute if r != "free_colab"])
@pytest.mark.parametrize("repo", ["Qwen/Qwen3-4B", "Qwen/Qwen3-8B", "openai/gpt-oss-20b", "a/b"])
def test_a_named_model_without_a_candidate_can_always_be_fixed(
    repo: str, route: str, service: bool
) -> None:
    stuck = card(model_repo=repo, available_route=route, needs_service_api=service)
    decision = decide(stuck, DATA)
    for conflict in decision.conflicts:
        if conflict.code == "NO_CANDIDATE":
            after = decide(fixed(stuck, decision, conflict), DATA)
            assert "NO_CANDIDATE" not in held_back(after)


@UNHURRIED
@given(any_card(concurrency=1))
def test_pressing_fix_ends_in_go_or_an_honest_refusal(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    for _ in range(10):
        if decision.status is Status.needs_changes:
            made = fixed(made, decision, decision.conflicts[0])
            decision = decide(made, DATA)
    assert decision.status is not Status.needs_changes, decision.conflicts
    refusals = [c for c in decision.conflicts if c.severity is Severity.refuse]
    assert all(not c.fix for c in refusals)
    if refusals and not any(c.alternatives or c.passing for c in refusals):
        of_the_model = {c.code for c in refusals} <= OF_A_MODEL
        free = made.model_copy(update=dict.fromkeys(("model_repo", *OF_THE_MODEL)))
        plans = compare(free if of_the_model else made, DATA)
        assert all(p.status is not Status.ok for p in plans), "something would pass"


@UNHURRIED
@given(any_card())
def test_an_alternative_is_never_itself_refused(made: ConstraintCard) -> None:
    rules = DATA.rules[Lang.en]
    for conflict in decide(made, DATA).conflicts:
        for route in conflict.alternatives:
            assert judge(moved(made, route), route, rules, DATA.shelf).refusal is None


@UNHURRIED
@given(any_card(model_repo=None))
def test_refusals_at_once_offer_what_any_of_them_offers(made: ConstraintCard) -> None:
    refusals = [c for c in decide(made, DATA).conflicts if c.severity is Severity.refuse]
    assert len({bool(c.alternatives) for c in refusals}) <= 1


@UNHURRIED
@given(any_card(available_route="rented_gpu", budget_level="small", model_repo=None))
def test_hours_that_are_offered_pass_as_they_are_sent(made: ConstraintCard) -> None:
    """A program sends the values as they are, and the hours of the card stay beside them."""
    decision = decide(made, DATA)
    for conflict in decision.conflicts:
        if (conflict.code, conflict.severity) == ("BUDGET_EXCEEDED", Severity.change):
            sent = ConstraintCard.model_validate(made.model_dump() | dict(conflict.passing))
            assert "BUDGET_EXCEEDED" not in {c.code for c in decide(sent, DATA).conflicts}


@UNHURRIED
@given(any_card(), st.sampled_from(Lang))
def test_every_sentence_is_whole(made: ConstraintCard, lang: Lang) -> None:
    decision = decide(made, DATA, lang)
    told = [c.text + c.change for c in (*decision.conflicts, *decision.warnings)]
    told += [r.reason for r in (*decision.rejected_families, *decision.rejected_offers)]
    told += decision.cost.assumptions if decision.cost else ()
    told += [decision.fit.capacity_note, decision.fit.method] if decision.fit else []
    for text in told:
        assert not {"{", "}"} & set(text), text
        assert "  " not in text, text
        assert "None" not in text, text
    assert answer(decision).body
