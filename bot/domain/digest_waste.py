"""What nobody was in charge of, and what stopping saved."""

from collections.abc import Iterable, Sequence
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


def unattended(runs: Iterable[RunFacts], week: Week, now: datetime) -> tuple[Unattended, ...]:
    """The runs that had nobody in charge for some of the week, the dearest first."""
    found = [_unattended(facts, week.start, min(week.end, now)) for facts in runs]
    return tuple(sorted(filter(lambda u: u.time, found), key=_dearest))


def _dearest(found: Unattended) -> tuple[Decimal, timedelta, int]:
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


def saved(runs: Iterable[RunFacts], week: Week) -> tuple[Saved, ...]:
    """What was saved in the week, the most first; what has no price comes last."""
    found = [_saved(facts, week) for facts in runs]
    return tuple(sorted((s for s in found if s is not None), key=_most))


def _most(found: Saved) -> tuple[Decimal, int]:
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
