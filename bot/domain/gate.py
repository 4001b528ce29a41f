"""The gate: what must be there before *keep* or *LoRA* can be decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.evidence import Content, Evidence, EvidenceState, missing
from bot.domain.plans import GATED, Conclusion

BASELINE = "five_case_eval"


@dataclass(frozen=True, slots=True)
class Barred:
    """Why something cannot be decided yet: the items that are missing, or no failure on record."""

    missing: tuple[Evidence, ...] = ()
    no_failures: bool = False


def barred(conclusion: Conclusion, items: Sequence[Evidence]) -> Barred | None:
    """What stands against a conclusion; None when nothing does. *Stop* is always allowed."""
    if conclusion not in GATED:
        return None
    owed = missing(items)
    no_failures = conclusion is Conclusion.LORA and not has_failures(items)
    return Barred(owed, no_failures) if owed or no_failures else None


def has_failures(items: Iterable[Evidence]) -> bool:
    """Whether the baseline evaluation that was given records at least one failed case."""
    return any(
        e.item == BASELINE and e.state is EvidenceState.GIVEN and _failed(e.content) for e in items
    )


def _failed(content: Content) -> bool:
    """A failed row; of a table too large to list, its count of failed ones."""
    rows, failed, total = (content.get(name) for name in ("cases", "failed", "total"))
    listed = rows if isinstance(rows, list) else []
    if isinstance(total, int) and isinstance(failed, int) and total > len(listed):
        return failed > 0
    return any(isinstance(row, dict) and row.get("pass") is False for row in listed)
