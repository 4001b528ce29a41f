"""How accurate the memory model is: its error on each published figure, or on a team's own.

from engine.accuracy.check import check
found = check("measured.csv")
for row in found.outside: ...
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean, median

from engine.accuracy.compared import Incomparable, computed
from engine.accuracy.facts import Fact, UnreadableFacts, UseAs, read
from engine.contract import Architecture
from engine.load import load_data

TOO_LOW = -5.0
"""Per cent from which an estimate is dangerously low: the run dies of it."""

_CARDS = (80, 115)
"""Per cent of a vendor's round figure between which weights and KV cache must lie."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure beside ours; `within` None: it binds nobody, `computed` None: no rule for it.

    Bytes, except parameters and bytes per token, whose figures are such. `error` is in per cent of
    the published figure, below zero where ours is too low.
    """

    fact: Fact
    computed: int | None
    error: float | None
    within: bool | None


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of some rows in per cent, signs dropped; `low` rows are more than 5 % too low."""

    rows: int
    mean: float
    median: float
    p90: float
    worst: float
    low: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Every row compared, in the order of the file."""

    rows: tuple[Compared, ...]

    @property
    def asserted(self) -> tuple[Compared, ...]:
        """The rows that bind."""
        return tuple(row for row in self.rows if row.within is not None)

    @property
    def outside(self) -> tuple[Compared, ...]:
        """The rows that miss their tolerance."""
        return tuple(row for row in self.rows if row.within is False)

    @property
    def groups(self) -> Mapping[str, Errors]:
        """Errors by group over the rows that bind to both sides: a ceiling says nothing of them."""
        found: dict[str, list[float]] = {}
        for row in self.asserted:
            if row.error is not None and row.fact.use_as is not UseAs.upper_bound:
                found.setdefault(row.fact.group, []).append(row.error)
        return {group: errors(values) for group, values in found.items()}


def check(facts: str | Path, shapes: Mapping[str, Architecture] | None = None) -> Accuracy:
    """Compare each figure of a CSV, given as text or as a path, with what the engine computes.

    Cells of a model's shape that are blank come from `shapes` by repository (None: the catalogue).
    Raises UnreadableFacts with the line of a cell that cannot be read, or of a row that binds and
    leaves open what its figure needs.
    """
    listed = catalogued() if shapes is None else shapes
    return Accuracy(tuple(_compared(fact) for fact in read(facts, listed)))


@cache
def catalogued() -> Mapping[str, Architecture]:
    """The shapes of the models that the engine carries, by repository."""
    models = load_data().catalog.models.models
    return {repo: model.architecture for repo, model in models.items()}


def errors(values: Iterable[float]) -> Errors:
    """Sum up errors in per cent, at least one; p90 is the nearest rank."""
    signed = list(values)
    sizes = sorted(abs(value) for value in signed)
    return Errors(
        rows=len(sizes),
        mean=fmean(sizes),
        median=median(sizes),
        p90=sizes[-(-9 * len(sizes) // 10) - 1],
        worst=sizes[-1],
        low=sum(value < TOO_LOW for value in signed),
    )


def error_of(ours: int, published: int) -> float:
    """Error in per cent of what was published."""
    return (ours - published) / published * 100


def _compared(fact: Fact) -> Compared:
    try:
        ours = computed(fact)
    except Incomparable as reason:
        if fact.use_as is not UseAs.context_only:
            raise UnreadableFacts(f"line {fact.line}: {reason}") from reason
        return Compared(fact, None, None, None)
    return Compared(fact, ours, error_of(ours, fact.published), _within(fact, ours))


def _within(fact: Fact, ours: int) -> bool | None:
    of = fact.published
    match fact.use_as:
        case UseAs.band | UseAs.weights_band:
            return abs(ours - of) * 100 <= fact.tolerance * of
        case UseAs.band_80_115:
            low, high = _CARDS
            return low * of <= ours * 100 <= high * of
        case UseAs.upper_bound:
            return ours * 100 <= (100 + fact.tolerance) * of
        case UseAs.context_only:
            return None
