"""What callers may ask of the route engine: the constraint card and the closed choices on it.

Import these names from `engine.contract`. Decimals travel as JSON strings, counts as integers,
money is USD.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, JsonValue, StrictBool, StrictInt, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from engine.contract_scalars import (
    Count,
    Day,
    Exact,
    Money,
    Note,
    Providers,
    Repo,
    Revision,
    Wire,
    one_line,
)


class Lang(StrEnum):
    """Language of texts; codes, ids and order never change with it."""

    en = "en"
    zh = "zh"


class View(StrEnum):
    """`full` is the decision card, `lesson` exactly the lesson's own JSON."""

    full = "full"
    lesson = "lesson"


class Privacy(StrEnum):
    """How the data of the task may be handled, from open to most guarded."""

    public = "public"
    internal = "internal"
    private_docs = "private_docs"
    regulated = "regulated"


class Route(StrEnum):
    """Where the model runs; this order breaks ties and orders comparisons."""

    local_cpu = "local_cpu"
    local_gpu = "local_gpu"
    private_gpu = "private_gpu"
    free_colab = "free_colab"
    rented_gpu = "rented_gpu"


class AvailableRoute(StrEnum):
    """The routes of `Route`, and `undecided`: the engine compares them and chooses."""

    local_cpu = "local_cpu"
    local_gpu = "local_gpu"
    private_gpu = "private_gpu"
    free_colab = "free_colab"
    rented_gpu = "rented_gpu"
    undecided = "undecided"


class BudgetLevel(StrEnum):
    """Budget class; its caps in USD are data (`budget.yaml`)."""

    zero = "zero"
    small = "small"
    medium = "medium"
    large = "large"


class KvDtype(StrEnum):
    """Type of a KV cache element: `auto`, `bf16` take two bytes, the others about one or half."""

    auto = "auto"
    bf16 = "bf16"
    fp8 = "fp8"
    q8_0 = "q8_0"
    q4_0 = "q4_0"


class Tenancy(StrEnum):
    """Kind of rented host: anybody's machine, a provider's data centre, or one customer only."""

    community = "community"
    secure = "secure"
    dedicated = "dedicated"


class Attention(StrEnum):
    """How a model keeps its KV cache; `unknown` is never guessed from the parameter count."""

    gqa = "gqa"
    mla = "mla"
    hybrid = "hybrid"
    unknown = "unknown"


class Sliding(Wire):
    """Sliding-window attention: window in tokens and the number of layers that use it."""

    window: Count
    layers: Count


class Mla(Wire):
    """Latent attention: rank of the compressed cache and the rotary part, both in elements."""

    kv_lora_rank: Count
    rope_dim: Count


class Moe(Wire):
    """Mixture of experts: experts per layer, active per token, and one expert's inner size."""

    experts: Count
    active: Count
    expert_intermediate: Count


class Linear(Wire):
    """Linear or recurrent layers: how many, and the bytes of one layer's state per sequence."""

    layers: Count
    state_bytes: Annotated[StrictInt, Field(ge=0, le=2**53 - 1)]


class Architecture(Wire):
    """Shape of a model as in its config.json (`d_model` is `hidden_size`), parameters as counts."""

    attention: Attention
    layers: Count
    kv_heads: Count
    head_dim: Count
    d_model: Count
    intermediate: Count
    vocab: Count
    tied: StrictBool | None
    native_context: Count
    params_total: Count
    params_active: Count | None = None
    sliding: Sliding | None = None
    mla: Mla | None = None
    moe: Moe | None = None
    linear: Linear | None = None


class PriceSeen(Wire):
    """A price a person has just seen for one offer, USD per hour of the whole offer."""

    offer_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:+-]{0,119}$")]
    hourly: Annotated[Exact, Field(gt=0, le=10_000)]


