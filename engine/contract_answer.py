"""What the route engine answers: the decision card and its parts.

Import these names from `engine.contract`. Decimals travel as JSON strings, memory as integer bytes, money as USD unless
`currency` says otherwise. Codes and ids are stable; texts follow the language asked for.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from engine.contract_request import ConstraintCard, Route, Wire


class Status(StrEnum):
    """Outcome of a plan; people read Go, Needs changes and Refused."""

    OK = "ok"
    NEEDS_CHANGES = "needs_changes"
    REFUSED = "refused"


class Severity(StrEnum):
    """What a conflict does to the status: refuse it, hold it back, or only say something."""

    REFUSE = "refuse"
    CHANGE = "change"
    WARN = "warn"


class ConflictCode(StrEnum):
    """Every reason a plan can be refused, held back or warned about."""

    ROUTE_CANNOT_PROVE_SERVICE = "ROUTE_CANNOT_PROVE_SERVICE"
    INTERNAL_ON_COLAB = "INTERNAL_ON_COLAB"
    COLAB_SERVICE_FORBIDDEN = "COLAB_SERVICE_FORBIDDEN"
    PRIVACY_ROUTE_CONFLICT = "PRIVACY_ROUTE_CONFLICT"
    PRIVATE_ON_RENTED_NEEDS_CONTROLS = "PRIVATE_ON_RENTED_NEEDS_CONTROLS"
    REGULATED_PROVIDER = "REGULATED_PROVIDER"
    RENT_NOT_JUSTIFIED = "RENT_NOT_JUSTIFIED"
    BUDGET_ROUTE_CONFLICT = "BUDGET_ROUTE_CONFLICT"
    BUDGET_EXCEEDED = "BUDGET_EXCEEDED"
    LORA_GATE = "LORA_GATE"
    TUNE_NEEDS_GPU = "TUNE_NEEDS_GPU"
    LORA_WITHOUT_EVAL = "LORA_WITHOUT_EVAL"
    LICENSE_COMMERCIAL = "LICENSE_COMMERCIAL"
    LICENSE_MAU = "LICENSE_MAU"
    LICENSE_EU = "LICENSE_EU"
    LICENSE_UNKNOWN = "LICENSE_UNKNOWN"
    ARCH_UNSUPPORTED = "ARCH_UNSUPPORTED"
    PUBLIC_PORT = "PUBLIC_PORT"
    NO_STOP_PLAN = "NO_STOP_PLAN"
    CONTEXT_EXCEEDS_NATIVE = "CONTEXT_EXCEEDS_NATIVE"
    DOES_NOT_FIT = "DOES_NOT_FIT"
    FIT_TIGHT = "FIT_TIGHT"
    FIT_UNCALIBRATED = "FIT_UNCALIBRATED"
    HARDWARE_REQUIRED = "HARDWARE_REQUIRED"
    HARDWARE_UNSUPPORTED = "HARDWARE_UNSUPPORTED"
    HARDWARE_ASSUMED = "HARDWARE_ASSUMED"
    REVISION_NOT_PINNED = "REVISION_NOT_PINNED"
    PRICE_STALE = "PRICE_STALE"
    PRICE_EXPIRED = "PRICE_EXPIRED"
    MODEL_GATED = "MODEL_GATED"
    NO_CANDIDATE = "NO_CANDIDATE"


class RejectionCode(StrEnum):
    """Why a family or an offer was not chosen."""

    NOT_FIRST_FIT = "not_first_fit"
    RUNTIME_NOT_SERVING = "runtime_not_serving"
    DOES_NOT_FIT = "does_not_fit"
    OVER_BUDGET = "over_budget"
    LICENSE = "license"
    PRIVACY = "privacy"
    ARCH_UNKNOWN = "arch_unknown"
    CONTEXT_TOO_LONG = "context_too_long"
    HARDWARE_UNSUPPORTED = "hardware_unsupported"
    NEEDS_LATENCY_CHECK = "needs_latency_check"
    MODEL_CARD_CHECK_REQUIRED = "model_card_check_required"
    ROUTE_NOT_SUPPORTED = "route_not_supported"
    ROUTE_REFUSED = "route_refused"


class ConsideredRoute(Wire):
    """One route tried for an undecided card, with every refuse and change code it met."""

    route: Route
    status: Status
    codes: tuple[ConflictCode, ...]


class RouteChoice(Wire):
    """Where it runs and what that can show; hours until the stop, and what to bring back before it."""

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


class ModelChoice(Wire):
    """The chosen model; parameters are counts, `native_context` tokens; null is unknown, never guessed."""

    repo: str
    revision: str | None
    params_total: int
    params_active: int | None
    scheme: str
    license_id: str
    gated: bool | None
    native_context: int


class FitVerdict(StrEnum):
    """Does it fit: `unknown` is never shown as fitting."""

    FITS = "fits"
    TIGHT = "tight"
    DOES_NOT_FIT = "does_not_fit"
    UNKNOWN = "unknown"


class Breakdown(Wire):
    """Where the expected memory goes, bytes per GPU."""

    weights: int
    kv: int
    activation: int
    runtime: int


class FitReport(Wire):
    """Memory needed against memory there is, bytes, per GPU when there are several."""

    verdict: FitVerdict
    need_low: int
    need_expected: int
    need_high: int
    breakdown: Breakdown
    kv_bytes_per_token: int
    capacity: int
    capacity_note: str
    max_context_tokens: int | None
    max_concurrent: int | None
    disk_bytes: int
    method: str
    calibrated: bool
    error_band_pct: Decimal
    sources: tuple[str, ...]


class OfferChoice(Wire):
    """The chosen rental: USD per hour of the whole offer on the day `as_of`, decimal GB per GPU."""

    offer_id: str
    provider: str
    gpu_id: str
    gpu_count: int
    vram_gb_per_gpu: Decimal
    hourly: Decimal
    region: str
    tier: str
    as_of: date
    source_url: str


class CostItem(Wire):
    """One line of a cost: a stable id, words for people, an amount in the estimate's currency."""

    id: str
    label: str
    amount: Decimal


