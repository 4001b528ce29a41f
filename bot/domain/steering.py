"""What people decide about a running GPU: how long it is quiet, and until when it may run."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.fleet import PriceSource
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import DeadlineKind
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
