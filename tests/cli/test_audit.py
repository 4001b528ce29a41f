"""`owroute audit`: who did what, read beside a running bot or without one."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.ids import TeamId, UserId
from bot.domain.workspace import Actor
from owroute.cli import run
from storage.database import SqlStore, make_engine, migrate, serving_lock

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TEAM = TeamId("T1")


async def _given(url: str, lines: int) -> None:
    await migrate(url)
    store = SqlStore(make_engine(url))
    async with store() as uow:
        await uow.workspaces.seen(TEAM, "Lab", UserId("UBOT"), NOW)
        actor = Actor(TEAM, UserId("U1"), TEAM)
        for n in range(lines):
            at = NOW + timedelta(minutes=n)
            await uow.audit.add(actor, TEAM, "plan.decided", f"OW-{n}", at, after="go\n\u202eon")
        await uow.commit()
    await store.close()


def test_the_newest_lines_as_in_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OWROUTE_DATA_DIR", str(tmp_path))
    assert run(["audit"]) == 1
    assert "does not exist yet" in capsys.readouterr().err
    url = f"sqlite+aiosqlite:///{tmp_path}/owroute.db"
    asyncio.run(_given(url, 3))
    with serving_lock(url):  # a bot runs beside it
        assert run(["audit", "--lines", "2"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-11-24T09:01:00Z  T1  U1  plan.decided  OW-1  -  go on",
        "2026-11-24T09:02:00Z  T1  U1  plan.decided  OW-2  -  go on",
    ]


def test_before_anything_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OWROUTE_DATA_DIR", str(tmp_path))
    asyncio.run(_given(f"sqlite+aiosqlite:///{tmp_path}/owroute.db", 0))
    assert run(["audit"]) == 0
    assert capsys.readouterr().out == "Nothing is remembered.\n"