class CostEstimate(Wire):
    """Cost per hour (four places), session, month and of never stopping (cents), with what was assumed."""

    currency: str
    hourly: Decimal
    session: Decimal | None
    monthly: Decimal
    always_on: Decimal
    items: tuple[CostItem, ...]
    assumptions: tuple[str, ...]
    as_of: date
    offer_id: str


class RuntimeCommand(Wire):
    """How to start and check the runtime; `shell` is `shlex.join(argv)`, secrets appear in neither."""

    runtime: str
    argv: tuple[str, ...]
    shell: str
    env: dict[str, str]
    bind: str
    health_check: str
    first_request: str
    version_command: str
    prerequisites: tuple[str, ...]


class ShutdownLevel(StrEnum):
    """What is stopped: the program, the machine's compute billing, or all that still bills."""

    PROCESS = "process"
    INSTANCE = "instance"
    STORAGE = "storage"


class ShutdownCommand(Wire):
    """One step of switching off; an empty `argv` means the console path that `note` describes.

    `shell` is `shlex.join(argv)`; ids that a provider issues stay `{id}`. `stops_billing` is true only when nothing billable is left.
    """

    level: ShutdownLevel
    argv: tuple[str, ...]
    shell: str
    stops_billing: bool
    verify: str
    note: str


class Gate(StrEnum):
    """How far adaptation may go: RAG first, measure first, or LoRA after recorded failures."""

    RAG_FIRST = "rag_first"
    BASELINE_REQUIRED = "baseline_required"
    LORA_ALLOWED = "lora_allowed"


class Adaptation(Wire):
    """Whether the model may be changed, in the lesson's words, and the next step towards it."""

    text: str
    gate: Gate
    next_step: str


class EvidenceKind(StrEnum):
    """Why a piece of evidence is asked for."""

    BASE = "base"
    ROUTE = "route"
    PRIVACY = "privacy"
    TUNING = "tuning"
    LICENCE = "licence"
    BUDGET = "budget"


class EvidenceItem(Wire):
    """One thing to write down; `lesson_index` 0..5 marks the lesson's six."""

    id: str
    label: str
    kind: EvidenceKind
    required: bool
    template: str
    lesson_index: int | None


class Rejected(Wire):
    """A family or offer that was not chosen, with the rule and the numbers that decided it."""

    id: str
    code: RejectionCode
    reason: str
    rule_id: str
    numbers: dict[str, int | str]


class Conflict(Wire):
    """One thing in the way: what, the one edit that resolves it, its card fields, and other routes.

    `fix` names at most two fields of `ConstraintCard`; it is empty on a refusal, which offers `alternatives` instead.
    """

    code: ConflictCode
    severity: Severity
    rule_id: str
    text: str
    change: str
    fix: tuple[str, ...]
    alternatives: tuple[Route, ...]


class LicenseDecision(StrEnum):
    """What a licence means for this use; a reading aid, not legal advice."""

    ALLOW = "allow"
    ALLOW_WITH_CONDITIONS = "allow_with_conditions"
    REFUSE = "refuse"
    NEEDS_REVIEW = "needs_review"


class LicenseVerdict(Wire):
    """The licence read for this card, with conditions to keep and the text it was read from."""

    license_id: str
    verdict: LicenseDecision
    conditions: tuple[str, ...]
    codes: tuple[ConflictCode, ...]
    source_url: str


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

    CARD = "card"
    DEFAULT = "default"
    DERIVED = "derived"


class Inputs(Wire):
    """All that decided: the card as resolved, each field's origin, the day, and the versions used."""

    card: ConstraintCard
    origins: dict[str, Origin]
    as_of: date | None
    ruleset: DataVersion
    catalog: DataVersion
    offers: DataVersion | None
    engine: DataVersion


class DecisionCard(Wire):
    """The whole answer to a constraint card; a refused one has no family, model, fit, offer, cost or commands."""

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
