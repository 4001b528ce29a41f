"""Budgets at work: what a cap is for, over which time, and what of it is spent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from bot.domain.costs import Accrual, Spent, spent
from bot.domain.gpu import GpuRun
from bot.domain.ids import GpuId, UserId
from bot.domain.moments import is_waited_for
from bot.domain.schedule import local_to_utc, zone_of
from bot.domain.watch import Budget, BudgetScope, mark_key, mark_reached

SPENT = 100
"""The mark at which nothing of a budget is left."""

FAR = timedelta(days=366)
"""What lasts longer than this is not said to the day."""

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a cap counts; its name tells one month's warnings from the next one's."""

    name: str
    start: datetime


ALL_TIME = Period("all", ALWAYS)


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap with the runs it is for. `label` is OW-12 for an experiment's, `owner` whose it is."""

    budget: Budget
    period: Period
    runs: tuple[GpuRun, ...]
    spent: Spent
    label: str = ""
    owner: UserId | None = None

    @property
    def reached(self) -> int:
        """The highest mark that is reached; 0 for none."""
        return mark_reached(self.spent.known, self.budget.cap) if self.budget.cap else 0

    @property
    def room(self) -> Decimal:
        """What is left of it; never negative."""
        return max(Decimal(0), self.budget.cap - self.spent.known)

    def lasts_until(self, now: datetime) -> datetime | None:
        """When it is spent as its runs burn now, to the minute before; None: no price says."""
        per_hour = sum((r.price_per_hour or Decimal(0) for r in self.live), Decimal(0))
        if not per_hour:
            return None
        return now + min(timedelta(minutes=int(self.room * 60 / per_hour)), FAR)

    @property
    def live(self) -> tuple[GpuRun, ...]:
        """What may go on costing, the newest first."""
        return tuple(r for r in self.runs if r.is_live)

    @property
    def is_of_runs(self) -> bool:
        """Whether it is told on the cards of its runs: a channel's and the workspace's are not."""
        return self.budget.scope is BudgetScope.EXPERIMENT


@dataclass(frozen=True, slots=True)
class Saying:
    """What a cap has to say now: that a mark is reached to `user`, or that it is spent of `run`.

    `period` is whose and of which month the mark is, by which it is said once.
    """

    limit: Limit
    period: str
    user: UserId | None = None
    run: GpuRun | None = None

    @property
    def mark(self) -> str:
        """What is noted when it is said."""
        return mark_key(self.limit.budget, self.period, self.limit.reached)


def sayings(limit: Limit, whom: Iterable[UserId]) -> Iterator[Saying]:
    """What it has to say, told before or not. Of runs that are spent each is told of by itself."""
    reached, period = limit.reached, limit.period.name
    if not limit.is_of_runs or (reached < SPENT and limit.live):
        for user in whom if reached else ():
            yield Saying(limit, f"{period}:{user}", user=user)
    for run in filter(is_waited_for, limit.live if reached >= SPENT else ()):
        yield Saying(limit, f"{period}:gpu{run.id}:{run.generation}", run=run)


def over_budget(run: GpuRun, *, at: datetime) -> GpuRun:
    """Nothing is left for it: a snooze ends, and people are asked by being told so."""
    after = run.snoozed(None, at=at) if run.is_snoozed(at) else run.changed(at)
    return replace(after, pings=after.pings + 1, pinged_at=at)


def month_of(now: datetime, zone: str) -> Period:
    """The calendar month there."""
    first = now.astimezone(zone_of(zone)).date().replace(day=1)
    return Period(f"{first:%Y-%m}", local_to_utc(first, time(), zone))


def counts(run: GpuRun) -> bool:
    """Whether what it costs is this workspace's business, and not counted elsewhere."""
    return not run.disowned and run.merged_into is None


def spent_by(
    runs: Iterable[GpuRun],
    accruals: Mapping[GpuId, Sequence[Accrual]],
    period: Period,
    now: datetime,
) -> Spent:
    """What some runs cost in a period; hours without a price are not taken for free ones."""
    mine = [a for run in runs for a in accruals.get(run.id, ())]
    return spent(mine, now, period.start)


def own_cap(run: GpuRun, cap: Decimal) -> Budget:
    """The cap that was set for one run, through all its starts, as a budget."""
    scope = BudgetScope.EXPERIMENT
    return Budget(run.team, scope, f"gpu:{run.id}", cap, run.cap_stops, run.owner)
