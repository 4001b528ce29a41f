"""The ruleset as read from its files: conflicts, routes, families, adaptation, evidence, budget.

Every text is already in one language (`engine.load` reads each file once per language). The models
check what a file may say; what the rules mean for a card is decided elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from engine.conditions import ABOUT_THE_CHOICE, ALWAYS, When
from engine.contract import (
    BudgetLevel,
    ConflictCode,
    ConstraintCard,
    EvidenceItem,
    Gate,
    Lang,
    RejectionCode,
    Route,
    Severity,
    Wire,
)
from engine.datafile import DataFile, by_key, short
from engine.fit_words import FitFile
from engine.licenses import LicensesFile
from engine.price_age import AgeLimits
from engine.runtimes import RuntimesFile

PassingField = Literal[
    "available_route", "budget_level", "context_tokens", "days_per_month", "hardware",
    "model_repo", "needs_service_api", "providers_allowed", "region", "session_hours",
]  # fmt: skip


class Rule(Wire):
    """An id, a condition, and where the rule comes from."""

    id: str
    when: When
    source: str


class FixField(Wire):
    """A card field that a Fix asks for, and when it does."""

    field: str
    when: When = ALWAYS

    @model_validator(mode="after")
    def _on_the_card(self) -> Self:
        if self.field not in ConstraintCard.model_fields:
            raise PydanticCustomError(
                "fix_unknown", "{name} is no field of the constraint card", {"name": self.field}
            )
        return self


class RouteOption(Wire):
    """A route offered instead, and when it is."""

    route: Route
    when: When = ALWAYS


class Wording(Wire):
    """What a rule says instead of its usual words, and when it does; None leaves the usual ones."""

    when: When
    text: str | None = None
    change: str | None = None


class ConflictRule(Rule):
    """A rule that refuses, holds back or warns; `reject` is the families' reason on a refusal.

    Of `instead`, the first whose `when` matches speaks; `bare` in place of a text whose numbers are
    those of a candidate, where there is none. `passing` are fields of the card for which
    the engine works out a value that would pass.
    """

    effect: Severity
    code: ConflictCode
    text: str
    change: str
    instead: tuple[Wording, ...] = ()
    bare: str | None = None
    fix: tuple[Annotated[FixField, short("field")], ...] = ()
    passing: tuple[PassingField, ...] = ()
    alternatives: tuple[Annotated[RouteOption, short("route")], ...] = ()
    reject: RejectionCode | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        refuses = self.effect is Severity.refuse
        way_out = bool(self.alternatives) or (refuses and bool(self.passing))
        if refuses != way_out or refuses != (self.reject is not None):
            raise PydanticCustomError(
                "rule_refusal",
                "{id}: alternatives and reject belong to refusals, both",
                {"id": self.id},
            )
        if (refuses and self.fix) or (self.effect is Severity.change and not self.fix):
            raise PydanticCustomError(
                "rule_fix", "{id}: a change needs fix fields, a refusal has none", {"id": self.id}
            )
        return self


class PlanRule(Rule):
    """Why a route is taken, in one sentence, and the runtime it starts with."""

    effect: Literal["plan"]
    runtime: str
    text: str


class StopSign(Wire):
    """One thing that must be in hand before a run is stopped."""

    text: str
    when: When = ALWAYS


class RouteWords(Wire):
    """What a route is called, can show and cannot, where to fall back and when to stop."""

    id: Route
    gpu: bool
    name: str
    goal: str
    can_prove: tuple[str, ...]
    cannot_prove: tuple[str, ...]
    fallback: tuple[Annotated[RouteOption, short("route")], ...]
    stop_when: tuple[StopSign, ...]
    copy_back: tuple[str, ...]


class RoutesFile(DataFile):
    """routes.yaml: every route, and the plan rules in the order they are tried."""

    list_separator: str
    routes: Annotated[dict[Route, RouteWords], by_key("id")]
    plans: tuple[PlanRule, ...]


class ConflictsFile(DataFile):
    """conflicts.yaml, in the order people read."""

    rules: Annotated[dict[str, ConflictRule], by_key("id")]

    @cached_property
    def early(self) -> tuple[ConflictRule, ...]:
        """Rules that ask nothing about the model chosen, so that they can speak before one is."""
        return tuple(r for r in self.rules.values() if not r.when.keys() & ABOUT_THE_CHOICE)


class Family(Wire):
    """A row of the planning table; `only_when_named` is why it is never taken unasked."""

    id: str
    family: str
    fit: tuple[str, ...]
    runtime: str
    routes: tuple[Route, ...]
    serves: bool
    only_when_named: RejectionCode | None = None
    source: str


class RejectionWords(Wire):
    """Why a family was not chosen; `named` when the card names a model, `refused` on a refusal.

    `bare` is for a rejection without numbers, `ceiling` for models above the size of a budget,
    `own` for a machine that is not rented, `no_file` on a processor for a model outside the
    catalogue.
    """

    code: RejectionCode
    text: str
    named: str | None = None
    refused: str | None = None
    bare: str | None = None
    ceiling: str | None = None
    own: str | None = None
    no_file: str | None = None


class FamiliesFile(DataFile):
    """families.yaml: the table, the order in which it is tried on each route, the reasons."""

    order: dict[Route | Literal["default"], tuple[str, ...]]
    uncatalogued: str
    families: Annotated[dict[str, Family], by_key("id")]
    rejections: Annotated[dict[RejectionCode, RejectionWords], by_key("code")]
    offers: dict[RejectionCode, str]
    offer_no_cuda: str

    @model_validator(mode="after")
    def _orders_are_total(self) -> Self:
        if any(sorted(order) != sorted(self.families) for order in self.order.values()):
            raise PydanticCustomError("order_partial", "every order lists every family once")
        return self

    def on(self, route: Route) -> tuple[Family, ...]:
        """All families in the order they are tried on this route."""
        order = self.order.get(route) or self.order["default"]
        return tuple(self.families[family_id] for family_id in order)


class AdaptationRule(Rule):
    """How far the model may be changed, in the lesson's words, and the next step."""

    gate: Gate
    text: str
    next_step: str