class HardwareSpec(Wire):
    """What the team has or wants to rent: `gpu_id` of hardware.yaml or a name it goes by, as typed.

    None is a CPU. Sizes are in GiB.
    """

    gpu_id: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$")] | None
    ) = None
    gpu_count: Annotated[StrictInt, Field(ge=1, le=64)] = 1
    ram_gib: Annotated[Exact, Field(gt=0, le=100_000)] | None = None
    disk_gib: Annotated[Exact, Field(gt=0, le=10_000_000)] | None = None


class ConstraintCard(Wire):
    """What a team knows before it chooses: the lesson's six fields first, all six required.

    Hours are decimals, prices USD, context in tokens (prompt and answer together). Text is one
    line: control characters are taken out before its length is counted.
    """

    task: Annotated[str, StringConstraints(min_length=3, max_length=300), one_line]
    privacy: Privacy
    available_route: AvailableRoute
    needs_service_api: StrictBool
    needs_fine_tuning: StrictBool
    budget_level: BudgetLevel
    model_repo: Repo | None = None
    revision: Revision | None = None
    architecture: Architecture | None = None
    license_id: Annotated[str, StringConstraints(min_length=1, max_length=100), one_line] | None = (
        None
    )
    license_review: Note | None = None
    price_seen: PriceSeen | None = None
    hardware: HardwareSpec | None = None
    context_tokens: Annotated[StrictInt, Field(ge=1, le=16_777_216)] = 8192
    concurrency: Annotated[StrictInt, Field(ge=1, le=4096)] = 1
    kv_dtype: KvDtype = KvDtype.auto
    session_hours: Annotated[Exact, Field(gt=0, le=744)] | None = None
    hours_per_day: Annotated[Exact, Field(gt=0, le=24)] | None = None
    days_per_month: Annotated[StrictInt, Field(ge=1, le=31)] = 12
    always_on: StrictBool = False
    review_date: Day | None = None
    max_hourly: Money | None = None
    max_monthly: Money | None = None
    commercial_use: StrictBool = True
    monthly_active_users: Annotated[StrictInt, Field(ge=0)] | None = None
    eu_entity: StrictBool | None = None
    distributes_model: StrictBool = False
    region: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$")] | None
    ) = None
    providers_allowed: Providers = ()
    regulated_providers: Providers = ()
    eval_failures_recorded: StrictBool = False
    access_rule: Note | None = None
    tenancy: Tenancy | None = None
    public_endpoint: StrictBool = False
    machine_name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] | None = None
    fallback_route: Route | None = None
    as_of: Day | None = None


class Phase(StrEnum):
    """`peak` counts activations while a prompt is read, `steady` does not."""

    peak = "peak"
    steady = "steady"


class FitRequest(Wire):
    """Does this model fit? One of `model_repo` and `architecture`; at most one capacity, bytes."""

    model_repo: Repo | None = None
    architecture: Architecture | None = None
    scheme: str
    kv_dtype: KvDtype = KvDtype.auto
    context_tokens: Annotated[StrictInt, Field(ge=1, le=16_777_216)]
    prefill_tokens: Count | None = None
    chunk_tokens: Count | None = None
    concurrency: Annotated[StrictInt, Field(ge=1, le=4096)] = 1
    runtime: str
    phase: Phase = Phase.peak
    hardware: HardwareSpec | None = None
    capacity_bytes: Count | None = None
    utilization: Annotated[Exact, Field(gt=0, le=1)] | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        """An error unless exactly one model is described and at most one capacity."""
        if (self.model_repo is None) == (self.architecture is None):
            raise PydanticCustomError("fit_subject", "give one of model_repo and architecture")
        if self.hardware is not None and self.capacity_bytes is not None:
            raise PydanticCustomError("fit_capacity", "give hardware or capacity_bytes, not both")
        return self


class EvidenceRecord(Wire):
    """The nine fields of an experiment record, of any JSON shape: defects are answers, no 422."""

    model_name: JsonValue = None
    license_note: JsonValue = None
    route: JsonValue = None
    runtime: JsonValue = None
    first_run: JsonValue = None
    eval: JsonValue = None
    resource_note: JsonValue = None
    shutdown: JsonValue = None
    decision: JsonValue = None
