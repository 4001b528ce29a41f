"""A weekly digest: what a channel's GPUs cost, what of it was waste, and what happened besides.

Nothing here rounds for the eye, and nothing without a price is taken for free.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Generic, TypeVar

from bot.domain.costs import NOTHING, Spent
from bot.domain.digest_advice import Grounds, Suggestion, suggestions
from bot.domain.digest_cells import Cell, sum_of, worked
from bot.domain.digest_facts import USUAL, DigestFacts
from bot.domain.digest_month import Month, month_of_digest
from bot.domain.digest_sums import Sums, sums_of
from bot.domain.digest_waste import Saved, Unattended, dearest, most
from bot.domain.digest_week import Week
from bot.domain.fleet import Machine, Provider
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, ExperimentId, UserId

Of = TypeVar("Of", bound=Hashable)
Part_co = TypeVar("Part_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Share(Generic[Part_co]):
    """What a part of the runs cost in the week; `of` None: those that belong to nothing of it.

    `time` is how long machines ran, `cells` are what it is the sum of.
    """

    of: Part_co
    week: Week
    spent: Spent
    time: timedelta
    runs: int
    cells: tuple[Cell, ...]

    @property
    def days(self) -> tuple[Spent, ...]:
        """The same day by day."""
        return tuple(day for _, day in by_day(self.week, self.cells))


Seller = tuple[Provider, str]
"""A provider; of a machine entered by hand, what somebody called it."""


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A run of which some time in the week has no price; `storage`: its disk's, not its GPU's."""

    run: GpuRun
    time: timedelta
    storage: bool


@dataclass(frozen=True)
class Digest:
    """The sums. `before` is the same of the week before, None where that is not known whole.

    `usual` is the mean of the four weeks before, in USD. Every split (`experiments`, `people`,
    `sellers`, `gpus`, `channels`) adds up to `total`, the dearest first, and so do `days`: each is
    worked out when it is first asked for, since a card shows but some of them.
    """

    facts: DigestFacts
    before: Spent | None
    usual: Decimal | None
    month: Month
    unattended: tuple[Unattended, ...]
    saved: tuple[Saved, ...]
    suggestions: tuple[Suggestion, ...]
    cells: tuple[Cell, ...]

    @cached_property
    def total(self) -> Spent:
        """What the week cost."""
        return sum_of(self.cells)

    @cached_property
    def time(self) -> timedelta:
        """How long machines ran."""
        return worked(self.cells)

    @cached_property
    def days(self) -> tuple[tuple[date, Spent], ...]:
        """The seven days, in order."""
        return by_day(self.facts.week, self.cells)

    @cached_property
    def experiments(self) -> tuple[Share[ExperimentId | None], ...]:
        """By what a run was for."""
        return self._split(lambda run: run.experiment)

    @cached_property
    def people(self) -> tuple[Share[UserId | None], ...]:
        """By whose run it was."""
        return self._split(lambda run: run.owner)

    @cached_property
    def sellers(self) -> tuple[Share[Seller], ...]:
        """By whom it is paid to."""
        return self._split(lambda run: _seller(run.machine))

    @cached_property
    def gpus(self) -> tuple[Share[str | None], ...]:
        """By model of GPU."""
        return self._split(lambda run: run.gpu)

    @cached_property
    def channels(self) -> tuple[Share[ChannelId | None], ...]:
        """By channel."""
        return self._split(lambda run: run.channel)

    def _split(self, key: Callable[[GpuRun], Of]) -> tuple[Share[Of], ...]:
        """The pieces by what their runs belong to, the dearest first."""
        parts: dict[Of, list[Cell]] = defaultdict(list)
        for cell in self.cells:
            parts[key(cell.run)].append(cell)
        shares = (_share(self.facts.week, of, tuple(found)) for of, found in parts.items())
        return tuple(sorted(shares, key=lambda s: (-s.spent.known, -s.time, str(s.of))))

    @cached_property
    def unpriced(self) -> tuple[Unpriced, ...]:
        """Runs with time that has no price, the longest first."""
        return _unpriced(self.cells)

    @property
    def change(self) -> Decimal | None:
        """How much more than last week was spent, of what has a price; None: not known."""
        return None if self.before is None else self.total.known - self.before.known

    @property
    def change_percent(self) -> Decimal | None:
        """The same in per cent of last week; None as well where last week cost nothing."""
        if self.change is None or self.before is None or not self.before.known:
            return None
        return self.change * 100 / self.before.known

    @property
    def is_drawn(self) -> bool:
        """Whether there is anything to draw: at least one day cost something."""
        return bool(self.total.known)

    @property
    def is_running(self) -> bool:
        """Whether its week is not over yet."""
        return self.facts.now < self.facts.week.end

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happened: nothing was paid for, no evidence closed, nothing decided."""
        return not (self.cells or self.facts.decided or self.closed)

    @property
    def closed(self) -> int:
        """Evidence items that people closed in the week."""
        return sum(e.closed for e in self.facts.evidence)

    @property
    def overdue(self) -> int:
        """Evidence items that are overdue now."""
        return sum(e.overdue for e in self.facts.evidence)

    @property
    def wasted(self) -> Decimal:
        """What was spent while nothing was going to end it, in USD."""
        return sum((u.usd for u in self.unattended), Decimal(0))

    @property
    def wasted_time(self) -> timedelta:
        """How long machines ran so, with a price or without."""
        return sum((u.time for u in self.unattended), timedelta(0))

    @property
    def kept(self) -> Decimal:
        """What stopping saved, in USD, of what has a price."""
        return sum((s.usd for s in self.saved if s.usd is not None), Decimal(0))


def summary(facts: DigestFacts, sums: Sums | None = None) -> Digest:
    """The digest of a week: of the facts' runs, or of what others than those come to."""
    sums = sums_of(facts.week, facts.now, facts.since, facts.runs) if sums is None else sums
    month = month_of_digest(facts, sums.month, sums.lately)
    planless = tuple(sorted(sums.unattended, key=dearest))
    return Digest(
        facts=facts,
        before=None if facts.first else sums.before,
        usual=sums.usual.known / USUAL if facts.knows(USUAL) else None,
        month=month,
        unattended=planless,
        saved=tuple(sorted(sums.saved, key=most)),
        suggestions=suggestions(Grounds(facts, sums.noticed, sums.cells, month, planless)),
        cells=sums.cells,
    )


def by_day(week: Week, cells: Iterable[Cell]) -> tuple[tuple[date, Spent], ...]:
    """What each day of the week cost."""
    of: dict[date, list[Cell]] = {day.date: [] for day in week.days}
    for cell in cells:
        of[cell.day].append(cell)
    return tuple((day, sum_of(found) if found else NOTHING) for day, found in of.items())


def _share(week: Week, of: Of, cells: tuple[Cell, ...]) -> Share[Of]:
    return Share(of, week, sum_of(cells), worked(cells), len({c.run.id for c in cells}), cells)


def _seller(machine: Machine) -> Seller:
    by_hand = machine.provider is Provider.MANUAL
    return machine.provider, machine.account if by_hand else ""


def _unpriced(cells: Iterable[Cell]) -> tuple[Unpriced, ...]:
    """Runs with time that has no price, the longest first."""
    found: dict[tuple[int, bool], Unpriced] = {}
    for cell in cells:
        if cell.usd is None:
            key = (cell.run.id, cell.is_storage)
            before = found[key].time if key in found else timedelta(0)
            found[key] = Unpriced(cell.run, before + cell.time, cell.is_storage)
    return tuple(sorted(found.values(), key=lambda u: (u.storage, -u.time, u.run.id)))
