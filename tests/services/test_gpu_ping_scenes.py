"""Machines that are left alone, over days that pass in a moment: who is told, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.fleet import Grade, Machine, PlanReading, Provider
from bot.domain.gpu import RunState
from bot.domain.gpu_parts import Claim
from bot.domain.ids import ChannelId, UserId
from tests.harness.stores import fresh_store
from tests.services.watched import GRACE, OPS, Watch
from tests.storage.given import ADA, LIN, TEAM

HOUR = timedelta(hours=1)
ZONES = {ADA: "UTC", LIN: "Asia/Shanghai", GRACE: "America/New_York"}


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@dataclass(frozen=True)
class Scene:
    """A machine that starts and is left alone, and when who was told, by their own clocks."""

    name: str
    starts: datetime
    hours: float
    ada: tuple[str, ...] = ()
    lin: tuple[str, ...] = ()
    grace: tuple[str, ...] = ()
    usd: str | None = "0.69"
    machines: int = 1
    lead: UserId | None = LIN
    ops: ChannelId | None = None
    posted: tuple[str, ...] = ()
    run: Mapping[str, Any] = field(default_factory=dict)


SCENES = (
    Scene(
        "an afternoon and an evening",
        on(23, 9),
        15,
        ada=("Mon 09:10", "Mon 11:10", "Mon 13:10", "Mon 15:10"),
        lin=("Mon 19:10", "Mon 21:10", "Tue 08:00"),
        grace=("Mon 10:10", "Mon 12:10", "Mon 14:10", "Mon 16:10"),
    ),
    Scene(
        "a night costs little",
        on(23, 21, 45),
        16,
        ada=("Mon 21:55", "Tue 08:00", "Tue 09:55", "Tue 11:55"),
        lin=("Tue 08:00", "Tue 09:55", "Tue 11:55", "Tue 13:55"),
    ),
    Scene(
        "a night that costs more than 20 USD wakes people, as long as that is left of it",
        on(23, 21, 45),
        16,
        usd="2.5",
        ada=("Mon 21:55", "Mon 23:55", "Tue 08:00", "Tue 09:55", "Tue 11:55"),
        lin=("Tue 08:00", "Tue 09:55", "Tue 11:55", "Tue 13:55"),
        grace=("Mon 22:55",),
    ),
    Scene(
        "a price that nobody knows wakes nobody",
        on(23, 21, 45),
        10,
        usd=None,
        ada=("Mon 21:55",),
        lin=("Tue 08:00", "Tue 09:55", "Tue 11:55", "Tue 13:55"),
    ),
    Scene(
        "without an owner the admins are asked at once",
        on(23, 15),
        4,
        run={"owner": None, "claim": None, "channel": None},
        grace=("Mon 10:10", "Mon 12:10"),
    ),
    Scene(
        "without an owner the ops channel sees it once, and the admins are asked",
        on(23, 15),
        8,
        run={"owner": None, "claim": None, "channel": None},
        ops=OPS,
        posted=("Mon 15:10",),
        grace=("Mon 10:10", "Mon 12:10", "Mon 14:10", "Mon 16:10"),
    ),
    Scene(
        "one that has burned for six hours when it is found is asked about at once",
        on(23, 9),
        5,
        run={"started_at": on(23, 3)},
        ada=("Mon 09:00", "Mon 11:10", "Mon 13:10"),
        lin=("Mon 19:10", "Mon 21:10"),
    ),
    Scene(
        "one that never boots is asked about after half an hour",
        on(23, 9),
        3,
        run={"state": RunState.STARTING},
        ada=("Mon 09:30", "Mon 11:30"),
        lin=("Mon 19:30",),
    ),
    Scene(
        "four a person and day, over all machines",
        on(23, 9),
        9,
        machines=6,
        lead=None,
        ada=("Mon 09:10",) * 4,
        grace=("Mon 10:10",) * 4,
    ),
    Scene(
        "weekends are days like others",
        on(27, 17),
        24,
        lead=None,
        ada=("Fri 17:10", "Fri 19:10", "Fri 21:10", "Sat 08:00", "Sat 09:10", "Sat 11:10",
             "Sat 13:10"),
        grace=("Fri 18:10", "Fri 20:10", "Sat 08:10", "Sat 10:10"),
    ),
    Scene(
        "what a person entered is asked about like any other",
        on(23, 9),
        3,
        run={"machine": Machine(Provider.MANUAL, "a friend", "m1"), "claim": Claim.REGISTERED},
        ada=("Mon 09:10", "Mon 11:10"),
        lin=("Mon 19:10",),
    ),
    Scene(
        "a condition that may never come is noted to the owner after twelve hours, then daily",
        on(23, 9),
        60,
        run={"reading": PlanReading(Grade.CONDITIONAL)},
        ada=("Mon 21:00", "Tue 21:00", "Wed 21:00"),
    ),
    Scene(
        "such a note waits for morning too",
        on(23, 16),
        30,
        run={"reading": PlanReading(Grade.CONDITIONAL)},
        ada=("Tue 08:00",),
    ),
)  # fmt: skip


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.name)
async def test_who_is_told_and_when(scene: Scene, tmp_path: Path) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        watch = Watch(store)
        watch.clock.at = scene.starts
        await watch.opened(lead=scene.lead, ops=scene.ops)
        for n in range(scene.machines):
            await watch.burns(f"ow-{n + 1}-ada", usd=scene.usd, **scene.run)
        await watch.goes_on(hours=scene.hours)
        told = {user: tuple(watch.asked(user, zone)) for user, zone in ZONES.items()}
        assert told == {ADA: scene.ada, LIN: scene.lin, GRACE: scene.grace}
        assert tuple(watch.asked(OPS)) == scene.posted
        for place in (*ZONES, OPS):
            standing = [s.subject for s in watch.slack.at(place)]
            about = {a.gpu for a in await standing_at(watch, place)}
            assert len(about) == len(standing), "one alert about a run in one place"


async def standing_at(watch: Watch, place: str) -> list[Any]:
    async with watch.store(read_only=True) as uow:
        return list(await uow.alerts.standing_at(TEAM, ChannelId(place)))
