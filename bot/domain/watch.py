"""What holds for the GPU watch: of the installation, of the workspace, and of its budgets."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.fleet import Billing, Instance, Machine, PriceSource, Problem, Provider, Scope
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.reminders import NIGHT
from bot.domain.schedule import QuietHours

MARKS = (50, 80, 100)
"""Per cent of a budget at which somebody is told."""

YEAR = timedelta(days=365)

FAILURES = 3
"""Polls in a row without an answer before the admins hear of a server or network that fails."""


@dataclass(frozen=True, slots=True)
class WatchRules:
    """The installation's own: how often providers are asked, when and how often people are."""

    poll_every: timedelta = timedelta(minutes=2)
    ping_after: timedelta = timedelta(minutes=10)
    ping_every: timedelta = timedelta(hours=2)
    quiet: QuietHours | None = NIGHT


@dataclass(frozen=True, slots=True)
class Watching:
    """A workspace's settings. `default_stop` is an hour of the owner's day, or off.

    `hold`: owroute writes to no provider. `ops` is where what nobody claims is posted. `defaults`
    prefill the constraint card where a channel has none of its own (names of the contract). What
    is over is kept for `keep` (audit, messages, alerts); None: for good.
    """

    team: TeamId
    hold: bool = False
    held_by: UserId | None = None
    held_at: datetime | None = None
    default_stop: time | None = None
    ops: ChannelId | None = None
    members_stop: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    keep: timedelta | None = YEAR


@dataclass(frozen=True, slots=True)
class SetPrice:
    """USD per hour of one GPU of a provider, as an admin set it; what that tells goes before.

    `gpu` is compared without regard to case and blanks (`gpu_key`).
    """

    provider: Provider
    gpu: str
    price: Decimal
    set_by: UserId | None = None
    set_at: datetime | None = None

    @property
    def key(self) -> tuple[Provider, str]:
        """What it is the price of."""
        return self.provider, gpu_key(self.gpu)


def with_prices(instances: Iterable[Instance], prices: Iterable[SetPrice]) -> tuple[Instance, ...]:
    """What a provider lists, with what an admin set where it tells no price."""
    known = {price.key: price.price for price in prices}

    def priced(seen: Instance) -> Instance:
        found = known.get((seen.machine.provider, gpu_key(seen.gpu or "")))
        billed = seen.billing is Billing.COMPUTE and seen.price_per_hour is None
        if found is None or not billed:
            return seen
        price = found * max(seen.gpu_count, 1)
        return replace(seen, price_per_hour=price, price_source=PriceSource.SET)

    return tuple(map(priced, instances))


def gpu_key(name: str) -> str:
    """A GPU's name for comparing."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True, slots=True)
class Account:
    """How the last listing of one scope went, and what the admins were told of it."""

    team: TeamId
    scope: Scope
    problem: Problem | None = None
    since: datetime | None = None
    failures: int = 0
    complete_at: datetime | None = None
    told: bool = False
    may_stop: bool | None = None

    @property
    def is_trouble(self) -> bool:
        """Whether what it says cannot be relied on just now."""
        return self.problem is not None

    @property
    def lasts(self) -> bool:
        """Whether it is no hiccup: a key is one at once, a server that fails after three."""
        return self.problem in (Problem.AUTH, Problem.GONE) or (
            self.problem is not None and self.failures >= FAILURES
        )

    def noted(self) -> "Account":
        """The admins are told of this problem."""
        return replace(self, told=True)


def in_trouble(machine: Machine, accounts: Iterable[Account]) -> bool:
    """Whether its provider, or its region of it, cannot be read just now."""
    return any(a.is_trouble for a in _of(machine, accounts))


def cannot_write(machine: Machine, accounts: Iterable[Account]) -> bool:
    """Whether nothing can be ended at its provider with the key there is, as far as is known."""
    shut = (Problem.AUTH, Problem.GONE)
    return any(a.may_stop is False or a.problem in shut for a in _of(machine, accounts))


def listed_at(machine: Machine, accounts: Iterable[Account]) -> datetime | None:
    """When its provider, or its region of it, was last listed completely."""
    known = (a.complete_at for a in _of(machine, accounts) if a.complete_at is not None)
    return max(known, default=None)


def _of(machine: Machine, accounts: Iterable[Account]) -> Iterator[Account]:
    """The rows that are about its account: the whole of it, or its region."""
    here = (machine.provider, machine.account)
    for a in accounts:
        if (a.scope.provider, a.scope.account) == here and a.scope.region in ("", machine.region):
            yield a


class BudgetScope(StrEnum):
    """What a budget is for."""

    EXPERIMENT = "experiment"
    CHANNEL = "channel"
    WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True)
class MonthlyCap:
    """What a channel or the workspace may spend in a calendar month, in USD; zero: no cap.

    Of an experiment it is what it may spend in all. `stops`: what runs is stopped when it is spent.
    """

    cap: Decimal = Decimal(0)
    stops: bool = False


NO_CAP = MonthlyCap()


@dataclass(frozen=True, slots=True)
class Budget:
    """A cap in USD: of a calendar month for a channel or the workspace, of all time for the rest.

    `subject` is the experiment's id, the channel, or empty. `stops`: its owner chose that what runs
    is stopped when it is spent.
    """

    team: TeamId
    scope: BudgetScope
    subject: str
    cap: Decimal
    stops: bool = False
    set_by: UserId | None = None
    set_at: datetime | None = None


def monthly(budgets: Iterable[Budget], scope: BudgetScope, subject: str) -> MonthlyCap:
    """What of a workspace's budgets holds for an experiment, a channel, or the workspace itself."""
    found = (b for b in budgets if (b.scope, b.subject) == (scope, subject))
    return next((MonthlyCap(b.cap, b.stops) for b in found), NO_CAP)


def mark_reached(spent: Decimal, cap: Decimal) -> int:
    """The highest mark that is reached; 0 for none."""
    return max((m for m in MARKS if spent * 100 >= cap * m), default=0)


def mark_key(budget: Budget, period: str, mark: int) -> str:
    """What names a mark that was told, for ever: another cap or period has others."""
    about = f"{budget.team}:{budget.scope.value}:{budget.subject}"
    return f"{about}:{period}:{budget.cap}:{mark}"
