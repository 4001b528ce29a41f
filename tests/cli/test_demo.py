"""The demo beside a real bot's settings: it knows only its own."""

from pathlib import Path

import pytest

from owroute.demo import world
from owroute.demo.stage import stage
from sandbox.person import Person

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


async def _nothing() -> None:
    """The bot is another process; the command's answer is all that is looked at."""
