"""What is wrong with a payload, and where."""

from dataclasses import dataclass, field
from enum import StrEnum

from typing_extensions import override


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule. `constraint` names the kind of rule, `code` the API error it leads to."""

    pointer: str
    why: str
    constraint: str = "invalid"
    code: str = "invalid_blocks"

    @override
    def __str__(self) -> str:
        return f"[ERROR] {self.why} [json-pointer:{self.pointer}]"


@dataclass(slots=True)
class Report:
    """Collects problems while the rules walk through a payload."""

    surface: Surface
    refuses_newer: bool = False
    problems: list[Problem] = field(default_factory=list)

    def add(self, pointer: str, why: str, constraint: str = "invalid") -> None:
        """Note a broken rule at a JSON pointer."""
        self.problems.append(Problem(pointer, why, constraint))
