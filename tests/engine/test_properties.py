"""What holds for every card, whatever is on it."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.answers import answer
from engine.conflicts import judge
from engine.contract import (
    AvailableRoute,
    Conflict,
    ConstraintCard,
    DecisionCard,
    HardwareSpec,
    Lang,
    Route,
    Severity,
    Status,
    Tenancy,
)
from engine.decide import compare, decide
from tests.engine.cards import DATA, L4, TODAY, any_card, card

FAMILIES = sorted(DATA.rules[Lang.en].families.families)

QWEN3_8B = DATA.catalog.models.models["Qwen/Qwen3-8B"].architecture

PASSING: dict[str, object] = {
    "available_route": "local_gpu",
    "needs_service_api": False,
    "needs_fine_tuning": False,
    "hardware": HardwareSpec(gpu_id="h100-80gb"),
    "model_repo": None,
    "architecture": QWEN3_8B,
    "license_id": "apache-2.0",
    "license_review": "read it: fine for this use",
    "context_tokens": 4096,
    "budget_level": "large",
    "days_per_month": 1,
    "session_hours": "2",
    "review_date": TODAY,
    "max_monthly": "50",
    "access_rule": "the course team",
    "tenancy": Tenancy.secure,
}


OF_THE_MODEL = ("revision", "architecture", "license_id", "license_review", "price_seen")


def fixed(made: ConstraintCard, decision: DecisionCard, conflict: Conflict) -> ConstraintCard:
    """The card with what a person would enter in its Fix: what is proposed, else what passes."""
    fields = conflict.fix
    values = made.model_dump() | {f: conflict.passing.get(f, PASSING.get(f)) for f in fields}
    if "session_hours" in fields:
        values |= {"always_on": False}
    if "price_seen" in fields and decision.offer:
        seen = {"offer_id": decision.offer.offer_id, "hourly": "0.20"}
        values |= {"price_seen": seen, "model_repo": made.model_repo}
    elif "architecture" in fields and made.architecture is None:
        values |= {"model_repo": made.model_repo}
    elif "model_repo" in fields:
        values |= dict.fromkeys(OF_THE_MODEL)
    return ConstraintCard.model_validate(values)


def in_the_way(decision: DecisionCard) -> set[str]:
    return {c.code for c in decision.conflicts if c.severity is Severity.change}


@given(any_card())
def test_status_agrees_with_severities(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    severities = {c.severity for c in decision.conflicts}
    expected = Status.ok
    if Severity.change in severities:
        expected = Status.needs_changes
    if Severity.refuse in severities:
        expected = Status.refused
    assert decision.status is expected
    assert {w.severity for w in decision.warnings} <= {Severity.warn}


@given(any_card())
def test_every_family_not_chosen_is_listed_exactly_once(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    listed = [r.id for r in decision.rejected_families]
    if decision.model_family:
        listed.append(decision.model_family.family_id)
    assert sorted(listed) == FAMILIES
    assert all(r.reason and "{" not in r.reason for r in decision.rejected_families)


@given(any_card(available_route="free_colab", privacy="private_docs"))
def test_private_documents_on_colab_are_never_ok(made: ConstraintCard) -> None:
    assert decide(made, DATA).status is Status.refused


@given(any_card(available_route="free_colab", needs_service_api=True))
def test_a_service_on_colab_is_refused(made: ConstraintCard) -> None:
    assert decide(made, DATA).status is Status.refused


@given(any_card(available_route="rented_gpu", budget_level="zero"))
def test_zero_budget_never_rents(made: ConstraintCard) -> None:
    assert decide(made, DATA).status is Status.refused


@given(any_card(available_route="rented_gpu"))
def test_a_rented_gpu_that_is_ok_has_a_stop_a_cap_and_a_shutdown(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    if decision.status is Status.ok:
        assert made.session_hours or (made.always_on and made.review_date)
        assert made.budget_level != "large" or made.max_hourly or made.max_monthly
        levels = [c.level for c in decision.shutdown_commands]
        assert levels[0] == "process"
        assert {"instance", "storage"} <= set(levels)


@given(any_card(), st.sampled_from(Lang))
def test_language_changes_texts_only(made: ConstraintCard, lang: Lang) -> None:
    here, english = decide(made, DATA, lang), decide(made, DATA)
    assert here.plan_id == english.plan_id
    assert [c.code for c in here.conflicts] == [c.code for c in english.conflicts]
    assert [e.id for e in here.evidence] == [e.id for e in english.evidence]
    assert [r.code for r in here.rejected_families] == [r.code for r in english.rejected_families]


@given(any_card())
def test_equal_cards_give_equal_bytes_whatever_their_key_order(made: ConstraintCard) -> None:
    values = made.model_dump(mode="json")
    backwards = ConstraintCard.model_validate(dict(reversed(values.items())))
    assert answer(decide(backwards, DATA)).body == answer(decide(made, DATA)).body


@given(any_card())
def test_a_decision_survives_the_wire(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    assert DecisionCard.model_validate_json(bytes(answer(decision).body)) == decision


@given(any_card())
def test_a_change_can_be_fixed_by_its_own_fields(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    for conflict in decision.conflicts:
        if conflict.severity is Severity.change:
            assert 1 <= len(conflict.fix) <= 2
            after = decide(fixed(made, decision, conflict), DATA)
            assert conflict.code not in in_the_way(after), conflict


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
            assert "NO_CANDIDATE" not in in_the_way(after)


@given(any_card())
def test_pressing_fix_ends_in_go_or_an_honest_refusal(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    for _ in range(8):
        if decision.status is Status.needs_changes:
            made = fixed(made, decision, decision.conflicts[0])
            decision = decide(made, DATA)
    assert decision.status is not Status.needs_changes
    refusals = [c for c in decision.conflicts if c.severity is Severity.refuse]
    assert all((c.alternatives or c.passing) and not c.fix for c in refusals)


@given(any_card())
def test_an_alternative_is_never_itself_refused(made: ConstraintCard) -> None:
    rules = DATA.rules[Lang.en]
    for conflict in decide(made, DATA).conflicts:
        for route in conflict.alternatives:
            assert judge(made, route, rules, DATA.shelf).refusal is None


@given(any_card())
def test_compare_is_the_card_on_every_route_in_order(made: ConstraintCard) -> None:
    plans = compare(made, DATA)
    assert [p.route.route for p in plans] == list(Route)
    if made.available_route is not AvailableRoute.undecided:
        assert decide(made, DATA) in plans


@given(any_card(), st.sampled_from([None, "ow-12-ada"]))
def test_commands_say_the_same_twice_and_carry_no_secret(
    made: ConstraintCard, machine: str | None
) -> None:
    named = made.model_copy(update={"machine_name": machine, "providers_allowed": ("skypilot",)})
    for command in decide(named, DATA).shutdown_commands:
        assert shlex.split(command.shell) == list(command.argv)
        assert command.verify
        assert command.note
        assert machine is None or "{name}" not in command.shell


@given(any_card(available_route="local_gpu", hardware=HardwareSpec(gpu_id="made-up")))
def test_an_unknown_gpu_never_counts_as_hardware(made: ConstraintCard) -> None:
    assert "HARDWARE_REQUIRED" in in_the_way(decide(made, DATA))
