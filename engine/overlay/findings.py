"""What is wrong in a data file: where it stands, a code, and its sentence in either language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml

from engine.contract import Lang
from engine.datafile import DataFile

Steps = tuple[str | int, ...]
"""The way to a value in a data file: fields, ids of entries, and places in other lists."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect: a file, a line counted from one, a code of findings.yaml and its values."""

    file: str
    line: int
    code: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def where(self) -> str:
        """`models/ours.yaml:12`."""
        return f"{self.file}:{self.line}"

    def said(self, lang: Lang = Lang.en) -> str:
        """The place and the sentence, on one line."""
        return f"{self.where}: {sentence(self.code, lang).format_map(self.values)}"


@dataclass(frozen=True, slots=True)
class Defect:
    """The same before its line is known: a data file as the engine reads it, and the way in it.

    `cause` is another file and way, where a team may have removed what is not there.
    """

    path: str
    steps: Steps
    code: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)
    cause: tuple[str, Steps] | None = None


class FindingsFile(DataFile):
    """findings.yaml: the sentences by code; `{...}` are filled in from the defect."""

    findings: dict[str, dict[Lang, str]]


def sentence(code: str, lang: Lang) -> str:
    """The sentence of a code, with its placeholders. KeyError for an unknown code."""
    return _sentences().findings[code][lang]


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By file and line, each once; what is missing comes after what is wrong."""
    once = {(f.file, f.line, f.code, str(f.values)): f for f in findings}
    return tuple(sorted(once.values(), key=lambda f: (f.file, f.line, f.code == "field_missing")))


def quoted(value: object) -> str:
    """A value as a reader may see it: one short line."""
    text = " ".join(str(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


_SHOWN = 60


@cache
def _sentences() -> FindingsFile:
    text = resources.files("engine").joinpath("data", "findings.yaml").read_bytes()
    return FindingsFile.model_validate(yaml.safe_load(text))
