"""The conditions of rules: known fields with known values, matched against the facts of a card."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from engine.contract import BudgetLevel, Privacy, Route

Facts = Mapping[str, frozenset[str]]

BOOLEAN = frozenset({"true", "false"})
NEEDED = frozenset(
    {
        "access_rule",
        "hardware",
        "max_monthly",
        "review_date",
        "revision",
        "session_hours",
        "tenancy",
    }
)


def _values(choices: Iterable[StrEnum]) -> frozenset[str]:
    return frozenset(choice.value for choice in choices)


KNOWN: Mapping[str, frozenset[str]] = {
    "privacy": _values(Privacy),
    "route": _values(Route),
    "needs_service_api": BOOLEAN,
    "needs_fine_tuning": BOOLEAN,
    "budget_level": _values(BudgetLevel),
    "eval_failures_recorded": BOOLEAN,
    "public_endpoint": BOOLEAN,
    "hardware_named": BOOLEAN,
    "missing": NEEDED,
    "regulated_provider": frozenset({"none", "qualified"}),
    "candidate": frozenset({"chosen", "route_not_supported", "runtime_not_serving"}),
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
            raise ValueError(f"condition on {field}: unknown value {sorted(unknown)}")
    return when


When = Annotated[dict[str, frozenset[str]], BeforeValidator(_spelled_out), AfterValidator(_known)]


ALWAYS: dict[str, frozenset[str]] = {}


def matches(when: Facts, facts: Facts) -> bool:
    """Whether every field of the condition holds one of its values; an empty one always does."""
    return all(not values.isdisjoint(facts[field]) for field, values in when.items())
