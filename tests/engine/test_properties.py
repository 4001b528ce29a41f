"""What holds for every card, whatever is on it."""

import re
import shlex
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.contract import (
    AvailableRoute,
    BudgetLevel,
    ConstraintCard,
    DecisionCard,
    FitVerdict,
    HardwareSpec,
    Lang,
    PriceSeen,
    Privacy,
    Route,
    Severity,
    Status,
)
from engine.decide import compare, decide
from engine.load import EngineData
from engine.service.answers import answer
from engine.shelf import Shelf
from tests.engine.cards import DATA, UNHURRIED, any_card
from tests.engine.plans import held_back, in_the_way

FAMILIES = sorted(DATA.rules[Lang.en].families.families)


@UNHURRIED
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


@UNHURRIED
@given(any_card())
def test_every_family_not_chosen_is_listed_exactly_once(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    listed = [r.id for r in decision.rejected_families]
    if decision.model_family:
        listed.append(decision.model_family.family_id)
    assert sorted(listed) == FAMILIES
    assert all(r.reason and "{" not in r.reason for r in decision.rejected_families)


@UNHURRIED
@given(any_card(available_route="free_colab"), st.sampled_from(["private_docs", "regulated"]))
def test_private_or_regulated_data_on_colab_are_never_ok(made: ConstraintCard, data: str) -> None:
    private = made.model_copy(update={"privacy": Privacy(data)})
    decision = decide(private, DATA)
    assert decision.status is Status.refused
    assert decision.runtime_commands == ()


@UNHURRIED
@given(any_card(available_route="free_colab", needs_service_api=True))
def test_a_service_on_colab_is_refused(made: ConstraintCard) -> None:
    assert decide(made, DATA).status is Status.refused


@UNHURRIED
@given(any_card(available_route="rented_gpu", budget_level="zero"))
def test_zero_budget_never_rents(made: ConstraintCard) -> None:
    assert decide(made, DATA).status is Status.refused


@UNHURRIED
@given(any_card(available_route="rented_gpu"))
def test_a_rented_gpu_that_is_ok_has_a_stop_a_cap_and_a_shutdown(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    if decision.status is Status.ok:
        assert made.session_hours or (made.always_on and made.review_date)
        assert made.budget_level != "large" or made.max_hourly or made.max_monthly
        levels = [c.level for c in decision.shutdown_commands]
        assert levels[0] == "process"
        assert {"instance", "storage"} <= set(levels)


@UNHURRIED
@given(any_card(), st.sampled_from(Lang))
def test_language_changes_texts_only(made: ConstraintCard, lang: Lang) -> None:
    here, english = decide(made, DATA, lang), decide(made, DATA)
    assert here.plan_id == english.plan_id
    assert [c.code for c in here.conflicts] == [c.code for c in english.conflicts]
    assert [e.id for e in here.evidence] == [e.id for e in english.evidence]
    assert [r.code for r in here.rejected_families] == [r.code for r in english.rejected_families]


@UNHURRIED
@given(any_card())
def test_equal_cards_give_equal_bytes_whatever_their_key_order(made: ConstraintCard) -> None:
    values = made.model_dump(mode="json")
    backwards = ConstraintCard.model_validate(dict(reversed(values.items())))
    assert answer(decide(backwards, DATA)).body == answer(decide(made, DATA)).body


@UNHURRIED
@given(any_card())
def test_a_decision_survives_the_wire(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    assert DecisionCard.model_validate_json(bytes(answer(decision).body)) == decision


@UNHURRIED
@given(any_card())
def test_compare_is_the_card_on_every_route_in_order(made: ConstraintCard) -> None:
    plans = compare(made, DATA)
    assert [p.route.route for p in plans] == list(Route)
    if made.available_route is not AvailableRoute.undecided:
        assert decide(made, DATA) in plans


@UNHURRIED
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


@UNHURRIED
@given(any_card(available_route="local_gpu", hardware=HardwareSpec(gpu_id="made-up")))
def test_an_unknown_gpu_never_counts_as_hardware(made: ConstraintCard) -> None:
    assert "HARDWARE_REQUIRED" in held_back(decide(made, DATA))


def runs(decision: DecisionCard) -> bool:
    return bool(decision.model and decision.runtime_commands)


ROOM = (FitVerdict.fits, FitVerdict.tight)


@UNHURRIED
@given(any_card())
def test_unknown_or_too_large_never_runs(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    if runs(decision):
        assert decision.fit is not None
        assert decision.fit.verdict in ROOM
        assert not {"ARCH_UNSUPPORTED", "DOES_NOT_FIT", "NO_CANDIDATE"} & held_back(decision)
    if decision.fit is None:
        assert decision.model is None


@UNHURRIED
@given(any_card(), st.sampled_from(BudgetLevel))
def test_no_budget_buys_a_licence(made: ConstraintCard, budget: BudgetLevel) -> None:
    codes = {"LICENSE_COMMERCIAL", "LICENSE_MAU", "LICENSE_EU"} & set(
        in_the_way(decide(made, DATA))
    )
    if codes and made.model_repo is not None:
        richer = made.model_copy(update={"budget_level": budget, "max_monthly": Decimal(10**6)})
        assert codes <= set(in_the_way(decide(richer, DATA)))


PUBLIC_OR_SECRET = re.compile(r"0\.0\.0\.0|\[::\]|hf_[A-Za-z0-9]{8}|--api-key (?!\S*\$)")


@UNHURRIED
@given(any_card())
def test_no_command_binds_publicly_or_carries_a_secret(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    for command in decision.runtime_commands:
        assert command.bind == "" or command.bind.startswith("127.0.0.1")
        steps = (word for step in command.before for word in step.argv)
        words = " ".join((*command.argv, *command.env.values(), *steps))
        assert PUBLIC_OR_SECRET.search(words) is None


@UNHURRIED
@given(any_card())
def test_only_a_rented_machine_has_a_price(made: ConstraintCard) -> None:
    decision = decide(made, DATA)
    if decision.route.route is not Route.rented_gpu:
        assert (decision.offer, decision.cost, decision.rejected_offers) == (None, None, ())
    if decision.cost is not None:
        assert decision.offer is not None
        assert decision.cost.offer_id == decision.offer.offer_id
        assert decision.cost.hourly > 0


def cold() -> EngineData:
    """The same data in an engine that has answered nothing yet."""
    rules = DATA.rules[Lang.en]
    shelf = Shelf(DATA.catalog, rules.runtimes, rules.licenses, rules.budget.prices)
    return replace(DATA, shelf=shelf)


AMOUNTS = st.sampled_from(["0.5", "0.50", "2", "2.0", "40", "40.00"]).map(Decimal)


@UNHURRIED
@given(any_card(), any_card(), st.lists(AMOUNTS, min_size=4, max_size=4))
def test_what_was_asked_before_changes_no_answer(
    first: ConstraintCard, second: ConstraintCard, amounts: list[Decimal]
) -> None:
    """Also where cards are equal and only spelled in another way."""
    alike = first.model_copy(
        update={
            "max_hourly": amounts[0],
            "max_monthly": amounts[1],
            "session_hours": amounts[2],
            "price_seen": PriceSeen(offer_id="runpod:l4:any:community", hourly=amounts[3]),
        }
    )
    warm = cold()
    for asked in (second, first, alike):
        decide(asked, warm)
    spelled = ConstraintCard.model_validate_json(alike.model_dump_json().replace('.0"', '"'))
    for asked in (alike, spelled, first):
        assert answer(decide(asked, warm)).body == answer(decide(asked, cold())).body
