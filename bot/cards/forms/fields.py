"""What a plan form can hold: every field, the order people meet it in, and when it applies.

A field's name is its block id and its `field=value` name; its words are macros of that name in
`templates/form.j2`. Values are text as typed, so that nothing is lost before it is understood.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.contract import AvailableRoute, BudgetLevel, ConstraintCard, Privacy, Tenancy


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    MODEL = "model"
    HARDWARE = "hardware"


@dataclass(frozen=True, slots=True)
class Field:
    """One input. `limit` is in characters and covers what a redraw carries along."""

    name: str
    kind: Kind
    limit: int = 20
    choices: tuple[str, ...] = ()


YES_NO = ("yes", "no")
HOURS = ("2", "4", "8")
OFFICE = "office"
ALWAYS = "always"
OFFICE_DAYS = 22
ALWAYS_DAYS = 31
REVIEW_DAYS = 7

LONGEST_SESSION = 744
"""Hours in the longest month, the contract's own limit."""

REPO_LIMIT = 96
"""A repository's whole name on the Hugging Face Hub; with `@` and a commit it stays below 150."""


def _choice(name: str, choices: tuple[str, ...]) -> Field:
    return Field(name, Kind.CHOICE, choices=choices)


FIELDS: Mapping[str, Field] = {
    f.name: f
    for f in (
        Field("task", Kind.TEXT, 600),
        _choice("privacy", tuple(p.value for p in Privacy)),
        _choice("available_route", tuple(r.value for r in AvailableRoute)),
        _choice("needs_service_api", YES_NO),
        _choice("needs_fine_tuning", YES_NO),
        _choice("budget_level", tuple(b.value for b in BudgetLevel)),
        _choice("stop_after", (*HOURS, OFFICE, ALWAYS)),
        Field("review_date", Kind.DATE, 10),
        Field("max_monthly", Kind.TEXT),
        Field("model", Kind.MODEL, 150),
        Field("hardware", Kind.HARDWARE, 60),
        Field("ram_gib", Kind.TEXT),
        Field("context_tokens", Kind.TEXT),
        Field("concurrency", Kind.TEXT),
        Field("owner", Kind.PERSON),
        Field("post_to", Kind.PLACE),
        _choice("commercial_use", YES_NO),
        Field("monthly_active_users", Kind.TEXT),
        _choice("eu_entity", YES_NO),
        Field("providers_allowed", Kind.TEXT, 150),
        Field("region", Kind.TEXT, 60),
        Field("max_hourly", Kind.TEXT),
        Field("days_per_month", Kind.TEXT),
        Field("access_rule", Kind.TEXT, 250),
        _choice("tenancy", tuple(t.value for t in Tenancy)),
        Field("license_id", Kind.TEXT, 100),
        Field("license_review", Kind.TEXT, 250),
        Field("licensed_model", Kind.TEXT, REPO_LIMIT),
    )
}
"""`licensed_model` has no input: it says of which model the licence was read."""

FIX_FIELDS: Mapping[str, Field] = {
    f.name: f
    for f in (
        Field("revision", Kind.TEXT, 40),
        Field("config_json", Kind.TEXT, 3000),
        Field("params_billion", Kind.TEXT),
        Field("price_seen", Kind.TEXT),
    )
}
"""What only a Fix asks for."""

ALL: Mapping[str, Field] = {**FIELDS, **FIX_FIELDS}

FIRST = (
    "task",
    "privacy",
    "available_route",
    "needs_service_api",
    "needs_fine_tuning",
    "budget_level",
)
"""Always visible, always required: the lesson's six."""

MORE = ("model", "hardware", "ram_gib", "context_tokens", "concurrency", "owner")
"""Behind **More constraints**."""

FACTS = (
    "commercial_use",
    "monthly_active_users",
    "eu_entity",
    "providers_allowed",
    "region",
    "max_hourly",
    "max_monthly",
    "days_per_month",
    "access_rule",
    "tenancy",
    "license_id",
    "license_review",
)
"""Behind **change**: settings of the workspace or channel, and what a Fix once added."""

_RENTS = (AvailableRoute.rented_gpu, AvailableRoute.undecided)


def can_rent(values: Mapping[str, str]) -> bool:
    """Whether a machine may be rented, so that a stop time is asked for."""
    return values.get("available_route") in _RENTS


def stop_fields(values: Mapping[str, str]) -> tuple[str, ...]:
    """The fields of the stop plan that apply: always-on needs a review date, large plans a cap."""
    if not can_rent(values):
        return ()
    always = values.get("stop_after") == ALWAYS
    capped = always or values.get("budget_level") == BudgetLevel.large
    return (
        "stop_after",
        *(("review_date",) if always else ()),
        *(("max_monthly",) if capped else ()),
    )


def applies(name: str, values: Mapping[str, str]) -> bool:
    """Whether a field that holds something counts; another choice may have overruled it."""
    match name:
        case "stop_after" | "review_date":
            return name in stop_fields(values)
        case "days_per_month":
            fixed = values.get("stop_after") in (OFFICE, ALWAYS)
            return not (fixed and can_rent(values))
        case "license_id" | "license_review":
            read_for = values.get("licensed_model")
            return read_for is None or read_for == repo_of(values)
        case _:
            return True


def repo_of(values: Mapping[str, str]) -> str:
    """The repository of the model, without its revision."""
    return values.get("model", "").partition("@")[0]


def default_of(name: str) -> str:
    """What the contract takes for a number that is left empty."""
    return str(ConstraintCard.model_fields[name].default)
