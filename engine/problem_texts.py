"""The words of problems: a title and a sentence per code, a sentence per kind of defect."""

from collections.abc import Mapping
from typing import Any

from engine.contract import Problem, ProblemCode, ProblemItem, Wire
from engine.datafile import DataFile


class ProblemWords(Wire):
    """One problem's HTTP status, title and advice."""

    status: int
    title: str
    detail: str


class ProblemsFile(DataFile):
    """problems.yaml in one language."""

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
        sentence = self.defects.get(code) or self.defects["other"]
        return ProblemItem(pointer=pointer, code=code, detail=sentence.format_map(limits))
