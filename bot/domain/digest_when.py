"""When a digest comes: once per local ISO week, whatever clocks, zones and settings do meanwhile.

What was missed is made up for once, late: of the present and the last local week the newest.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from typing_extensions import override

from bot.domain.ids import ChannelId, TeamId
from bot.domain.schedule import local_to_utc

WEEK = timedelta(weeks=1)
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

SPREAD = timedelta(minutes=5)
"""Digests of the same hour are spread over so long: ten thousand channels do not come at once."""

LATE_AFTER = timedelta(hours=1)
"""A digest that comes later than this after its time says so."""


class DigestMode(StrEnum):
    """Whether a channel has a weekly digest; `always`: even of a week in which nothing happened."""

    ON = "on"
    PAUSED = "paused"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class WeekTime:
    """A day of the week, 1 Monday to 7, and a local time of day."""

    weekday: int
    at: time

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= len(DAYS):
            raise ValueError(self.weekday)

    @override
    def __str__(self) -> str:
        return f"{DAYS[self.weekday - 1]} {self.at:%H:%M}"

    @classmethod
    def read(cls, text: str) -> "WeekTime":
        """The time that `str` writes, as in MON 09:00; else ValueError."""
        day, _, at = text.partition(" ")
        return cls(DAYS.index(day) + 1, time.fromisoformat(at))


MONDAY = WeekTime(1, time(9))
"""As shipped."""


@dataclass(frozen=True, slots=True)
class DigestPlace:
    """Where digests go: a channel, or the admins of a workspace where `channel` is None.

    `next_at` is when it is looked at next; `is_moved`: as soon as may be, since its settings were
    changed. Weeks are named `2026-W45`: `week` is the last one that had its turn, `posted_week`
    the last one with a digest. Nothing before `since` is made up for.
    """

    team: TeamId
    channel: ChannelId | None
    next_at: datetime
    since: datetime | None = None
    week: str | None = None
    posted_week: str | None = None
    is_moved: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A local ISO week's turn: its name and its instant."""

    week: str
    at: datetime


def turn_in(day: date, when: WeekTime, zone: str) -> Turn:
    """The turn of the week of a local date.

    An hour that a clock change skips moves forward, of one that comes twice it is the earlier.
    """
    year, week, _ = day.isocalendar()
    at = local_to_utc(date.fromisocalendar(year, week, when.weekday), when.at, zone)
    return Turn(f"{year}-W{week:02d}", at)


def digest_key(team: TeamId, channel: ChannelId | None, week: str) -> str:
    """The occurrence: no two of a place share a local ISO week."""
    return ":".join(("digest", team, *([channel] if channel else []), week))


def spread(key: str) -> timedelta:
    """How far within `SPREAD` a place's digests are put off: the same every week."""
    share = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32
    return timedelta(seconds=int(share * SPREAD.total_seconds()))
