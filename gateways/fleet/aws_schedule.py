"""When an EventBridge schedule fires next: `at(...)`, `rate(...)` and `cron(...)`. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HORIZON = timedelta(days=400)
"""A schedule that does not fire within this time stops no forgotten machine."""

_EXPRESSION = re.compile(r"(at|rate|cron)\((.{1,200})\)")
_RATE = re.compile(r"([1-9][0-9]{0,5}) (minute|hour|day)s?")
_PART = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/([1-9][0-9]{0,3}))?", re.ASCII)
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_NAMES = {name: n for names in (_MONTHS, _DAYS) for n, name in enumerate(names, start=1)}
_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
"""Minute, hour, day of the month, month, day of the week (Sunday is 1), year."""


class Unreadable(Exception):
    """The schedule is written in a way that is not understood here."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule's words. `since` is when it begins, `until` when it ends, if that is said."""

    expression: str
    zone: str = "UTC"
    since: datetime | None = None
    until: datetime | None = None
    made: datetime | None = None


def next_time(schedule: Schedule, now: datetime) -> datetime | None:
    """When it fires next after `now`, in UTC; None for never. Raises Unreadable.

    Of `cron`, the forms with L, W and # are not understood.
    """
    found = _EXPRESSION.fullmatch(schedule.expression.strip())
    if not found:
        raise Unreadable
    try:
        at = _KINDS[found[1]](found[2].strip(), schedule, now)
    except (ValueError, OverflowError) as error:
        raise Unreadable from error
    ended = at and found[1] != "at" and schedule.until and at > schedule.until
    return None if ended else at


def _of_at(words: str, schedule: Schedule, now: datetime) -> datetime | None:
    """Once; the schedule's beginning and end do not count for it."""
    once = _local(datetime.fromisoformat(words), _zone(schedule))
    return once if once > now else None


def _of_rate(words: str, schedule: Schedule, now: datetime) -> datetime:
    """Counted from its beginning, else from when it was made; that is the first time itself."""
    found, since = _RATE.fullmatch(words), schedule.since or schedule.made
    if not found or since is None:
        raise Unreadable
    step = timedelta(**{f"{found[2]}s": int(found[1])})
    past = max(-1, (now - since) // step)
    return since + (past + 1) * step


def _of_cron(words: str, schedule: Schedule, now: datetime) -> datetime | None:
    fields = words.split()
    if len(fields) != len(_FIELDS):
        raise Unreadable
    minutes, hours, days, months, weekdays, years = (
        _values(field, *span) for field, span in zip(fields, _FIELDS, strict=True)
    )
    zone = _zone(schedule)
    first = max(now, schedule.since - timedelta(microseconds=1)) if schedule.since else now
    for day in _days_from(first.astimezone(zone).date()):
        if day.month not in months or day.day not in days or day.year not in years:
            continue
        if day.isoweekday() % 7 + 1 not in weekdays:
            continue
        times = (time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes))
        for moment in times:
            at = _local(datetime.combine(day, moment), zone)
            if at > first:
                return at
    return None


_KINDS = {"at": _of_at, "rate": _of_rate, "cron": _of_cron}


def _days_from(first: date) -> Iterator[date]:
    for n in range(HORIZON.days):
        yield first + timedelta(days=n)


def _values(field: str, low: int, high: int) -> frozenset[int]:
    """The numbers that one field of a cron expression allows."""
    if field == "?":
        field = "*"
    found: set[int] = set()
    for part in field.upper().split(","):
        match = _PART.fullmatch(part)
        if not match:
            raise Unreadable
        any_, start, end, step = match.groups()
        begin = low if any_ else _number(start)
        last = high if any_ or (step and not end) else _number(end or start)
        if not low <= begin <= last <= high:
            raise Unreadable
        found.update(range(begin, last + 1, int(step or 1)))
    return frozenset(found)


def _number(word: str) -> int:
    return _NAMES[word] if word in _NAMES else int(word)


def _zone(schedule: Schedule) -> ZoneInfo:
    try:
        return ZoneInfo(schedule.zone)
    except (KeyError, OSError, ValueError) as error:
        raise Unreadable from error


def _local(naive: datetime, zone: ZoneInfo) -> datetime:
    return naive.replace(tzinfo=zone).astimezone(UTC)
