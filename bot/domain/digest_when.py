"""When a digest comes: once per local ISO week, whatever clocks, zones and settings do meanwhile.

What was missed is made up for once, late: of the present and the last local week the newest.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from typing_extensions import override

from bot.domain.digest_week import Week
from bot.domain.ids import ChannelId, TeamId
from bot.domain.schedule import local_to_utc, zone_of

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
    """A local ISO week's turn: the week it falls into, and its instant."""

    week: Week
    at: datetime


@dataclass(frozen=True, slots=True)
class Looked:
    """A place as it is from now on, and the turn that has come there, if one has."""

    place: DigestPlace
    turn: Turn | None


def look(place: DigestPlace, when: WeekTime, zone: str, now: datetime) -> Looked:
    """Whether a turn has come, and when to look again.

    Of the present and the last local week the newest one counts: an outage makes one digest, and no
    burst. A week that had its turn, under whatever settings, has no other one.
    """
    known = replace(place, since=place.since or now, is_moved=False)
    put_off = spread(digest_key(place.team, place.channel))
    here = now.astimezone(zone_of(zone)).date()
    turns = [turn_in(here + weeks * WEEK, when, zone, put_off) for weeks in (2, 1, 0, -1)]
    come = [t for t in turns if t.at <= now and _is_open(t, known)]
    after = replace(known, week=come[0].week.name) if come else known
    coming = [t.at for t in turns if t.at > now and t.week.name > (after.week or "")]
    next_at = min(coming, default=turns[0].at)  # none: the clock was put back by weeks
    return Looked(replace(after, next_at=next_at), come[0] if come else None)


def turn_in(day: date, when: WeekTime, zone: str, put_off: timedelta = timedelta(0)) -> Turn:
    """The turn of the week of a local date.

    An hour that a clock change skips moves forward, of one that comes twice it is the earlier.
    """
    week = Week.with_day(day, zone)
    own = week.monday + timedelta(days=when.weekday - 1)
    return Turn(week, local_to_utc(own, when.at, zone) + put_off)


def _is_open(turn: Turn, place: DigestPlace) -> bool:
    return turn.week.name > (place.week or "") and turn.at > (place.since or turn.at)


def digest_key(team: TeamId, channel: ChannelId | None, *week: str) -> str:
    """The occurrence in a week such as `2026-W45`; without a week what is common to all of them."""
    return ":".join(("digest", team, *([channel] if channel else []), *week))


def week_of(key: str) -> str:
    """The week of an occurrence."""
    return key.rpartition(":")[2]


def spread(key: str) -> timedelta:
    """How far within `SPREAD` a place's digests are put off: the same every week."""
    share = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32
    return timedelta(seconds=int(share * SPREAD.total_seconds()))
