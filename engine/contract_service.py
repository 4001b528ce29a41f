"""What the HTTP service adds to decisions: comparisons, catalogue pages, record checks, problems.

Import these names from `engine.contract`.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import Field

from engine.contract_answer import DecisionCard
from engine.contract_codes import ConflictCode, RejectionCode
from engine.contract_request import Architecture, Route
from engine.contract_run import Weights
from engine.contract_scalars import Count, Repo, Revision, Wire


class CompareResponse(Wire):
    """The same card decided for each of the five routes, in the order of `Route`."""

    plans: tuple[DecisionCard, ...]


class LessonRoute(Wire):
    """The lesson's route and what it is for."""

    route: str
    goal: str


class LessonChoice(Wire):
    """A row of the lesson's planning table."""

    family: str
    fit: tuple[str, ...]
    runtime: str


class LessonDecision(Wire):
    """`view=lesson`: exactly what the lesson's own planner prints for the card, quirks included."""

    project: str
    route: LessonRoute
    model_family: LessonChoice
    adaptation: str
    evidence: tuple[str, ...]


class ProblemCode(StrEnum):
    """Every error the service answers; refusals are not among them, they are decisions."""

    CARD_INVALID = "CARD_INVALID"
    UNKNOWN_ROUTE = "UNKNOWN_ROUTE"
    ROUTE_NOT_IN_LESSON = "ROUTE_NOT_IN_LESSON"
    FIT_REQUEST_INVALID = "FIT_REQUEST_INVALID"
    REQUEST_INVALID = "REQUEST_INVALID"
    UNAUTHORIZED = "UNAUTHORIZED"
    PLAN_NOT_FOUND = "PLAN_NOT_FOUND"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    DATA_NOT_READY = "DATA_NOT_READY"
    INTERNAL = "INTERNAL"


class ProblemItem(Wire):
    """One defect: a JSON pointer, a stable code, and a sentence saying what to write instead."""

    pointer: str
    code: str
    detail: str


class Problem(Wire):
    """RFC 9457 problem details (`application/problem+json`); `reference` only with `INTERNAL`."""

    type: str
    title: str
    status: int
    detail: str
    code: ProblemCode
    errors: tuple[ProblemItem, ...] = ()
    reference: str | None = None


class EvidenceCheck(Wire):
    """What a nine-field record lacks: `missing` names empty fields, `errors` the wrong ones."""

    valid: bool
    errors: tuple[ProblemItem, ...]
    missing: tuple[str, ...]


class FamilyItem(Wire):
    """A model family as the planning table knows it, and the routes it is offered on."""

    family_id: str
    family: str
    fit: tuple[str, ...]
    runtime: str
    routes: tuple[Route, ...]
    serves: bool
    only_when_named: bool
    source: str


class ModelItem(Wire):
    """A reviewed model; `weights[0]` is what its own repository holds, contexts are in tokens.

    `base_license_id` binds besides the model's own licence (distilled from, fine-tuned from).
    `extended_context` is what its card promises with YaRN. `never` names schemes that break it.
    """

    repo: Repo
    family_id: str
    license_id: str
    base_license_id: str | None = None
    multimodal: bool = False
    gated: bool | None = None
    revision: Revision | None = None
    architecture: Architecture
    extended_context: Count | None = None
    weights: Annotated[tuple[Weights, ...], Field(min_length=1)]
    never: tuple[str, ...] = ()
    source: str


class HardwareItem(Wire):
    """A known GPU: sticker GB, measured usable GiB (null: not measured), CUDA capability.

    `aliases` are the names providers and drivers give it; null capability: not a CUDA device.
    """

    gpu_id: str
    name: str
    aliases: tuple[str, ...] = ()
    nominal_gb: Annotated[int, Field(gt=0)]
    usable_gib: Annotated[Decimal, Field(gt=0)] | None
    capability: Annotated[Decimal, Field(gt=0)] | None
    source: str


class OfferItem(Wire):
    """A machine to rent: USD per hour of the whole offer, as seen on a day at an address."""

    offer_id: str
    provider: str
    sku: str
    gpu: str
    gpu_id: str
    gpu_count: int
    vram_gb_per_gpu: Decimal
    usd_per_hour: Decimal
    tier: str
    region: str
    as_of: date
    source_url: str
    note: str


class LicenseItem(Wire):
    """A licence: what it allows in commerce, its limit of monthly users, and what it asks for."""

    license_id: str
    name: str
    aliases: tuple[str, ...]
    commercial_use: str
    mau_limit: int | None
    eu_restriction: str
    needs_review: bool
    conditions: tuple[str, ...]
    source_url: str


class SchemeItem(Wire):
    """A weight format a runtime runs, and the CUDA capability it needs (null: any, CPU too)."""

    scheme: str
    capability: Decimal | None = None


class RuntimeItem(Wire):
    """A runtime: how it starts, stops, is checked, and what to choose it for."""

    runtime: str
    name: str
    version: str
    start: tuple[str, ...]
    stop: tuple[str, ...]
    verify: str
    version_command: str
    health_check: str
    choose_for: str
    schemes: tuple[SchemeItem, ...]
    source: str


class RuleEffect(StrEnum):
    """What a rule does: three make conflicts, `plan` explains a route, `reject` a family or offer.

    `adapt` says how far the model may be changed.
    """

    refuse = "refuse"
    change = "change"
    warn = "warn"
    plan = "plan"
    reject = "reject"
    adapt = "adapt"


class RuleItem(Wire):
    """A rule: when it speaks (field to accepted values), what it says, where it comes from."""

    rule_id: str
    effect: RuleEffect
    code: ConflictCode | RejectionCode | None
    when: dict[str, tuple[str, ...]]
    text: str
    change: str | None
    fix: tuple[str, ...]
    alternatives: tuple[Route, ...]
    source: str


Item = TypeVar("Item", bound=Wire)


class Page(Wire, Generic[Item]):
    """A page of the catalogue; `next` is the cursor of the following page, null on the last."""

    items: tuple[Item, ...]
    next: str | None
    version: str
    sha256: str
    as_of: date


class Health(Wire):
    """The process runs; `ready` says the data is loaded, `counts` how much of it.

    `overlay` says what became of a team's own data: applied with its files, or broken and where.
    """

    ready: bool
    counts: dict[str, int]
    overlay: str | None = None
