"""`owroute hold`: beside a running bot or without one, and what it says."""

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.ids import TeamId, UserId
from owroute.cli import run
from storage.database import SqlStore, make_engine, migrate, serving_lock
from tests.cli.command import ran

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with one workspace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OWROUTE_DATA_DIR", str(tmp_path))
    found = f"sqlite+aiosqlite:///{tmp_path}/owroute.db"

    async def made() -> None:
        await migrate(found)
        store = SqlStore(make_engine(found))
        async with store() as uow:
            await uow.workspaces.seen(TeamId("T1"), "Lab", UserId("UBOT"), NOW)
            await uow.commit()
        await store.close()

    asyncio.run(made())
    return found


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_on_status_off(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hold"]) == 0
    assert said(capsys).startswith("T1: not on hold. ")
    with serving_lock(url):  # a bot runs beside it
        assert run(["hold", "on"]) == 0
    told = said(capsys)
    assert told.startswith("T1: on hold. owroute stops no machine there")
    assert "The bot looks at all machines again with its next tick" in told
    assert run(["hold", "ON"]) == 0
    told = said(capsys)
    assert "Nothing was changed." in told
    assert "next tick" not in told
    assert run(["hold", "status"]) == 0
    assert "T1: on hold" in said(capsys)
    assert run(["hold", "off"]) == 0
    assert said(capsys).startswith("T1: not on hold. ")
    file = Path(url.partition(":///")[2])
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT actor, action FROM audit ORDER BY id").fetchall()
        assert rows == [(None, "gpu.hold_on"), (None, "gpu.hold_off")]
        kinds = database.execute("SELECT kind, done_at FROM due").fetchall()
        assert kinds == [("look_again", None)] * 2


@pytest.mark.usefixtures("url")
def test_another_word_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hold", "maybe"]) == 2
    assert capsys.readouterr().err == (
        "maybe is none of on, off and status; nothing was changed.\n"
    )
    assert run(["hold"]) == 0
    assert "not on hold" in said(capsys)


def test_without_a_database_there_is_nothing_to_hold(tmp_path: Path) -> None:
    done = ran("hold", "on", cwd=tmp_path)
    assert done.returncode == 1
    assert b"does not exist yet" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_workspace_too(tmp_path: Path) -> None:
    file = tmp_path / "owroute-data/owroute.db"
    file.parent.mkdir()
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    done = ran("hold", "on", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"No workspace has owroute yet" in done.stderr


def test_a_database_that_is_away(tmp_path: Path) -> None:
    away = {"OWROUTE_DATABASE_URL": "postgresql://ow:hidden@127.0.0.1:9/ow"}
    done = ran("hold", cwd=tmp_path, env=away)
    assert done.returncode == 1
    assert b"The database cannot be used" in done.stderr
    assert b"hidden" not in done.stderr


@pytest.mark.usefixtures("url")
def test_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "zh", "hold", "on"]) == 0
    assert "已暂停操作" in said(capsys)
    assert os.environ["OWROUTE_DATA_DIR"]
