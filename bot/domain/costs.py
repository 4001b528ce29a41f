"""What a GPU run costs: accrual intervals, each at one price, summed from their ends.

A price that changes closes one interval and opens the next: the past is never priced again. An
unknown price stays unknown, its hours count all the same, and no sum takes it for zero.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.fleet import Billing, PriceSource
from bot.domain.gpu import GpuRun, RunState
from bot.domain.ids import GpuId
from bot.domain.money import over


@dataclass(frozen=True, slots=True)
class Accrual:
    """One price for one stretch of time; `until` None = it goes on. Half-open: [since, until).

    `price` is USD per hour, None where unknown; `kind` is compute or storage. `estimated`: the
    provider could not be read meanwhile.
    """

    run: GpuId
    generation: int
    kind: Billing
    price: Decimal | None
    source: PriceSource | None
    since: datetime
    until: datetime | None = None
    estimated: bool = False

    def within(self, start: datetime, end: datetime) -> timedelta:
        """How much of it lies in [start, end)."""
        first, last = max(self.since, start), min(self.until or end, end)
        return last - first if first < last else _NO_TIME


@dataclass(frozen=True, slots=True)
class Spent:
    """A sum of money and time. `known` is what has a price; `unpriced` is GPU time without one."""

    compute: Decimal = Decimal(0)
    storage: Decimal = Decimal(0)
    unpriced: timedelta = timedelta(0)
    unpriced_runs: int = 0
    estimated: bool = False

    @property
    def known(self) -> Decimal:
        """All that has a price, in USD."""
        return self.compute + self.storage

    @property
    def is_whole(self) -> bool:
        """Whether nothing in it is unknown."""
        return not self.unpriced

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.compute + other.compute,
            self.storage + other.storage,
            self.unpriced + other.unpriced,
            self.unpriced_runs + other.unpriced_runs,
            self.estimated or other.estimated,
        )


NOTHING = Spent()
_FIRST = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_NO_TIME = timedelta(0)


def spent(accruals: Iterable[Accrual], now: datetime, start: datetime = _FIRST) -> Spent:
    """What was spent in [start, now), whatever still goes on included."""
    compute = storage = Decimal(0)
    unpriced, without, estimated = timedelta(0), set(), False
    for a in accruals:
        time = a.within(start, now)
        if not time:
            continue
        estimated = estimated or a.estimated
        if a.price is None:
            if a.kind is not Billing.STORAGE:
                unpriced += time
                without.add(a.run)
        elif a.kind is Billing.STORAGE:
            storage += over(a.price, time)
        else:
            compute += over(a.price, time)
    return Spent(compute, storage, unpriced, len(without), estimated)


def by_run(accruals: Iterable[Accrual]) -> dict[GpuId, list[Accrual]]:
    """Whose they are."""
    found: dict[GpuId, list[Accrual]] = defaultdict(list)
    for accrual in accruals:
        found[accrual.run].append(accrual)
    return dict(found)


def rate(run: GpuRun) -> tuple[Billing, Decimal | None, PriceSource | None] | None:
    """What is being charged for it now; None for nothing."""
    if run.merged_into is not None or run.disowned:
        return None
    if run.is_live and run.billing in (Billing.COMPUTE, Billing.UNKNOWN):
        return Billing.COMPUTE, run.price_per_hour, run.price_source
    if run.billing is Billing.STORAGE and run.state is not RunState.ENDED:
        return Billing.STORAGE, run.storage_per_hour, run.price_source
    return None


def continued(
    last: Accrual | None, run: GpuRun, now: datetime, *, estimated: bool = False
) -> tuple[Accrual | None, Accrual | None]:
    """The open interval's end and the next one: (closed, opened), None where nothing changes.

    `estimated`: what ends now may have ended before, as nobody could look for a while.
    """
    wanted = rate(run)
    have = None if last is None or last.until else (last.kind, last.price, last.source)
    if wanted == have and (last is None or last.generation == run.generation):
        return None, None
    closed = None
    if last is not None and last.until is None:
        until = min(max(_over_at(last, run, now), last.since), now)
        closed = Accrual(
            last.run, last.generation, last.kind, last.price, last.source, last.since, until,
            last.estimated or estimated,
        )  # fmt: skip
    if wanted is None:
        return closed, None
    since = _begun_at(last, closed, wanted[0], run, now)
    if closed is not None and (closed.kind, closed.since) == (wanted[0], since):
        closed = None  # it lasted no time: the next one takes its place
    return closed, Accrual(run.id, run.generation, *wanted, since)


def _begun_at(
    last: Accrual | None, closed: Accrual | None, kind: Billing, run: GpuRun, now: datetime
) -> datetime:
    """When the present rate began: a start by the provider's word, a disk's with the stop."""
    floor = (closed and closed.until) or (last and last.until) or _FIRST
    fresh = last is None or last.generation != run.generation
    if fresh and run.is_live:
        return min(max(run.started_at, floor), now)
    stopped = closed is not None and closed.kind is not Billing.STORAGE and kind is Billing.STORAGE
    return floor if stopped else max(now, floor)


def _over_at(last: Accrual, run: GpuRun, now: datetime) -> datetime:
    """When an interval ended, by the provider's word where there is one.

    Of a further start that is its beginning; GPU time ends with the run, its disk's when it is
    missed.
    """
    if last.generation != run.generation:
        return run.started_at
    if last.kind is Billing.STORAGE:
        return run.absent_since or now
    return run.ended_at or now
