"""The week that a digest speaks of: an ISO week by the wall clock of one place."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from bot.domain.schedule import local_to_utc, zone_of

DAYS = 7


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: [start, end), end None = it goes on."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day somewhere, as instants: [start, end). 23 or 25 hours where clocks change."""

    date: date
    start: datetime
    end: datetime


def day_in(zone: str, of: date) -> Day:
    """A calendar day there."""
    tomorrow = of + timedelta(days=1)
    return Day(of, local_to_utc(of, time(), zone), local_to_utc(tomorrow, time(), zone))


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday, numbered as ISO 8601 has it, in a time zone."""

    year: int
    number: int
    zone: str

    @classmethod
    def of(cls, at: datetime, zone: str) -> "Week":
        """The week there in which an instant lies."""
        return cls.with_day(at.astimezone(zone_of(zone)).date(), zone)

    @classmethod
    def with_day(cls, day: date, zone: str) -> "Week":
        """The week there that a date belongs to."""
        year, number, _ = day.isocalendar()
        return cls(year, number, zone)

    @property
    def name(self) -> str:
        """`2026-W48`: no two weeks of a place share it, whatever its clocks do."""
        return f"{self.year}-W{self.number:02d}"

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return date.fromisocalendar(self.year, self.number, DAYS)

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return self.days[0].start

    @property
    def end(self) -> datetime:
        """The first instant after it, which is the next one's start."""
        return self.days[-1].end

    @property
    def days(self) -> tuple[Day, ...]:
        """Its seven days: each begins where the one before ends."""
        return _days_of(self)

    def back(self, weeks: int) -> "Week":
        """The week so many weeks before."""
        return Week.with_day(self.monday - timedelta(weeks=weeks), self.zone)


@lru_cache(maxsize=512)
def _days_of(week: Week) -> tuple[Day, ...]:
    """Worked out once: on a Monday morning ten thousand channels ask for the same few weeks."""
    return tuple(day_in(week.zone, week.monday + timedelta(days=n)) for n in range(DAYS))
