"""Plans made for stories: decided on a plain card, and asked for what they say."""

from decimal import Decimal
from typing import Any

from engine.contract import (
    Conflict,
    ConflictCode,
    ConstraintCard,
    DecisionCard,
    Lang,
    Rejected,
    RejectionCode,
    Severity,
)
from engine.decide import decide
from engine.load import EngineData
from tests.engine.cards import DATA, card

OF_THE_MODEL = ("revision", "architecture", "license_id", "license_review", "price_seen")
"""What a card says of the model it names; another model does not inherit it."""


def plan(data: EngineData = DATA, lang: Lang = Lang.en, **changes: Any) -> DecisionCard:
    """The plain card with these changes, decided."""
    return decide(card(**changes), data, lang)


def conflict(decision: DecisionCard, code: str) -> Conflict:
    """What a plan says under a code, be it a refusal, a change or a warning."""
    found = [c for c in (*decision.conflicts, *decision.warnings) if c.code == code]
    assert len(found) == 1, [c.code for c in (*decision.conflicts, *decision.warnings)]
    return found[0]


def only_conflict(decision: DecisionCard) -> Conflict:
    assert len(decision.conflicts) == 1, [c.code for c in decision.conflicts]
    return decision.conflicts[0]


def in_the_way(decision: DecisionCard) -> list[str]:
    """Codes that refuse a plan or hold it back."""
    return [c.code.value for c in decision.conflicts]


def warned(decision: DecisionCard) -> set[ConflictCode]:
    return {warning.code for warning in decision.warnings}


def family(decision: DecisionCard) -> str | None:
    return decision.model_family.family_id if decision.model_family else None


def evidence(decision: DecisionCard) -> set[str]:
    return {item.id for item in decision.evidence}


def rejected(decision: DecisionCard, family_id: str) -> Rejected:
    return next(r for r in decision.rejected_families if r.id == family_id)


def rejection(decision: DecisionCard, family_id: str) -> RejectionCode:
    return rejected(decision, family_id).code


def ran(decision: DecisionCard) -> tuple[str, str]:
    """Model and format of a plan that has one."""
    assert decision.model is not None, in_the_way(decision)
    return decision.model.repo, decision.model.scheme


def rented(decision: DecisionCard) -> tuple[str, str]:
    """Offer and price of a plan that rents."""
    assert decision.offer is not None, in_the_way(decision)
    return decision.offer.offer_id, str(decision.offer.hourly)


def entered(made: ConstraintCard, typed: dict[str, Any]) -> ConstraintCard:
    """The card after a person has typed these values: another model drops what was said of one."""
    values = made.model_dump() | typed
    if isinstance(typed.get("hardware"), str):
        values["hardware"] = {"gpu_id": typed["hardware"]}
    if isinstance(typed.get("providers_allowed"), str):
        values["providers_allowed"] = typed["providers_allowed"].split(", ")
    if typed.get("available_route") == "rented_gpu" != made.available_route:
        values["hardware"] = None  # what a team has is not what it rents
    leaves = made.available_route == "rented_gpu" != typed.get("available_route", "rented_gpu")
    if leaves and made.hardware and "hardware" not in typed:
        values["hardware"] = made.hardware.model_copy(update={"gpu_id": None, "gpu_count": 1})
    if "session_hours" in typed:
        values |= {"always_on": False, "hours_per_day": None}
    if typed.get("model_repo", made.model_repo) != made.model_repo:
        values |= dict.fromkeys(OF_THE_MODEL)
    return ConstraintCard.model_validate(values)


def held_back(decision: DecisionCard) -> set[str]:
    """Codes of what has to be changed."""
    return {c.code.value for c in decision.conflicts if c.severity is Severity.change}


def gib(number: str) -> int:
    """Bytes of so many GiB."""
    return int(Decimal(number) * 2**30)
