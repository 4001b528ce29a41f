"""Budgets at work: what a cap is for, over which time, and what of it is spent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from bot.domain.costs import Accrual, Spent, spent
from bot.domain.gpu import GpuRun
from bot.domain.ids import GpuId, UserId
from bot.domain.moments import is_waited_for
from bot.domain.money import over
from bot.domain.schedule import local_to_utc, zone_of
from bot.domain.watch import Budget, BudgetScope, mark_key, mark_reached

SPENT = 100
"""The mark at which nothing of a budget is left."""

FAR = timedelta(days=366)
"""What lasts longer than this is not said to the day."""

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
NO_ENDS: Mapping[GpuId, datetime] = MappingProxyType({})

OVER_A_MONTH = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a cap counts; its name tells one month's warnings from the next one's.

    A month is one of the calendar in `zone`; without a zone it is no month, and has no end.
    """

    name: str
    start: datetime
    zone: str | None = None

    @property
    def following(self) -> "Period | None":
        """The month after it."""
        return month_of(self.start + OVER_A_MONTH, self.zone) if self.zone else None


ALL_TIME = Period("all", ALWAYS)


class CapKind(StrEnum):
    """Whose a cap is, and so who can raise it. *Plan*: what a constraint card allows a month."""

    EXPERIMENT = "experiment"
    PLAN = "plan"
    CHANNEL = "channel"
    WORKSPACE = "workspace"


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

    @property
    def kind(self) -> CapKind:
        """Whose cap it is."""
        own = self.budget.scope is BudgetScope.EXPERIMENT
        return CapKind.PLAN if own and self.period.zone else CapKind(self.budget.scope.value)

    def lasts_until(
        self, now: datetime, ends: Mapping[GpuId, datetime] = NO_ENDS
    ) -> datetime | None:
        """When it is spent as its runs burn now, each to its end in `ends`; to the minute before.

        A month's cap is whole again in the next one. None: not within a year, as prices say.
        """
        burning = [(r.price_per_hour, ends.get(r.id, NEVER)) for r in self.live if r.price_per_hour]
        at, room, following = now, self.room, self.period.following
        while at - now < FAR:
            going = [(price, end) for price, end in burning if end > at]
            month = following.start if following else NEVER
            turn = min(now + FAR, month, *(end for _, end in going))
            per_hour = sum((price for price, _ in going), Decimal(0))
            cost = over(per_hour, turn - at)
            if cost > room:
                return at + timedelta(minutes=int(room * 60 / per_hour))
            at, room = turn, room - cost
            if following and turn == month:
                room, following = self.budget.cap, following.following
        return None

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
        then = ":stops" if limit.budget.stops else ""  # chosen later, it holds for what runs then
        yield Saying(limit, f"{period}:gpu{run.id}:{run.generation}{then}", run=run)


def over_budget(run: GpuRun, *, at: datetime) -> GpuRun:
    """Nothing is left for it: a snooze ends, and people are asked by being told so."""
    after = run.snoozed(None, at=at) if run.is_snoozed(at) else run.changed(at)
    return replace(after, pings=after.pings + 1, pinged_at=at)


def month_of(now: datetime, zone: str) -> Period:
    """The calendar month there."""
    return _month_with(now.astimezone(zone_of(zone)).date().replace(day=1), zone)


@lru_cache(maxsize=512)
def _month_with(first: date, zone: str) -> Period:
    return Period(f"{first:%Y-%m}", local_to_utc(first, time(), zone), zone)


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
