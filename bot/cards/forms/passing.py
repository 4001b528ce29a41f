"""What a Fix proposes: for each conflict the values that would end it, where any are known."""

from collections.abc import Mapping
from datetime import date, timedelta

from bot.cards.forms.fields import REVIEW_DAYS
from bot.cards.i18n import words
from engine.contract import (
    AvailableRoute,
    BudgetLevel,
    Conflict,
    ConflictCode,
    ConstraintCard,
    DecisionCard,
    Privacy,
    Tenancy,
)

_CAPS: Mapping[BudgetLevel, str] = {
    BudgetLevel.zero: "0",
    BudgetLevel.small: "50",
    BudgetLevel.medium: "500",
    BudgetLevel.large: "1000",
}
"""USD per month proposed by budget: the class's own cap, and a first one for large plans."""

_HOURS = "4"

_KNOWN: Mapping[ConflictCode, Mapping[str, str]] = {
    ConflictCode.ROUTE_CANNOT_PROVE_SERVICE: {"needs_service_api": "no"},
    ConflictCode.TUNE_NEEDS_GPU: {"needs_fine_tuning": "no"},
    ConflictCode.HARDWARE_ASSUMED: {"ram_gib": "16"},  # what the engine has assumed
}
_LONG = (ConflictCode.DOES_NOT_FIT, ConflictCode.CONTEXT_EXCEEDS_NATIVE)


def passing(
    conflict: Conflict,
    card: ConstraintCard,
    decision: DecisionCard | None,
    lang: str,
    today: date,
) -> Mapping[str, str]:
    """Values by input; the narrowest where people decide. A GPU or a commit nobody can guess."""
    if conflict.code is ConflictCode.PRIVATE_ON_RENTED_NEEDS_CONTROLS:
        return {"access_rule": words(lang).form.only_owner(), "tenancy": Tenancy.secure.value}
    if conflict.code is ConflictCode.NO_STOP_PLAN:
        return _stop_plan(card, today)
    if conflict.code is ConflictCode.NO_CANDIDATE:
        return _candidate(conflict, card)
    if conflict.code is ConflictCode.BUDGET_EXCEEDED:
        return {"days_per_month": str(card.days_per_month)}
    if conflict.code in _LONG:
        return _context(card, decision)
    return _KNOWN.get(conflict.code, {})


def _stop_plan(card: ConstraintCard, today: date) -> dict[str, str]:
    always = {} if card.always_on or card.session_hours else {"stop_after": _HOURS}
    review = (today + timedelta(days=REVIEW_DAYS)).isoformat()
    cap = str(card.max_monthly) if card.max_monthly is not None else _CAPS[card.budget_level]
    return {**always, "review_date": review, "max_monthly": cap}


def _candidate(conflict: Conflict, card: ConstraintCard) -> dict[str, str]:
    """Where the named model can run: rented, unless money or the data forbid it."""
    if "needs_service_api" in conflict.fix:
        return {"needs_service_api": "no"}
    if card.available_route is AvailableRoute.rented_gpu:
        return {"available_route": AvailableRoute.local_cpu.value}
    owns_gpu = card.hardware is not None and card.hardware.gpu_id is not None
    no_rental = card.budget_level is BudgetLevel.zero or card.privacy is Privacy.regulated
    own = owns_gpu or no_rental
    route = AvailableRoute.local_gpu if own else AvailableRoute.rented_gpu
    return {"available_route": route.value}


def _context(card: ConstraintCard, decision: DecisionCard | None) -> dict[str, str]:
    """The most tokens that fit the memory and the model, as far as the decision says."""
    fit = decision.fit.max_context_tokens if decision and decision.fit else None
    native = decision.model.native_context if decision and decision.model else None
    limits = [n for n in (fit, native) if n]
    return {"context_tokens": str(min(card.context_tokens, *limits))} if limits else {}
