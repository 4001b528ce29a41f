"""The form of a capture: what the script on people's machines may say, and how much of it.

Nothing from there is believed before it has this form: an unknown field is refused.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, NotRequired

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
    with_config,
)
from typing_extensions import TypedDict

LISTED = 500
"""Cases that are listed; `Cases.total` and its neighbours count all of them."""

MASK = "***"
_NAME = r"(?:token|auth|pass(?:w(?:or)?d)?|(?:key|secret|credential|passphrase)s?)"
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'])+"""
_SECRETS = re.compile(
    rf"(?i:((?:^|\s)-\S*{_NAME}\s+){_VALUE}(?:\s+(?![-\\|&;>]){_VALUE})*"
    rf"|({_NAME}[\"']?\s*[=:]\s*){_VALUE}|((?:^|\s)(?:-u|--(?:proxy-)?user)[\s=]*)[^\s:]+:{_VALUE}"
    r"|((?:bearer|basic)\s+)[^\s\"']+)|(://)[^/@\s]+(?=@)"
    r"|\b(hf_|sk-|rpa_|gh[a-z]_|github_pat_|xox[a-z]-|nvapi-|AKIA)[\w-]+"
)


def masked(command: str) -> str:
    """A command line without its secrets; the script does the same before anything is sent."""
    return _SECRETS.sub(rf"\1\2\3\4\5\6{MASK}", command)


def _moment(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a moment is a text")  # noqa: TRY004  # what pydantic expects
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _rows(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _sound(text: str) -> str:
    return text.replace("\x00", "\ufffd")  # no database keeps a NUL in a text


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s@?]+", text):
        raise ValueError("not an address without a password")
    return text


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_sound)]
Long = Annotated[str, Field(max_length=10_000), AfterValidator(_sound)]
Command = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(masked)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Seconds = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)


_STRICT = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


@with_config(_STRICT)
class Withheld(TypedDict):
    """What stands for a private text: the SHA-256 of its UTF-8, and its length in characters."""

    sha256: Sha256
    chars: Count


Text = Long | Withheld


class FirstRun(_Part):
    """The first prompt."""

    prompt: Text
    output: Text
    seconds: Seconds


Case = TypedDict(
    "Case",
    {
        "case_id": Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_sound)],
        "pass": bool | None,
        "seconds": NotRequired[Seconds],
        "prompt": NotRequired[Text],
        "expected": NotRequired[Text],
        "output": NotRequired[Text],
        "note": NotRequired[Text],
    },
)
"""A case of the evaluation as it is kept; `pass` is None where nobody judged it."""

Case.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]  # a class statement has no `pass`


class Cases(_Part):
    """The table: the counts and the hash tell of all of it, `rows` lists what had room."""

    total: Count
    passed: Count
    failed: Count
    unjudged: Count
    sha256: Sha256
    rows: Annotated[tuple[Case, ...], Field(max_length=LISTED), BeforeValidator(_rows)]

    @model_validator(mode="after")
    def _consistent(self) -> "Cases":
        verdicts = [row["pass"] for row in self.rows]
        counts = ((True, self.passed), (False, self.failed), (None, self.unjudged))
        if self.passed + self.failed + self.unjudged != self.total:
            raise ValueError("the counts do not add up")
        if any(verdicts.count(verdict) > n for verdict, n in counts):
            raise ValueError("more rows than were counted")
        if len({row["case_id"] for row in self.rows}) < len(self.rows):
            raise ValueError("a case id is there twice")
        return self


class Runtime(_Part):
    """What ran the model; the command has no secrets in it."""

    name: Line | None = None
    version: Line | None = None
    command: Command | None = None


class Latency(_Part):
    """Seconds per answer."""

    p50: Seconds
    p95: Seconds


class Memory(_Part):
    """MiB in use on the GPUs, and resident in the process that ran the model."""

    gpu_mib: Count | None = None
    rss_mib: Count | None = None


class Environment(_Part):
    """The machine."""

    gpu: Line | None = None
    driver: Line | None = None
    cuda: Line | None = None
    python: Line | None = None
    os: Line | None = None


class Capture(_Part):
    """All that a run of the script learnt; what it could not read is None."""

    v: Annotated[int, Field(ge=1, le=1)]
    experiment: Annotated[str, Field(pattern=r"^OW-[1-9][0-9]{0,8}$")]
    private: bool
    at: Annotated[datetime, BeforeValidator(_moment)]
    first: FirstRun
    latency: Latency
    repo: Annotated[str, Field(max_length=150, pattern=r"^[\w.-]+/[\w.-]+$")] | None = None
    model: Line | None = None
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    endpoint: Annotated[Line, AfterValidator(_url)] | None = None
    runtime: Runtime | None = None
    cases: Cases | None = None
    memory: Memory | None = None
    disk_gib: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None = None
    environment: Environment | None = None

    @model_validator(mode="after")
    def _private_throughout(self) -> "Capture":
        if any(isinstance(text, str) is self.private for text in self.texts()):
            raise ValueError("texts are withheld if and only if the run is private")
        return self

    def texts(self) -> Iterator[Text]:
        """Every prompt, output, expected text and note."""
        yield from (self.first.prompt, self.first.output)
        for row in self.cases.rows if self.cases else ():
            said = (row.get("prompt"), row.get("expected"), row.get("output"), row.get("note"))
            yield from (text for text in said if text is not None)
