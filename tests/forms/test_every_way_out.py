"""Whatever the card, pressing Fix again and again ends in Go or in an honest refusal."""

from datetime import timedelta
from typing import Any

from hypothesis import given

from bot.cards import forms
from engine.contract import Conflict, ConstraintCard, DecisionCard, Status
from tests.engine.cards import any_card
from tests.forms.filling import TODAY, block_ids, decided, experiment, payload, sound

PRESSES = 6
"""More than any card has needed; every press is one conflict fewer or another kind."""

KNOWN_TO_PEOPLE = {"hardware": "l4"}
"""What no form can propose: the GPU that the team has."""


def pressed(card: ConstraintCard, conflict: Conflict, decision: DecisionCard) -> ConstraintCard:
    view: Any = sound(forms.fix_modal(experiment(card, decision), conflict, "en", today=TODAY))
    inputs = block_ids(view)
    assert 1 <= len(inputs) <= 2
    typed = {n: t for n, t in KNOWN_TO_PEOPLE.items() if n in inputs}
    fixed = forms.parse_fix(payload(view, **typed), card, today=TODAY)
    assert isinstance(fixed, ConstraintCard), fixed.by_block("en")
    return fixed


@given(any_card())
def test_every_card_comes_to_go_or_to_a_refusal(card: ConstraintCard) -> None:
    path = []
    for _ in range(PRESSES):
        decision = decided(card)
        if decision.status is not Status.needs_changes:
            break
        path.append(decision.conflicts[0].code.value)
        card = pressed(card, decision.conflicts[0], decision)
    decision = decided(card)
    assert decision.status is not Status.needs_changes, (path, card)
    if decision.status is Status.refused:
        assert any(c.alternatives for c in decision.conflicts)


@given(any_card(review_date=TODAY + timedelta(days=30)))
def test_every_card_can_be_planned_again_from_its_form(card: ConstraintCard) -> None:
    form = forms.form_of(experiment(card))
    again = forms.read(
        payload(sound(forms.constraint_modal(form, "en", standing=None, today=TODAY)))
    )
    assert again == form


@given(any_card())
def test_what_stands_in_the_way_is_said(card: ConstraintCard) -> None:
    decision = decided(card)
    line = forms.standing_line(decision, "en")
    word = {"ok": "Go", "needs_changes": "Needs changes", "refused": "Refused"}[decision.status]
    assert line.startswith(f"As it stands: {word}")
