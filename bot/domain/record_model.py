"""The shape of an experiment record, as it is committed to a team's repository.

`docs/record.schema.json` is made from these models. A field that is empty is null; nothing here
depends on when or by whom a record is asked for.
"""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from bot.domain.evidence import EvidenceState, Source
from bot.domain.plans import Conclusion, State
from engine.contract import EvidenceRecord, Privacy, Route, Status

NINE = tuple(EvidenceRecord.model_fields)
"""The nine fields, in the lesson's order."""


Waivable = Literal[
    "model_name", "license_note", "runtime", "first_run", "eval", "resource_note", "shutdown"
]  # fmt: skip
"""The fields that evidence fills, and that can be waived with it."""


class Part(BaseModel):
    """A part of a record: frozen, and with no field that this version does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True
    )


class Withheld(Part):
    """What stands for a text of guarded data: its SHA-256 (hex) and its length in characters."""

    withheld: Literal[True] = True
    sha256: str
    chars: int


Words = str | Withheld


class Runtime(Part):
    """How it was started, and in which version of the runtime."""

    command: str | None
    version: str | None


class FirstRun(Part):
    """The first prompt, what came back, and how long it took."""

    prompt: Words | None
    output: Words | None
    seconds: str | None


class Case(Part):
    """One fixed evaluation case; `pass` is null where nobody has judged it."""

    case_id: str
    passed: bool | None = Field(alias="pass")
    prompt: Words | None = None
    expected: Words | None = None
    output: Words | None = None
    seconds: str | None = None
    note: str | None = None


class Resources(Part):
    """What it took, each with its unit."""

    memory: str | None
    latency: str | None
    disk: str | None
    cost: str | None


class Dates(Part):
    """When it was planned, when its run began, and when something was decided about it."""

    planned: datetime
    started: datetime | None
    decided: datetime | None


class Verdict(Part):
    """Who decided about it in the end, and when; the decision itself is a field of the record."""

    by: str | None
    at: datetime | None


class Version(Part):
    """A version of rules or data, and the SHA-256 (hex) of its content."""

    version: str
    sha256: str


class Plan(Part):
    """The engine's decision the experiment rests on: the same card and versions give it again."""

    plan_id: str
    status: Status
    revision: int
    as_of: date | None
    engine: Version
    ruleset: Version
    catalog: Version
    offers: Version | None
    overlay: Version | None


class Put(Part):
    """One time something was put down for an item; `by` is null for owroute itself."""

    source: Source
    by: str | None
    at: datetime
    link: str | None


class Item(Part):
    """An evidence item as it stands: `by` and `at` are of the last change of its state.

    `put_down` is everything that was ever put down for it, oldest first; `content` is what stands.
    """

    item: str
    label: str
    required: bool
    state: EvidenceState
    source: Source | None
    by: str | None
    at: datetime
    reason: str | None
    link: str | None
    assignee: str | None
    content: dict[str, JsonValue]
    put_down: tuple[Put, ...]


class Record(Part):
    """The nine fields of an experiment record, and what belongs beside them.

    A field holds what stands: neither claims that nobody accepted nor what was rejected. `withheld`
    says that words of prompts and outputs are not in it. `waived` names the fields that are not
    whole because their evidence was waived, each with the reason. People are Slack's member ids.
    """

    schema_version: Literal["1"] = "1"
    experiment: str
    task: str
    privacy: Privacy
    withheld: bool
    owner: str
    state: State
    dates: Dates
    conclusion: Verdict | None
    plan: Plan | None

    model_name: str | None
    license_note: str | None
    route: Route | None
    runtime: Runtime | None
    first_run: FirstRun | None
    eval: tuple[Case, ...]
    resource_note: Resources | None
    shutdown: str | None
    decision: Conclusion | None

    eval_counts: dict[str, JsonValue]
    gpu_plan: dict[str, JsonValue] | None
    waived: dict[Waivable, str] = Field(default_factory=dict)
    evidence: tuple[Item, ...]
    missing: tuple[str, ...]

    @property
    def nine(self) -> EvidenceRecord:
        """The nine fields alone, as the engine checks them."""
        whole = self.model_dump(mode="json", by_alias=True)
        return EvidenceRecord(**{name: whole[name] for name in NINE})
