"""The words of problems: a title and a sentence per code, a sentence per kind of defect."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from engine.contract import Problem, ProblemCode, ProblemItem, Wire
from engine.datafile import DataFile

_NONE: Mapping[str, str] = MappingProxyType({})


class ProblemWords(Wire):
    """One problem's HTTP status, title and advice."""

    status: int
    title: str
    detail: str


class ProblemsFile(DataFile):
    """problems.yaml in one language.

    A sentence is found by `kind/field` for one field's own, else by the kind of the defect.
    """

    separator: str
    problems: dict[ProblemCode, ProblemWords]
    defects: dict[str, str]

    def problem(
        self,
        code: ProblemCode,
        errors: tuple[ProblemItem, ...] = (),
        reference: str | None = None,
    ) -> Problem:
        """The problem document for a code."""
        words = self.problems[code]
        return Problem(
            type=f"urn:owroute:problem:{code.value.lower()}",
            title=words.title,
            status=words.status,
            detail=words.detail,
            code=code,
            errors=errors,
            reference=reference,
        )

    def defect(self, pointer: str, code: str, limits: Mapping[str, Any]) -> ProblemItem:
        """One defect in words; `limits` fill the sentence of its kind."""
        field = pointer.rpartition("/")[2]
        sentence = self.defects.get(f"{code}/{field}") or self.defects.get(code)
        said = (sentence or self.defects["other"]).format_map(limits)
        return ProblemItem(pointer=pointer, code=code, detail=said)

    def near(
        self, pointer: str, code: str, names: Sequence[str], values: Mapping[str, str] = _NONE
    ) -> ProblemItem:
        """A name that is not known; with names that may have been meant, those are said."""
        if not names:
            return self.defect(pointer, code, values)
        said = self.defect(pointer, f"{code}_near", {"near": self.separator.join(names)})
        return said.model_copy(update={"code": code})
