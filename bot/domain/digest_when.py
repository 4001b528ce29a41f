"""When a digest comes: once per local ISO week, whatever clocks, zones and settings do meanwhile.

What was missed is made up for once, late: of the present and the last local week the newest.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from typing_extensions import override

from bot.domain.digest_week import Week
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.schedule import local_to_utc, zone_of

WEEK = timedelta(weeks=1)
AGAIN = 9
"""So often a digest may be sent again whose fate nobody knows."""

_WEEK = re.compile(r"(2[0-9]{3})-W([0-9]{2})", re.ASCII)
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

SPREAD = timedelta(minutes=5)
"""Digests of the same hour are spread over so long: ten thousand channels do not come at once."""

LATE_AFTER = timedelta(hours=1)
"""A digest that comes later than this after its time says so."""


class DigestMode(StrEnum):
    """Whether a channel has a weekly digest; `always`: even of a week in which nothing happened.

    `paused_always` is paused as well, and `always` once it is resumed.
    """

    ON = "on"
    PAUSED = "paused"
    ALWAYS = "always"
    PAUSED_ALWAYS = "paused_always"

    @property
    def is_paused(self) -> bool:
        """Whether none comes."""
        return self in (DigestMode.PAUSED, DigestMode.PAUSED_ALWAYS)

    @property
    def paused(self) -> "DigestMode":
        """The same, paused: it keeps which weeks are wanted."""
        return DigestMode.PAUSED_ALWAYS if self._wants_all else DigestMode.PAUSED

    @property
    def resumed(self) -> "DigestMode":
        """The same, not paused."""
        return DigestMode.ALWAYS if self._wants_all else DigestMode.ON

    @property
    def _wants_all(self) -> bool:
        return self in (DigestMode.ALWAYS, DigestMode.PAUSED_ALWAYS)


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
    week, at = _week_and_time(day, when, zone)
    return Turn(week, at + put_off)


@lru_cache(maxsize=512)
def _week_and_time(day: date, when: WeekTime, zone: str) -> tuple[Week, datetime]:
    """Worked out once: thousands of channels ask for the same few weeks."""
    week = Week.with_day(day, zone)
    own = week.monday + timedelta(days=when.weekday - 1)
    return week, local_to_utc(own, when.at, zone)


def _is_open(turn: Turn, place: DigestPlace) -> bool:
    return turn.week.name > (place.week or "") and turn.at > (place.since or turn.at)


def digest_key(team: TeamId, channel: ChannelId | None, *week: str) -> str:
    """The occurrence in a week such as `2026-W45`; without a week what is common to all of them."""
    return ":".join(("digest", team, *([channel] if channel else []), *week))


def week_of(key: str) -> str:
    """The week of an occurrence."""
    return key.rpartition(":")[2]


def week_named(name: str, zone: str) -> Week:
    """The week there of a name such as `2026-W45`; ValueError for any other text."""
    found = _WEEK.fullmatch(name)
    if not found:
        raise ValueError(name)
    year, number = map(int, found.groups())
    return Week.with_day(date.fromisocalendar(year, number, 1), zone)


def told_in(week: Week) -> str:
    """The week in whose turn a week is told: the next one."""
    return week.back(-1).name


@dataclass(frozen=True, slots=True)
class Subject:
    """What the outbox calls a digest: the place, the week of its turn, and whose copy it is.

    A channel's has one copy; `user` is the admin who gets that of a workspace.
    """

    team: TeamId
    channel: ChannelId | None
    week: str
    user: UserId | None = None

    @property
    def key(self) -> str:
        """The due row it comes from."""
        return digest_key(self.team, self.channel, self.week)

    @override
    def __str__(self) -> str:
        return f"{self.key}:{self.user}" if self.user else self.key

    @property
    def place(self) -> ChannelId:
        """Where it is posted."""
        return self.channel or ChannelId(self.user or "")

    @property
    def posts(self) -> tuple[str, ...]:
        """The keys of its posts: the first, and those that somebody asked for again."""
        again = (f"post:{self}:again{n}" for n in range(1, AGAIN + 1))
        return (f"post:{self}", *again)

    @property
    def repeatable(self) -> tuple[str, ...]:
        """Those of its posts after which there may be another one."""
        return self.posts[:-1]

    @classmethod
    def read(cls, text: str) -> "Subject | None":
        """What `str` wrote; None for the subject of anything else."""
        kind, team, *rest = (*text.split(":"), "", "")[:4]
        if kind != "digest":
            return None
        if _WEEK.fullmatch(rest[0]):
            return cls(TeamId(team), None, rest[0], UserId(rest[1]) if rest[1] else None)
        known = _WEEK.fullmatch(rest[1]) is not None
        return cls(TeamId(team), ChannelId(rest[0]), rest[1]) if known else None


def spread(key: str) -> timedelta:
    """How far within `SPREAD` a place's digests are put off: the same every week."""
    share = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32
    return timedelta(seconds=int(share * SPREAD.total_seconds()))
