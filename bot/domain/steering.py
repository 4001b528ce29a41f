"""What people decide about a running GPU: how long it is quiet, and until when it may run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.fleet import PriceSource
from bot.domain.gpu import DeadlineKind, GpuRun
from bot.domain.schedule import DAY, local_to_utc, zone_of

HOUR = timedelta(hours=1)
MORNING = 9
LONGEST = timedelta(days=31)
"""A stop time further away than this is none."""


class Snooze(StrEnum):
    """How long a ping may be put off; also the values of the menu."""

    HOUR = "1h"
    HOURS = "4h"
    MORNING = "morning"


def snoozed_until(snooze: Snooze, zone: str, now: datetime) -> datetime:
    """An hour, four, or nine o'clock of the next day in somebody's own zone."""
    match snooze:
        case Snooze.HOUR:
            return now + HOUR
        case Snooze.HOURS:
            return now + 4 * HOUR
        case Snooze.MORNING:
            tomorrow = now.astimezone(zone_of(zone)).date() + DAY
            return local_to_utc(tomorrow, datetime.min.time().replace(hour=MORNING), zone)


def without_default_stop(run: GpuRun, *, at: datetime) -> GpuRun:
    """*Keep*: no default stop for it; one that was proposed is off."""
    proposed = run.deadline is not None and run.deadline.kind is DeadlineKind.DEFAULT
    return run.replanned(at, keep=True, deadline=None if proposed else run.deadline)


def priced(run: GpuRun, price: Decimal, source: PriceSource, *, at: datetime) -> GpuRun:
    """At a price that somebody gives it from now on, USD per hour for the whole machine."""
    return run.changed(at, price_per_hour=price, price_source=source)


@dataclass(frozen=True, slots=True)
class Cap:
    """What may be spent, and what is: USD over the same runs and time."""

    most: Decimal
    spent: Decimal

    @property
    def room(self) -> Decimal:
        """What is left of it; never negative."""
        return max(Decimal(0), self.most - self.spent)


def tightest(caps: Sequence[Cap]) -> Cap | None:
    """The cap that is reached first."""
    return min(caps, key=lambda cap: cap.room, default=None)


def reached_at(cap: Cap, per_hour: Decimal, now: datetime) -> datetime:
    """When a cap is reached at a rate; to the minute before it."""
    minutes = int(cap.room * 60 / per_hour)
    return now + min(timedelta(minutes=minutes), LONGEST)
