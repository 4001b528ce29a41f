"""A year of digests: one per channel and local ISO week, whatever clocks and settings do."""

import random
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from bot.domain.digest_week import Week
from bot.domain.digest_when import DAYS, WeekTime
from bot.domain.ids import UserId
from bot.domain.workspace import Channel
from storage.database import SqlStore
from tests.services.digested import Digests, always, settled
from tests.services.watched import Moved
from tests.storage.given import AT, TEAM

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "UTC",
)
YEAR = timedelta(weeks=53)
LONGEST_OUTAGE = timedelta(days=3)


@pytest.mark.no_cover  # a long walk on ways of other tests
async def test_a_year_in_six_time_zones_has_one_digest_a_week_and_channel(both: SqlStore) -> None:
    """Random outages, deaths between the steps, and settings that are moved in mid-week."""
    chance = random.Random(6)  # noqa: S311  # a story that can be told again
    clock = Moved()
    bot = Digests(both, clock)
    async with both() as uow:
        await uow.workspaces.seen(TEAM, "Lab", UserId("UBOT"), AT)
        await uow.commit()
    channels = {f"C{n}": always(f"C{n}", zone, _some(chance)) for n, zone in enumerate(ZONES)}
    await settled(both, *channels.values())
    while clock.at < AT + YEAR:
        await bot.goes_on(clock.at + timedelta(hours=chance.randint(1, 200)))
        name = chance.choice(list(channels))
        channels[name] = _moved(channels[name], chance)
        await settled(both, channels[name])
        await _strained(bot, chance)
    for name in channels:
        weeks = bot.weeks(name)
        assert weeks == _every(weeks[0], weeks[-1]), name
        assert len(weeks) >= 51
        for post in bot.of(name):
            assert post.subject is not None
            _is_in_its_week(post.at, post.subject.week)


async def _strained(bot: Digests, chance: random.Random) -> None:
    """It is down for a while; or it dies after arming; or both."""
    if chance.random() < 0.4:
        bot.clock.at += LONGEST_OUTAGE * chance.random()
    if chance.random() < 0.4:
        await bot.arm()
    if chance.random() < 0.2:
        await bot.carry_out()


def _some(chance: random.Random) -> WeekTime:
    """Any minute of a week, those around the changes of clocks most of all."""
    hour = chance.choice([0, 1, 2, 2, 3, 9, 17, 23])
    return WeekTime(chance.randint(1, len(DAYS)), time(hour, chance.choice([0, 15, 30, 45, 59])))


def _moved(channel: Channel, chance: random.Random) -> Channel:
    zone = chance.choice(ZONES) if chance.random() < 0.5 else channel.tz
    return replace(channel, tz=zone, digest_at=_some(chance))


def _every(first: str, last: str) -> list[str]:
    found = [_week(first)]
    while found[-1].name != last:
        found.append(found[-1].back(-1))
    return [week.name for week in found]


def _week(name: str) -> Week:
    year, number = map(int, name.split("-W"))
    return Week(year, number, "UTC")


def _is_in_its_week(at: datetime, name: str) -> None:
    """Never before its week has begun anywhere, nor long after it is over everywhere."""
    week, anywhere = _week(name), timedelta(hours=14)
    assert week.start - anywhere <= at <= week.end + anywhere + LONGEST_OUTAGE
