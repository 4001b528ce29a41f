"""What the route engine answers: the decision card and its parts.

Import these names from `engine.contract`. Decimals travel as JSON strings, memory as integer bytes.
Codes and ids are stable; texts follow the language asked for.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import Field

from engine.contract_codes import ConflictCode, RejectionCode
from engine.contract_request import ConstraintCard, Route
from engine.contract_run import (
    CostEstimate,
    FitReport,
    LicenseVerdict,
    ModelChoice,
    OfferChoice,
    RuntimeCommand,
    ShutdownCommand,
)
from engine.contract_scalars import Wire


class Status(StrEnum):
    """Outcome of a plan; people read Go, Needs changes and Refused."""

    ok = "ok"
    needs_changes = "needs_changes"
    refused = "refused"


class Severity(StrEnum):
    """What a conflict does to the status: refuse it, hold it back, or only say something."""

    refuse = "refuse"
    change = "change"
    warn = "warn"


class ConsideredRoute(Wire):
    """One route tried for an undecided card, with every refuse and change code it met."""

    route: Route
    status: Status
    codes: tuple[ConflictCode, ...]


class RouteChoice(Wire):
    """Where it runs, what that can show, hours until the stop and what to bring back before it."""

    route: Route
    goal: str
    why: str
    can_prove: tuple[str, ...]
    cannot_prove: tuple[str, ...]
    fallback_route: Route | None
    stop_when: tuple[str, ...]
    stop_after_hours: Decimal | None
    copy_back: tuple[str, ...]
    considered: tuple[ConsideredRoute, ...]


class FamilyChoice(Wire):
    """The chosen family; `family`, `fit` and `runtime` are the planning table's words."""

    family_id: str
    family: str
    fit: tuple[str, ...]
    runtime: str


class Gate(StrEnum):
    """How far adaptation may go: RAG first, measure first, or LoRA after recorded failures."""

    rag_first = "rag_first"
    baseline_required = "baseline_required"
    lora_allowed = "lora_allowed"


class Adaptation(Wire):
    """Whether the model may be changed, in the lesson's words, and the next step towards it."""

    text: str
    gate: Gate
    next_step: str


class EvidenceKind(StrEnum):
    """Why a piece of evidence is asked for."""

    base = "base"
    route = "route"
    privacy = "privacy"
    tuning = "tuning"
    licence = "licence"
    budget = "budget"


class EvidenceItem(Wire):
    """One thing to write down; `lesson_index` 0..5 marks the lesson's six."""

    id: str
    label: str
    kind: EvidenceKind
    required: bool
    template: str
    lesson_index: int | None


class Rejected(Wire):
    """A family or offer that was not chosen, with the rule and the numbers that decided it.

    `label` is what people call it.
    """

    id: str
    label: str
    code: RejectionCode
    reason: str
    rule_id: str
    numbers: dict[str, int | str]


class Conflict(Wire):
    """One thing in the way: what, the one edit that resolves it, its card fields, and other routes.

    `fix` names at most two fields of `ConstraintCard`; a refusal offers `alternatives`. `passing`
    holds values of the card's fields that would pass, as far as the engine knows any: for
    `hardware` the id of a GPU; hours also with what else of them has to give way.
    """

    code: ConflictCode
    severity: Severity
    rule_id: str
    text: str
    change: str
    fix: tuple[str, ...]
    passing: dict[str, bool | int | str] = Field(default_factory=dict)
    alternatives: tuple[Route, ...]


class RuleRef(Wire):
    """A rule that spoke, and the version of the data it came from."""

    rule_id: str
    version: str


class DataVersion(Wire):
    """A data set or the engine itself: its version and the sha256 (hex) of its content."""

    version: str
    sha256: str


class Origin(StrEnum):
    """Where a value of the resolved card came from."""

    card = "card"
    default = "default"
    derived = "derived"


class Inputs(Wire):
    """All that decided: the resolved card, each field's origin, the day, and the versions used.

    `overlay` names the files of a team's own data that were applied; null: none were.
    """

    card: ConstraintCard
    origins: dict[str, Origin]
    as_of: date | None
    ruleset: DataVersion
    catalog: DataVersion
    offers: DataVersion | None
    engine: DataVersion
    overlay: DataVersion | None = None


class DecisionCard(Wire):
    """The whole answer to a constraint card.

    A refused one has no family, model, fit, offer, cost or commands, but keeps its evidence list.
    """

    schema_version: Literal["1"] = "1"
    plan_id: str
    status: Status
    project: str
    route: RouteChoice
    model_family: FamilyChoice | None
    model: ModelChoice | None
    fit: FitReport | None
    offer: OfferChoice | None
    cost: CostEstimate | None
    runtime_commands: tuple[RuntimeCommand, ...]
    shutdown_commands: tuple[ShutdownCommand, ...]
    adaptation: Adaptation
    evidence: tuple[EvidenceItem, ...]
    rejected_families: tuple[Rejected, ...]
    rejected_offers: tuple[Rejected, ...]
    conflicts: tuple[Conflict, ...]
    warnings: tuple[Conflict, ...]
    license: LicenseVerdict | None
    applied_rules: tuple[RuleRef, ...]
    inputs: Inputs
