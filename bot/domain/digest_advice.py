"""Up to three suggestions: each by a named rule, each with the number that carries it.

First what could be saved, the most first; then what is not known or not done, in the order of the
rules. No machine is named twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.digest_cells import Cell, sum_of
from bot.domain.digest_facts import DigestFacts
from bot.domain.digest_month import Month
from bot.domain.digest_waste import Unattended
from bot.domain.fleet import Billing
from bot.domain.gpu import GpuRun, RunState
from bot.domain.ids import ExperimentId, GpuId
from bot.domain.money import over

MOST = 3
A_WEEK = timedelta(weeks=1)


class Rule(StrEnum):
    """Why something is suggested; words of `digest_advice` templates. The order is that of ties."""

    UNATTENDED = "unattended"  # what ran with nothing to end it: set a stop time
    IDLE = "idle"  # what runs and does nothing
    DISK = "disk"  # what is stopped and goes on costing its disk
    BUDGET = "budget"  # the forecast is above the cap
    UNPRICED = "unpriced"  # no budget counts what has no price
    OVERDUE = "overdue"  # the dearest experiment that owes evidence
    NO_EXPERIMENT = "no_experiment"
    NO_OWNER = "no_owner"


_ORDER = tuple(Rule)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule that applies. `saves` is what following it could save, in USD; None: nothing sure.

    `usd`, `time` and `count` are the numbers it rests on, as far as the rule has them: what was
    spent, how long, how many runs or items.
    """

    rule: Rule
    run: GpuRun | None = None
    experiment: ExperimentId | None = None
    saves: Decimal | None = None
    usd: Decimal = Decimal(0)
    time: timedelta = timedelta(0)
    count: int = 0


@dataclass(frozen=True, slots=True)
class Grounds:
    """What suggestions rest on; `runs` are those that may be idle, or a disk only."""

    facts: DigestFacts
    runs: Sequence[GpuRun]
    cells: Sequence[Cell]
    month: Month
    unattended: Sequence[Unattended]


def suggestions(grounds: Grounds) -> tuple[Suggestion, ...]:
    """The first three that apply."""
    found = [s for rule in _RULES for s in [rule(grounds)] if s is not None]
    found.sort(key=lambda s: (-(s.saves or Decimal(0)), _ORDER.index(s.rule)))
    return tuple(_of_different_runs(found))[:MOST]


def _of_different_runs(found: Iterable[Suggestion]) -> Iterator[Suggestion]:
    named: set[GpuId] = set()
    for s in found:
        if s.run is None or s.run.id not in named:
            yield s
        if s.run is not None:
            named.add(s.run.id)


def _unattended(g: Grounds) -> Suggestion | None:
    if not g.unattended:
        return None
    worst = g.unattended[0]
    usd, count = worst.usd, len(g.unattended)
    return Suggestion(
        Rule.UNATTENDED, run=worst.run, saves=usd or None, usd=usd, time=worst.time, count=count
    )


def _idle(g: Grounds) -> Suggestion | None:
    found = [s for run in g.runs for s in [_idling(run, g)] if s is not None]
    return max(found, key=lambda s: (s.usd, s.time), default=None)


def _idling(run: GpuRun, g: Grounds) -> Suggestion | None:
    idle = run.idle
    if idle is None or not idle.is_spell or run.state is not RunState.RUNNING:
        return None
    time = max(timedelta(0), g.facts.now - idle.since)
    usd = over(run.price_per_hour or Decimal(0), time)
    return Suggestion(Rule.IDLE, run=run, saves=usd or None, usd=usd, time=time)


def _disk(g: Grounds) -> Suggestion | None:
    """A stopped machine's disk, for a week more."""
    kept = [
        (over(run.storage_per_hour, A_WEEK), run)
        for run in g.runs
        if run.billing is Billing.STORAGE
        and run.state is RunState.STOPPED
        and run.storage_per_hour is not None
    ]
    if not kept:
        return None
    usd, run = max(kept, key=lambda pair: (pair[0], -pair[1].id))
    return Suggestion(Rule.DISK, run=run, saves=usd, usd=usd, count=len(kept))


def _budget(g: Grounds) -> Suggestion | None:
    over_cap = g.month.over_cap
    return Suggestion(Rule.BUDGET, saves=over_cap, usd=over_cap) if over_cap else None


def _unpriced(g: Grounds) -> Suggestion | None:
    time, runs = timedelta(0), {}
    for cell in g.cells:
        if cell.usd is None and not cell.is_storage:
            time += cell.time
            runs[cell.run.id] = cell.run
    if not runs:
        return None
    only = next(iter(runs.values())) if len(runs) == 1 else None
    return Suggestion(Rule.UNPRICED, run=only, time=time, count=len(runs))


def _overdue(g: Grounds) -> Suggestion | None:
    """Of the experiments that owe evidence, the one that cost most in the week."""
    cost: dict[ExperimentId | None, Decimal] = defaultdict(Decimal)
    for cell in g.cells:
        cost[cell.run.experiment] += cell.usd or Decimal(0)
    owing = [e for e in g.facts.evidence if e.overdue]
    if not owing:
        return None
    worst = max(owing, key=lambda e: (cost[e.experiment], e.overdue, -e.experiment))
    usd = cost[worst.experiment]
    return Suggestion(Rule.OVERDUE, experiment=worst.experiment, usd=usd, count=worst.overdue)


def _no_experiment(g: Grounds) -> Suggestion | None:
    return _lacking(Rule.NO_EXPERIMENT, [c for c in g.cells if c.run.experiment is None])


def _no_owner(g: Grounds) -> Suggestion | None:
    return _lacking(Rule.NO_OWNER, [c for c in g.cells if c.run.owner is None])


def _lacking(rule: Rule, cells: Sequence[Cell]) -> Suggestion | None:
    if not cells:
        return None
    return Suggestion(rule, usd=sum_of(cells).known, count=len({c.run.id for c in cells}))


_RULES: tuple[Callable[[Grounds], Suggestion | None], ...] = (
    _unattended,
    _idle,
    _disk,
    _budget,
    _unpriced,
    _overdue,
    _no_experiment,
    _no_owner,
)
