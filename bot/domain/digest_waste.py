"""What nobody was in charge of, and what stopping saved."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.alerts import next_morning
from bot.domain.costs import Accrual
from bot.domain.digest_facts import RunFacts
from bot.domain.digest_week import Week
from bot.domain.fleet import Billing
from bot.domain.gpu import GpuRun
from bot.domain.money import over


@dataclass(frozen=True, slots=True)
class Unattended:
    """What a run cost in the week while nothing was going to end it: price x time.

    `unpriced` is the part of `time` that has no price, and so is not in `usd`.
    """

    run: GpuRun
    usd: Decimal
    time: timedelta
    unpriced: timedelta

    @property
    def is_priced(self) -> bool:
        """Whether at least a part of it has a price."""
        return self.time > self.unpriced


@dataclass(frozen=True, slots=True)
class Saved:
    """What the first proven stop of a run in the week saved: price x time until somebody came.

    That is from the stop to nine o'clock of its owner's next working day, or to the machine's next
    start if that came before. It is the horizon of a ping's projection as well
    (`bot.domain.alerts.next_morning`): somebody at work would have noticed it then. Once per run
    and week. `usd` None: its price is not known. What its disk goes on costing is not taken off.
    """

    run: GpuRun
    at: datetime
    until: datetime
    usd: Decimal | None


def unattended(runs: Iterable[RunFacts], week: Week, now: datetime) -> Iterator[Unattended]:
    """The runs that had nobody in charge for some of the week."""
    start, end = week.start, min(week.end, now)
    found = (_unattended(facts, start, end) for facts in runs if facts.unattended)
    return (u for u in found if u.time)


def dearest(found: Unattended) -> tuple[Decimal, timedelta, int]:
    """What sorts them, the dearest first."""
    return -found.usd, -found.time, found.run.id


def _unattended(facts: RunFacts, start: datetime, end: datetime) -> Unattended:
    usd, time, unpriced = Decimal(0), timedelta(0), timedelta(0)
    counted = start
    for span in sorted(facts.unattended, key=lambda s: s.start):
        first, last = max(span.start, counted), min(span.end or end, end)
        if last <= first:
            continue
        counted = last
        for a in _computing(facts.accruals):
            both = a.within(first, last)
            time += both
            if a.price is None:
                unpriced += both
            else:
                usd += over(a.price, both)
    return Unattended(facts.run, usd, time, unpriced)


def saved(runs: Iterable[RunFacts], week: Week) -> Iterator[Saved]:
    """What was saved in the week."""
    found = (_saved(facts, week) for facts in runs if facts.stop)
    return (s for s in found if s is not None)


def most(found: Saved) -> tuple[Decimal, int]:
    """What sorts them, the most first; what has no price comes last."""
    return -(found.usd or Decimal(0)), found.run.id


def _saved(facts: RunFacts, week: Week) -> Saved | None:
    stop, ran = facts.stop, _computing(facts.accruals)
    if stop is None or not week.start <= stop.at < week.end:
        return None
    before = [a for a in ran if a.since < stop.at]
    if not before:
        return None
    again = [a.since for a in ran if a.since >= stop.at]
    until = min([next_morning(facts.zone or week.zone, stop.at), *again])
    price = max(before, key=lambda a: a.since).price
    usd = None if price is None else over(price, until - stop.at)
    return Saved(facts.run, stop.at, until, usd)


def _computing(accruals: Sequence[Accrual]) -> list[Accrual]:
    return [a for a in accruals if a.kind is not Billing.STORAGE]