class AdaptationFile(DataFile):
    """adaptation.yaml: the first rule that matches speaks."""

    rules: Annotated[dict[str, AdaptationRule], by_key("id")]


class EvidenceRow(Wire):
    """A piece of evidence and when it is asked for."""

    when: When
    item: EvidenceItem


def _split_row(row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    item = {"required": True, "lesson_index": None} | {k: v for k, v in row.items() if k != "when"}
    return {"when": row.get("when", {}), "item": item}


class EvidenceFile(DataFile):
    """evidence.yaml: what must be written down, and the sentences of the record check."""

    items: tuple[Annotated[EvidenceRow, BeforeValidator(_split_row)], ...]
    record: dict[str, str]


class Caps(Wire):
    """Caps of a budget class in USD; None: the class has none, one must be given."""

    max_hourly: Annotated[Decimal, Field(ge=0)] | None
    max_monthly: Annotated[Decimal, Field(ge=0)] | None


class BudgetWords(Wire):
    """What a price assumes, in sentences."""

    hourly: str
    monthly: str
    download: str
    hours: str
    day_raised: str
    one_session: str
    egress: str
    disk: str
    disk_from_offer: str
    disk_unknown: str
    marketplace: str
    over_month: str


class BudgetFile(DataFile):
    """budget.yaml: caps, the size of models chosen unasked (10^9 parameters), ages of prices."""

    classes: dict[BudgetLevel, Caps]
    sizes: dict[BudgetLevel, int | None]
    prices: dict[str, AgeLimits]
    download_mb_s: Annotated[Decimal, Field(gt=0)]
    start_h: Annotated[Decimal, Field(ge=0)]
    words: BudgetWords


@dataclass(frozen=True, slots=True)
class Ruleset:
    """All rule files of one version in one language."""

    lang: Lang
    routes: RoutesFile
    conflicts: ConflictsFile
    families: FamiliesFile
    adaptation: AdaptationFile
    evidence: EvidenceFile
    runtimes: RuntimesFile
    budget: BudgetFile
    licenses: LicensesFile
    fit: FitFile
