"""The demo beside a real bot's settings: it knows only its own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.digest_when import LATE_AFTER, SPREAD, DigestPlace, look
from owroute.demo import world
from owroute.demo.prelude import BURNS
from owroute.demo.stage import WEEK, digest_at, free_ports, stage
from sandbox.person import Person
from tests.storage.given import ML_LAB, TEAM

NOWHERE = "http://127.0.0.1:9"
REAL = {
    "SLACK_APP_TOKEN": "xapp-real",
    "OWROUTE_HEARTBEAT_URL": f"{NOWHERE}/beat",
    "OWROUTE_DATABASE_URL": "sqlite:///real.db",
    "OWROUTE_ENGINE_TOKEN": "real-token",
    "OWROUTE_TICK_SECONDS": "60",
}
"""What would send the demo to Slack, to the watchdog and into the real database."""


@pytest.mark.timeout(90)
@pytest.mark.parametrize("place", ["environment", "file", "unreadable file"])
async def test_the_demo_sees_nothing_of_a_real_bots_settings(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if place == "environment":
        for name, value in REAL.items():
            monkeypatch.setenv(name, value)
    else:
        text = "".join(f"{name}={value}\n" for name, value in REAL.items())
        broken = b"\xff\xfe" if place == "unreadable file" else b""
        (tmp_path / ".env").write_bytes(text.encode() + broken)
    async with stage(data_dir=Path("demo")) as up:
        ada = Person(up.workspace, world.ADA.id, _nothing)
        await ada.command("/owroute plan", "ml-lab")
        assert ada.stack, up.bot.last_words()
        assert "heartbeat" not in up.bot.last_words(200)
    assert (tmp_path / "demo/bot/owroute.db").exists()
    assert not (tmp_path / "demo/real.db").exists()
    assert not (tmp_path / "real.db").exists()


@pytest.mark.parametrize("month", [3, 10, 12])
def test_at_whatever_hour_a_visitor_comes_the_digest_of_a_week_later_is_just_due(
    month: int,
) -> None:
    """Of the week in which they came, and not late: in March and October over a clock change."""
    zone, dwell = world.ADA.tz, timedelta(minutes=45)
    for minutes in range(0, 9 * 24 * 60, 97):
        visit = datetime(2026, month, 25 if month in (3, 10) else 1, tzinfo=UTC)
        visit += timedelta(minutes=minutes)
        when = digest_at(visit, zone)
        place = DigestPlace(TEAM, ML_LAB, next_at=visit, since=visit - BURNS)
        place = look(place, when, zone, visit).place
        later = visit + WEEK
        if later.astimezone(ZoneInfo(zone)).fold:
            continue  # an hour that comes twice: once a year it is late
        turn = look(place, when, zone, later + SPREAD).turn
        assert turn is not None, visit
        assert turn.week.back(1).start <= visit < turn.week.start, visit
        assert later + dwell - turn.at <= LATE_AFTER, visit


async def _nothing() -> None:
    """The bot is another process; the command's answer is all that is looked at."""


def test_ports_that_are_chosen_together_are_different_ones() -> None:
    assert len({*free_ports(400)}) == 400
