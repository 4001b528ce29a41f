"""The smallest pieces of a digest: what one run cost on one day at one price.

Every sum of a digest is a sum of these, so that days, experiments, people and providers each add up
to the same total, to the last digit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from bot.domain.costs import Accrual, Spent
from bot.domain.digest_week import Day
from bot.domain.fleet import Billing, PriceSource
from bot.domain.gpu import GpuRun
from bot.domain.money import over

EXACT = Decimal("1e-9")
"""A cell is rounded to a billionth of a dollar, once: sums of cells are exact from there on."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a run cost on a day at one price. `usd` is None where the price is not known."""

    run: GpuRun
    day: date
    kind: Billing
    price: Decimal | None
    source: PriceSource | None
    time: timedelta
    usd: Decimal | None
    estimated: bool = False

    @property
    def is_storage(self) -> bool:
        """Whether it is a disk's and not a GPU's."""
        return self.kind is Billing.STORAGE


def cells_of(
    run: GpuRun, accruals: Iterable[Accrual], days: Sequence[Day], until: datetime
) -> Iterator[Cell]:
    """A run's pieces on some days, as far as they lie before `until`."""
    start, end = days[0].start, min(days[-1].end, until)
    for a in accruals:
        first, last = max(a.since, start), min(a.until or end, end)
        if first >= last:
            continue
        for day in days:
            if day.start < last and first < day.end:
                time = min(last, day.end) - max(first, day.start)
                yield Cell(
                    run, day.date, a.kind, a.price, a.source, time, _usd(a, time), a.estimated
                )


def _usd(a: Accrual, time: timedelta) -> Decimal | None:
    if a.price is None:
        return None
    return over(a.price, time).quantize(EXACT, ROUND_HALF_EVEN)


def sum_of(cells: Iterable[Cell]) -> Spent:
    """What some pieces come to: GPU time and disks apart, time without a price beside them."""
    compute = storage = Decimal(0)
    unpriced, without, estimated = timedelta(0), set(), False
    for cell in cells:
        estimated = estimated or cell.estimated
        if cell.is_storage:
            storage += cell.usd or Decimal(0)
        elif cell.usd is None:
            unpriced += cell.time
            without.add(cell.run.id)
        else:
            compute += cell.usd
    return Spent(compute, storage, unpriced, len(without), estimated)


def worked(cells: Iterable[Cell]) -> timedelta:
    """How long machines ran in them, with a price or without."""
    return sum((cell.time for cell in cells if not cell.is_storage), timedelta(0))
