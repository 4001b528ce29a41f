"""What `owroute check` has found, a line each."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a finding is marked at the start of its line."""

    OK = "ok"
    NOTE = "note"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    mark: Mark
    text: str
