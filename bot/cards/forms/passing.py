"""What a Fix proposes: for each conflict the values that would end it, where any are known."""

from collections.abc import Mapping
from datetime import date, timedelta

from bot.cards.derived import MONTHLY_CAPS
from bot.cards.forms.fields import REVIEW_DAYS
from bot.cards.i18n import words
from engine.contract import BudgetLevel, Conflict, ConflictCode, ConstraintCard, Tenancy

_CAPS: Mapping[BudgetLevel, str] = {
    **{level: str(cap) for level, cap in MONTHLY_CAPS.items()},
    BudgetLevel.large: "1000",
}
"""USD per month proposed by budget: the class's own cap, and a first one for large plans."""

_HOURS = "4"

_KNOWN: Mapping[ConflictCode, Mapping[str, str]] = {
    ConflictCode.ROUTE_CANNOT_PROVE_SERVICE: {"needs_service_api": "no"},
    ConflictCode.TUNE_NEEDS_GPU: {"needs_fine_tuning": "no"},
    ConflictCode.NO_CANDIDATE: {"needs_service_api": "no"},
    ConflictCode.HARDWARE_ASSUMED: {"ram_gib": "16"},  # what the engine has assumed
}

_INPUTS: Mapping[str, str] = {"model_repo": "model", "session_hours": "stop_after"}
"""Inputs for a card's field where they are not of the same name."""


def passing(conflict: Conflict, card: ConstraintCard, lang: str, today: date) -> Mapping[str, str]:
    """Values by input: what the engine worked out, else the narrowest of what people decide.

    A GPU or a commit nobody can guess.
    """
    proposed = {_INPUTS.get(f, f): _text(value) for f, value in conflict.passing.items()}
    return {**_decided(conflict, card, lang, today), **proposed}


def _text(value: bool | int | str) -> str:
    """A value as its input holds it: yes and no are choices."""
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _decided(conflict: Conflict, card: ConstraintCard, lang: str, today: date) -> Mapping[str, str]:
    if conflict.code is ConflictCode.PRIVATE_ON_RENTED_NEEDS_CONTROLS:
        return {"access_rule": words(lang).form.only_owner(), "tenancy": Tenancy.secure.value}
    if conflict.code is ConflictCode.NO_STOP_PLAN:
        return _stop_plan(card, today)
    return _KNOWN.get(conflict.code, {})


def _stop_plan(card: ConstraintCard, today: date) -> dict[str, str]:
    always = {} if card.always_on or card.session_hours else {"stop_after": _HOURS}
    review = (today + timedelta(days=REVIEW_DAYS)).isoformat()
    cap = str(card.max_monthly) if card.max_monthly is not None else _CAPS[card.budget_level]
    return {**always, "review_date": review, "max_monthly": cap}
