"""Alerts about GPU runs: who is told, how often a day, and when it may wait until morning.

One alert, one place: what must be noticed is a new message, and the older one about the same run to
the same person goes. At most four a person and day; stops that fail, a budget spent and warnings
before a stop do not count.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, GpuId, TeamId, UserId
from bot.domain.money import over
from bot.domain.schedule import SATURDAY, QuietHours, local_to_utc, zone_of
from bot.domain.workspace import Channel, Person

PER_DAY = 4
BREAKS_QUIET = Decimal(20)
"""US dollars: a night that costs more wakes people."""

WORKDAY_AT = time(9)
LEAD_FROM = 2
ADMINS_FROM = 4
"""Counted with the ping that is about to go."""


class AlertKind(StrEnum):
    """What an alert is about; words of `gpu` templates."""

    PING = "ping"
    NOTE = "note"  # a condition may never come
    PROMISE = "promise"  # a promised time is near
    WARNING = "warning"  # an enforced stop is near
    UNCLAIMED = "unclaimed"
    PROPOSAL = "proposal"  # a default stop takes effect unless somebody keeps it
    BUDGET = "budget"
    STOPPING = "stopping"
    NOT_STOPPED = "not_stopped"
    CANNOT_STOP = "cannot_stop"  # the key may not stop it: console and command
    GUARD_FAILED = "guard_failed"  # the command of the guard on the machine does not end it
    UNREADABLE = "unreadable"  # a provider cannot be read


UNCOUNTED = (
    AlertKind.WARNING,
    AlertKind.NOT_STOPPED,
    AlertKind.STOPPING,
    AlertKind.CANNOT_STOP,
    AlertKind.GUARD_FAILED,
)
"""Never held back by the daily limit or by quiet hours; a budget of 100 % neither."""


VOIDED = (
    AlertKind.PING,
    AlertKind.NOTE,
    AlertKind.PROMISE,
    AlertKind.WARNING,
    AlertKind.PROPOSAL,
)
"""What a new plan, a snooze or another owner makes pointless before it is sent."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A message about a run that stands in Slack: to a person (a DM) or in a channel."""

    subject: str
    team: TeamId
    gpu: GpuId
    generation: int
    place: ChannelId
    kind: AlertKind
    made_at: datetime
    day: date
    counted: bool
    number: int = 0
    """Which ping it is, from 1; for others what its words need (minutes, per cent)."""
    held: bool = False
    """The day was full and nothing about the run stood there: another card counts it."""


def recipients(
    owner: UserId | None, lead: UserId | None, admins: tuple[UserId, ...], ping: int
) -> tuple[UserId, ...]:
    """Whom the n-th unanswered ping goes to; nobody twice."""
    asked: list[UserId] = []
    if owner is not None:
        asked.append(owner)
        if lead is not None and ping >= LEAD_FROM:
            asked.append(lead)
    if owner is None or ping >= ADMINS_FROM:
        asked += admins
    if not asked:
        asked = [lead] if lead is not None else []
    return tuple(dict.fromkeys(asked))


def quiet_until(person: Person | None, quiet: QuietHours | None, now: datetime) -> datetime | None:
    """When the person's quiet hours end, if it is in them now; `quiet` are the installation's."""
    if person is None or not person.zone:
        return None
    night, local = person.own.quiet_of(quiet), now.astimezone(zone_of(person.zone))
    if night is None or not night.hold(local.time()):
        return None
    day = local.date() if local.time() < night.end else local.date() + timedelta(days=1)
    return local_to_utc(day, night.end, person.zone)


def wakes(run: GpuRun, until: datetime, now: datetime) -> bool:
    """Whether what it costs until the quiet hours end is worth waking somebody."""
    price = run.price_per_hour
    return price is not None and over(price, until - now) > BREAKS_QUIET


def asleep_until(
    run: GpuRun, person: Person | None, quiet: QuietHours | None, now: datetime
) -> datetime | None:
    """Until when somebody is not to be told about a run; None: now."""
    until = quiet_until(person, quiet, now)
    return None if until is None or wakes(run, until, now) else until


def local_day(person: Person | None, now: datetime) -> date:
    """The person's own day, by which alerts are counted."""
    return now.astimezone(zone_of((person.zone if person else None) or "UTC")).date()


def next_morning(zone: str, now: datetime, begins: time = WORKDAY_AT) -> datetime:
    """When the next working day begins there: what a projection runs to."""
    local = now.astimezone(zone_of(zone))
    day = local.date()
    if local.time() >= begins:
        day += timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return local_to_utc(day, begins, zone)


def morning_for(here: Channel | None, zone: str, now: datetime) -> datetime:
    """The same for what belongs to a channel: its own working hours count, by its own clock."""
    if here is None or here.hours is None:
        return next_morning(zone, now)
    return next_morning(here.tz, now, here.hours.start)
