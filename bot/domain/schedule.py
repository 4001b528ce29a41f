"""When something comes around again: local hours, days and weekends, across clock changes.

Pure sums over instants in UTC; a time zone is its IANA name, and UTC where that is not known.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

DAY = timedelta(days=1)
SATURDAY = 5
CATCH_UP = timedelta(hours=12)
"""What is late waits for the next slot if that is nearer than this, or half of a short cadence."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; UTC for any other."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is an OSError
        return ZoneInfo("UTC")


def zone_named(typed: str) -> str | None:
    """The IANA name that somebody typed, in any case and with blanks; None when there is none."""
    return _zones().get("_".join(typed.split()).casefold())


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def local_to_utc(day: date, wall: time, zone: str) -> datetime:
    """The instant of a wall clock: an hour that is skipped moves forward, of two the earlier."""
    return datetime.combine(day, wall, tzinfo=zone_of(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the day, by the wall clock, in which nobody is reminded; they may span midnight."""

    start: time
    end: time

    def hold(self, wall: time) -> bool:
        """Whether a wall clock stands in them."""
        if self.start <= self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


@dataclass(frozen=True, slots=True)
class WorkHours:
    """The hours of a working day, by the wall clock; those of a night shift span midnight."""

    start: time
    end: time

    @property
    def rest(self) -> QuietHours:
        """All other hours of the day."""
        return QuietHours(self.end, self.start)


@dataclass(frozen=True, slots=True)
class Slot:
    """One occurrence: its name, which no other one of the place has, and its instant."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often: at an hour every so many whole days, or by an interval shorter than a day.

    Several days are counted from a Monday, so that a week's cadence comes on Mondays.
    """

    every: timedelta = DAY
    at: time = time(10)
    zone: str = "UTC"
    weekends: bool = False
    quiet: QuietHours | None = None

    @property
    def hour(self) -> time:
        """The hour in force: one within the quiet hours is the hour in which they end."""
        return self.quiet.end if self.quiet is not None and self.quiet.hold(self.at) else self.at

    @property
    def days(self) -> int:
        """Days from one to the next; 0 for an interval shorter than a day."""
        return self.every // DAY

    def is_open(self, now: datetime) -> bool:
        """Whether anything may be said now: outside quiet hours, and weekends that are off."""
        local = now.astimezone(zone_of(self.zone))
        asleep = self.quiet is not None and self.quiet.hold(local.time())
        return not asleep and not self._rests(local.date())

    def opened(self, now: datetime) -> datetime:
        """Now if anything may be said now, else the first instant after that."""
        while not self.is_open(now):
            now = self._later(now)
        return now

    def _rests(self, day: date) -> bool:
        return not self.weekends and day.weekday() >= SATURDAY

    def _later(self, now: datetime) -> datetime:
        """The end of the quiet hours or of the day that `now` lies in."""
        local = now.astimezone(zone_of(self.zone))
        if self._rests(local.date()) or self.quiet is None:
            return local_to_utc(local.date() + DAY, time(), self.zone)
        wall, end = local.time(), self.quiet.end
        day = local.date() if wall < end else local.date() + DAY
        ended = datetime.combine(day, end, tzinfo=local.tzinfo)
        first = ended.astimezone(UTC)
        return first if first > now else ended.replace(fold=1).astimezone(UTC)


def next_slot(now: datetime, cadence: Cadence) -> Slot:
    """The first slot after `now`."""
    if cadence.days:
        return _day_after(now, cadence)
    number = _number(now, cadence.every)
    while True:
        at = cadence.opened(_EPOCH + number * cadence.every)
        if at > now:
            return _interval(at, cadence.every)
        number += 1


def last_slot(now: datetime, cadence: Cadence) -> Slot:
    """The newest slot that is not after `now`."""
    back = max(cadence.every, DAY)
    found, before = None, now - back
    while found is None:  # a weekend or a day that the cadence leaves out may lie between
        before -= back
        slot = next_slot(before, cadence)
        while slot.at <= now:
            found, slot = slot, next_slot(slot.at, cadence)
    return found


def catch_up(now: datetime, cadence: Cadence) -> datetime:
    """When something late is to be said: as soon as it may, or with the next slot if that is near.

    So nobody is reminded twice within an hour, and what was due in the night comes at its hour.
    """
    opened = cadence.opened(now)
    following = next_slot(now, cadence).at
    return following if following - opened < min(cadence.every / 2, CATCH_UP) else opened


def _day_after(now: datetime, cadence: Cadence) -> Slot:
    """Day by day, so that no clock change and no zone makes two of one date."""
    zone = zone_of(cadence.zone)
    day = now.astimezone(zone).date()
    while True:
        at = cadence.opened(local_to_utc(day, cadence.hour, cadence.zone))
        ours = (day.toordinal() - 1) % cadence.days == 0 and at.astimezone(zone).date() == day
        if ours and at > now:
            return Slot(day.isoformat(), at)
        day += DAY


def _interval(at: datetime, every: timedelta) -> Slot:
    """Named after the newest regular instant: what the night held back is one slot."""
    return Slot(f"{every // timedelta(minutes=1)}m{_number(at, every)}", at)


def _number(at: datetime, every: timedelta) -> int:
    return (at - _EPOCH) // every
