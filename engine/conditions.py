"""The conditions of rules: known fields with known values, matched against the facts of a card."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from engine.contract import (
    BudgetLevel,
    FitVerdict,
    LicenseDecision,
    Privacy,
    RejectionCode,
    Route,
)
from engine.price_age import PriceAge

Facts = Mapping[str, frozenset[str]]

BOOLEAN = frozenset({"true", "false"})
NEEDED = frozenset(
    {
        "access_rule",
        "hardware",
        "max_monthly",
        "review_date",
        "session_hours",
        "tenancy",
    }
)


def _values(choices: Iterable[StrEnum]) -> frozenset[str]:
    return frozenset(choice.value for choice in choices)


ABOUT_THE_CHOICE = frozenset(
    {
        "candidate",
        "rejected",
        "hardware_runs",
        "fit",
        "calibrated",
        "context",
        "pin",
        "gated",
        "price",
        "budget",
        "region",
        "no_machine",
        "reason",
    }
)
"""Fields that are known once a model was chosen; a refusal without them needs no choice."""

KNOWN: Mapping[str, frozenset[str]] = {
    "privacy": _values(Privacy),
    "route": _values(Route),
    "needs_service_api": BOOLEAN,
    "needs_fine_tuning": BOOLEAN,
    "budget_level": _values(BudgetLevel),
    "eval_failures_recorded": BOOLEAN,
    "public_endpoint": BOOLEAN,
    "hardware_named": BOOLEAN,
    "gpu_name": frozenset({"clear", "missing", "several", "near", "unknown"}),
    "shape_from": frozenset({"nowhere", "catalogue", "card"}),
    "missing": NEEDED,
    "distributes_model": BOOLEAN,
    "monthly_users": frozenset({"given", "unknown"}),
    "eu_entity": frozenset({"true", "false", "unknown"}),
    "regulated_provider": frozenset({"none", "qualified"}),
    "licence": frozenset({"clear", "commercial", "users", "europe", "unknown"}),
    "licence_verdict": _values(LicenseDecision),
    "candidate": frozenset({"chosen", "route_not_supported", "runtime_not_serving", "none"}),
    "rejected": _values(RejectionCode),
    "hardware_runs": BOOLEAN,
    "fit": _values(FitVerdict),
    "calibrated": BOOLEAN,
    "ram": frozenset({"given", "assumed"}),
    "context": frozenset({"within", "extended", "beyond"}),
    "pin": frozenset({"pinned", "card", "record"}),
    "gated": BOOLEAN,
    "price": _values(PriceAge),
    "budget": frozenset({"within", "month_missed", "hour_missed"}),
    "region": frozenset({"clear", "open", "unpriced"}),
    "no_machine": frozenset({"clear", "providers", "region"}),
    "reason": _values(RejectionCode) | {"clear"},
}


def spelled(value: object) -> str:
    """A fact's value as rules write it: `true` and `false` for booleans."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _spelled_out(when: object) -> object:
    if not isinstance(when, Mapping):
        return when
    return {field: frozenset(spelled(v) for v in values) for field, values in when.items()}


def _known(when: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    for field, values in when.items():
        unknown = values - KNOWN.get(field, frozenset())
        if unknown or not values:
            raise PydanticCustomError(
                "condition_unknown",
                "condition on {name}: unknown value {unknown}; possible are {known}",
                {
                    "name": field,
                    "unknown": ", ".join(sorted(unknown)) or "-",
                    "known": ", ".join(sorted(KNOWN.get(field, KNOWN))),
                },
            )
    return when


When = Annotated[dict[str, frozenset[str]], BeforeValidator(_spelled_out), AfterValidator(_known)]


ALWAYS: dict[str, frozenset[str]] = {}


def matches(when: Facts, facts: Facts) -> bool:
    """Whether every field of the condition holds one of its values; an empty one always does."""
    for field, values in when.items():  # noqa: SIM110  # twice as fast as all(), and asked most
        if values.isdisjoint(facts[field]):
            return False
    return True


@lru_cache(maxsize=256)
def fact(value: object) -> frozenset[str]:
    """A fact with one value, as rules write it; the few there are are made once."""
    return frozenset((spelled(value),))
