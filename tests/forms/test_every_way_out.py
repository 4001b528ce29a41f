"""Whatever the card, pressing Fix again and again ends in Go or in an honest refusal."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hypothesis import given

from bot.cards import forms
from engine.contract import Conflict, ConstraintCard, DecisionCard, Status
from tests.engine.cards import any_card
from tests.forms.filling import (
    CONFIG,
    TODAY,
    block_ids,
    decided,
    experiment,
    payload,
    sound,
    without_model,
)

PRESSES = 8
"""More than any card has needed; every press is one conflict fewer or another kind."""

Typed = Mapping[str, str | None]

KNOWN_TO_PEOPLE: Typed = {
    "hardware": "l4",
    "config_json": json.dumps(CONFIG),
    "params_billion": "8.19",
    "license_review": "Ada, legal: internal use allowed",
    "price_seen": "0.20",
}
"""What no form can propose: the team's GPU, a stranger's shape and licence, a price of today."""

MODEST: Typed = {
    "available_route": "local_gpu",
    "hardware": "8 x h100-80gb",
    "model": None,
    "context_tokens": "4096",
    "budget_level": "medium",
}
"""What somebody types who is asked the same again because nothing alone would pass."""


def within_reason(card: ConstraintCard) -> ConstraintCard:
    """The card of somebody who wants to run it: caps that buy something, a load that machines hold.

    Hours of a day are no input in Slack.
    """
    return card.model_copy(
        update={
            "concurrency": min(card.concurrency, 8),
            "context_tokens": min(card.context_tokens, 131_072),
            "max_hourly": card.max_hourly or None,
            "max_monthly": card.max_monthly or None,
            "hours_per_day": None,
        }
    )


def pressed(
    card: ConstraintCard, conflict: Conflict, decision: DecisionCard, known: Typed
) -> ConstraintCard:
    today = card.as_of or TODAY
    view: Any = sound(forms.fix_modal(experiment(card, decision), conflict, "en", today=today))
    inputs = block_ids(view)
    shape_is_one = {"params_billion"}
    assert 1 <= len(set(inputs) - shape_is_one) <= 2
    typed = {n: t for n, t in known.items() if n in inputs}
    fixed = forms.parse_fix(payload(view, **typed), card, today=today)
    assert isinstance(fixed, ConstraintCard), fixed.by_block("en")
    return fixed


@given(any_card().map(within_reason))
def test_every_card_comes_to_go_or_to_a_refusal(card: ConstraintCard) -> None:
    path: list[str] = []
    decision = decided(card)
    for _ in range(PRESSES):
        if decision.status is not Status.needs_changes:
            break
        first = decision.conflicts[0]
        helpless = first.code.value in path and not first.passing
        path.append(first.code.value)
        card = pressed(card, first, decision, {**KNOWN_TO_PEOPLE, **(MODEST if helpless else {})})
        decision = decided(card)
    assert decision.status is not Status.needs_changes, (path, card)
    assert decision.status is Status.ok or _has_a_way_out(card, decision), (path, card)


def _has_a_way_out(card: ConstraintCard, decision: DecisionCard) -> bool:
    """A refusal offers a route or a model, unless no model at all can be planned on this card."""
    if any(c.alternatives or c.passing for c in decision.conflicts):
        return True
    return decided(without_model(card)).status is not Status.ok


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
