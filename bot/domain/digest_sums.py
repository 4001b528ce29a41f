"""What runs come to in a digest, part by part: a workspace's accruals need not be held at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from bot.domain.budgets import counts, month_of
from bot.domain.costs import NOTHING, Spent, spent
from bot.domain.digest_cells import Cell, cells_of, sum_of
from bot.domain.digest_facts import USUAL, RunFacts, lately_from
from bot.domain.digest_waste import Saved, Unattended, saved, unattended
from bot.domain.digest_week import Week
from bot.domain.fleet import Billing
from bot.domain.gpu import GpuRun


@dataclass(frozen=True, slots=True)
class Sums:
    """What some runs come to: those of all parts, added up, are those of the whole.

    `cells` are the week's. `before` is what the week before it cost, `usual` the four weeks before,
    `month` the month so far, `lately` the time since `lately_from`. `noticed` are the runs that
    something may be suggested about one by one.
    """

    cells: tuple[Cell, ...] = ()
    before: Spent = NOTHING
    usual: Spent = NOTHING
    month: Spent = NOTHING
    lately: Spent = NOTHING
    unattended: tuple[Unattended, ...] = ()
    saved: tuple[Saved, ...] = ()
    noticed: tuple[GpuRun, ...] = ()

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def sums_of(week: Week, now: datetime, since: datetime | None, of: Iterable[RunFacts]) -> Sums:
    """Those of runs that are this workspace's business, each counted once.

    `since` is from when costs are known, as in `DigestFacts`. It cuts `lately`, whose mean is over
    the days since then; a month's costs are all of it, and weeks not known whole are not shown.
    """
    runs = [r for r in of if counts(r.run)]
    accruals = [a for r in runs for a in r.accruals]
    return Sums(
        cells=_cells(runs, week, now),
        before=sum_of(_cells(runs, week.back(1), now)),
        usual=spent(accruals, week.start, week.back(USUAL).start),
        month=spent(accruals, now, month_of(now, week.zone).start),
        lately=spent(accruals, now, lately_from(now, since)),
        unattended=tuple(unattended(runs, week, now)),
        saved=tuple(saved(runs, week)),
        noticed=tuple(r.run for r in runs if r.run.idle or r.run.billing is Billing.STORAGE),
    )


def _cells(runs: Sequence[RunFacts], week: Week, now: datetime) -> tuple[Cell, ...]:
    return tuple(c for r in runs for c in cells_of(r.run, r.accruals, week.days, now))
