"""How a chosen model runs: memory, licence, price, and the commands that start and stop it.

Memory is integer bytes, parameters are counts, money is USD unless `currency` says otherwise.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.contract_codes import ConflictCode
from engine.contract_scalars import Repo, Revision, Wire


class Weights(Wire):
    """Published files of one scheme: repository, commit (null: not known here), file of a GGUF."""

    scheme: str
    repo: Repo
    revision: Revision | None = None
    file: str | None = None


class ModelChoice(Wire):
    """The chosen model: parameters as counts, context in tokens; null is unknown, never guessed.

    `weights` are the files of the scheme: for a quantized one a repository of their own.
    """

    repo: str
    revision: str | None
    weights: Weights
    params_total: int
    params_active: int | None
    scheme: str
    license_id: str
    gated: bool | None
    native_context: int


class FitVerdict(StrEnum):
    """Does it fit: `unknown` is never shown as fitting."""

    fits = "fits"
    tight = "tight"
    does_not_fit = "does_not_fit"
    unknown = "unknown"


class Breakdown(Wire):
    """Where the expected memory goes, bytes per GPU: the parts are `need_expected`.

    `training` is what training an adapter takes on top of running the model, 0 where none is.
    """

    weights: int
    kv: int
    activation: int
    runtime: int
    training: int = 0


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
    """The chosen rental: USD per hour of the whole offer on the day `as_of`, decimal GB per GPU.

    `console_url` is where its provider's machines are started and stopped; empty: not known here.
    """

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
    console_url: str = ""


class CostItem(Wire):
    """One line of a cost: a stable id, words for people, an amount in the estimate's currency."""

    id: str
    label: str
    amount: Decimal


class CostEstimate(Wire):
    """Cost per hour (four places), session, month, never stopping (cents), and assumptions."""

    currency: str
    hourly: Decimal
    session: Decimal | None
    monthly: Decimal
    always_on: Decimal
    items: tuple[CostItem, ...]
    assumptions: tuple[str, ...]
    as_of: date
    offer_id: str


class StepKind(StrEnum):
    """What is done before a model can be started, in this order."""

    rent = "rent"
    connect = "connect"
    install = "install"
    download = "download"


class Step(Wire):
    """One command before the start; an empty `argv` means the way that `note` describes."""

    kind: StepKind
    argv: tuple[str, ...]
    shell: str
    note: str


class RuntimeCommand(Wire):
    """How to get to a running model and check it, in the order of the fields below.

    `shell` is `shlex.join(argv)`; secrets appear in neither. `script` is a file to save under the
    name that `argv` runs, empty where none is needed.
    """

    runtime: str
    before: tuple[Step, ...]
    script: str
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

    process = "process"
    instance = "instance"
    storage = "storage"


class ShutdownCommand(Wire):
    """One step of switching off; an empty `argv` means the console path that `note` describes.

    `shell` is `shlex.join(argv)`; ids that a provider issues stay `{id}`. `stops_billing` is true
    only when nothing billable is left.
    """

    level: ShutdownLevel
    argv: tuple[str, ...]
    shell: str
    stops_billing: bool
    verify: str
    note: str


class LicenseDecision(StrEnum):
    """What a licence means for this use; a reading aid, not legal advice."""

    allow = "allow"
    allow_with_conditions = "allow_with_conditions"
    refuse = "refuse"
    needs_review = "needs_review"


class LicenseVerdict(Wire):
    """The licence read for this card, with conditions to keep and the text it was read from."""

    license_id: str
    verdict: LicenseDecision
    conditions: tuple[str, ...]
    codes: tuple[ConflictCode, ...]
    source_url: str
