"""`owroute check`, `serve`, `db upgrade` and `demo`: what an operator is told."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from owroute.cli import run
from owroute.commands.checks import clock_finding
from owroute.commands.findings import Mark
from owroute.commands.speech import Speech
from owroute.demo import world
from owroute.server import served
from sandbox.app import HttpTransport, create_app
from sandbox.hub import HUB_PATH, HUB_TOKEN
from storage.database import serving_lock
from tests.cli.command import ran

SETTINGS = {"SLACK_BOT_TOKEN": world.BOT_TOKEN, "SLACK_SIGNING_SECRET": world.SIGNING_SECRET}


@asynccontextmanager
async def slack(home: Path, *, optional: tuple[str, ...] = ()) -> AsyncIterator[str]:
    """A local Slack; the base URL of its Web API."""
    workspace = world.create_workspace(home / "clock.json", optional=optional)
    transport = HttpTransport("http://127.0.0.1:9/slack/events", world.SIGNING_SECRET)
    async with served(create_app(workspace, transport=transport), grace=1) as port:
        workspace.base_url = f"http://127.0.0.1:{port}"
        yield f"{workspace.base_url}/api/"


async def checked(home: Path, settings: Mapping[str, str]) -> tuple[int, list[str]]:
    """Exit code and lines of `owroute check`, in a process of its own."""
    done = await asyncio.to_thread(ran, "check", cwd=home, env=settings)
    return done.returncode, (done.stderr + done.stdout).decode().splitlines()


async def test_a_good_installation_is_called_well(tmp_path: Path) -> None:
    ran("db", "upgrade", cwd=tmp_path, env=SETTINGS)
    async with slack(tmp_path) as api:
        code, lines = await checked(tmp_path, {**SETTINGS, "SLACK_API_URL": api})
    assert code == 0, lines
    assert [line.split(":")[0] for line in lines[:-1] if line.startswith("ok")] == [
        "ok   Settings", "ok   Database", "ok   Slack", "ok   Scopes", "ok   Clock",
        "ok   Engine", "ok   Overlay", "ok   Import names",
    ]  # fmt: skip
    assert not [line for line in lines if line.startswith("BAD")]


async def test_it_looks_and_touches_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    async with slack(tmp_path) as api:
        _, lines = await checked(home, {**SETTINGS, "SLACK_API_URL": api})
    assert any(line.startswith("note Database: ") and "first start" in line for line in lines)
    assert list(home.iterdir()) == []


async def test_hold_and_where_machines_ask_are_told(tmp_path: Path) -> None:
    ran("db", "upgrade", cwd=tmp_path, env=SETTINGS)
    with closing(sqlite3.connect(tmp_path / "owroute-data/owroute.db")) as database:
        seen = "INSERT INTO workspaces (team, name, bot_user, seen_at) VALUES (?, ?, ?, ?)"
        database.execute(seen, ("T1", "Lab", "U1", "2026-11-24 09:00:00.000000"))
        database.commit()
    async with slack(tmp_path) as api:
        there = {**SETTINGS, "SLACK_API_URL": api}
        _, lines = await checked(tmp_path, there)
        assert any(line.startswith("note Machines: no OWROUTE_PUBLIC_URL") for line in lines)
        assert not any("Hold" in line for line in lines)
        assert ran("hold", "on", cwd=tmp_path, env=SETTINGS).returncode == 0
        public = {"OWROUTE_PUBLIC_URL": "https://owroute.example.org"}
        _, lines = await checked(tmp_path, {**there, **public})
    assert any(line.startswith("note Hold: T1 is on hold") for line in lines), lines
    assert any("guards ask https://owroute.example.org/guard" in line for line in lines)


async def test_a_wrong_token_is_named_and_never_shown(tmp_path: Path) -> None:
    settings = {**SETTINGS, "SLACK_BOT_TOKEN": "xoxb-wrong-secret"}
    async with slack(tmp_path) as api:
        code, lines = await checked(tmp_path, {**settings, "SLACK_API_URL": api})
    assert code == 1
    assert "BAD  Slack: refuses SLACK_BOT_TOKEN (invalid_auth)" in "\n".join(lines)
    assert "wrong-secret" not in "\n".join(lines)


async def test_a_slack_that_is_away_and_an_engine_that_is_down_are_both_told(
    tmp_path: Path,
) -> None:
    away = {"SLACK_API_URL": "http://127.0.0.1:9/api/", "OWROUTE_ENGINE_URL": "http://127.0.0.1:9"}
    code, lines = await checked(tmp_path, {**SETTINGS, **away})
    assert code == 1
    bad = [line for line in lines if line.startswith("BAD")]
    assert [line.split(":")[0] for line in bad] == ["BAD  Slack", "BAD  Engine"]


@pytest.mark.parametrize(
    ("token", "path", "line", "code"),
    [
        ("", HUB_PATH, "ok   Model hub: answers, http://127.0.0.1:", 0),
        (HUB_TOKEN, HUB_PATH, "ok   Model hub: answers, http://127.0.0.1:", 0),
        ("hf_wrong_secret", HUB_PATH, "BAD  Model hub: http://127.0.0.1:", 1),
        ("", "/no-hub", "note Model hub: no usable answer from http://127.0.0.1:", 0),
    ],
)
async def test_the_model_hub_is_looked_at_and_only_its_token_must_be_mended(
    token: str, path: str, line: str, code: int, tmp_path: Path
) -> None:
    async with slack(tmp_path) as api:
        there = {"HF_ENDPOINT": api.removesuffix("/api/") + path, "HF_TOKEN": token}
        found, lines = await checked(tmp_path, {**SETTINGS, "SLACK_API_URL": api, **there})
    assert found == code
    assert any(said.startswith(line) for said in lines), lines
    assert "hf_wrong_secret" not in "\n".join(lines)


async def test_a_hub_on_a_private_network_must_be_mended(tmp_path: Path) -> None:
    async with slack(tmp_path) as api:
        there = {"HF_ENDPOINT": "https://10.0.0.8"}
        code, lines = await checked(tmp_path, {**SETTINGS, "SLACK_API_URL": api, **there})
    assert code == 1
    (said,) = [line for line in lines if "Model hub" in line]
    assert said.startswith("BAD  Model hub: HF_ENDPOINT names https://10.0.0.8, which is not")
    assert "HF_ENDPOINT=off" in said


async def test_a_hub_that_is_off_is_noted(tmp_path: Path) -> None:
    async with slack(tmp_path) as api:
        _, lines = await checked(tmp_path, {**SETTINGS, "SLACK_API_URL": api})
    assert any(line.startswith("note Model hub: off.") for line in lines), lines


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("command", ["serve", "check", "db upgrade"])
def test_missing_settings_are_one_sentence_each_and_end_with_2(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command.split()) == 2
    said = capsys.readouterr().err.splitlines()
    assert [sentence.split(" is missing")[0] for sentence in said] == [
        "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET",
    ]  # fmt: skip


def test_settings_problems_are_told_in_the_language_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--lang", "zh", "serve"]) == 2
    said = capsys.readouterr().err
    assert "SLACK_BOT_TOKEN" in said
    assert "is missing" not in said


@pytest.mark.usefixtures("settings")
def test_upgrade_makes_the_schema_and_may_be_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert run(["db", "upgrade"]) == 0
        assert capsys.readouterr().out == "The database has this version's schema.\n"
    with closing(sqlite3.connect(tmp_path / "owroute-data/owroute.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone()


@pytest.mark.parametrize("file", ["owroute-data/owroute.db", "data/my.db"])
@pytest.mark.parametrize("command", [("serve",), ("db", "upgrade")])
def test_a_database_that_is_served_already_is_left_alone(
    command: tuple[str, ...], file: str, tmp_path: Path
) -> None:
    elsewhere = {"OWROUTE_DATABASE_URL": "sqlite:///data/my.db", "OWROUTE_DATA_DIR": "other"}
    with serving_lock(f"sqlite+aiosqlite:///{tmp_path}/{file}"):
        done = ran(*command, cwd=tmp_path, env={**SETTINGS, **(elsewhere if "my" in file else {})})
    assert done.returncode == 2
    last = done.stderr.decode().splitlines()[-1]
    assert last.startswith("Another owroute serves the SQLite database in ")


def test_a_mistyped_setting_is_named_once_and_its_value_is_not(tmp_path: Path) -> None:
    mistyped = {"OWROUTE_TICKS": "canary", "OWROUTE_HEARTBEAT": "canary", "OWROUTE_PORT": "0"}
    with serving_lock(f"sqlite+aiosqlite:///{tmp_path}/owroute-data/owroute.db"):
        said = ran("serve", cwd=tmp_path, env={**SETTINGS, **mistyped}).stderr.decode()
    [line] = [line for line in said.splitlines() if "settings.unknown" in line]
    assert json.loads(line)["names"] == ["OWROUTE_HEARTBEAT", "OWROUTE_TICKS"]
    assert "canary" not in said


@pytest.mark.usefixtures("settings")
def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("OWROUTE_DATA_DIR", "file/below")
    assert run(["db", "upgrade"]) == 2
    assert "file/below cannot be written" in capsys.readouterr().err


@pytest.mark.usefixtures("settings")
def test_a_database_that_is_away_ends_with_1_and_hides_its_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWROUTE_DATABASE_URL", "postgresql://ow:hidden@127.0.0.1:9/ow")
    assert run(["db", "upgrade"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("The database cannot be used (")
    assert "hidden" not in said


def test_fresh_never_empties_a_folder_that_is_no_demo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", "utf-8")
    assert run(["demo", "--fresh", "--data-dir", str(tmp_path)]) == 2
    assert "was not emptied" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").exists()


def test_a_clock_that_is_off_is_told() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    stamp = "Tue, 24 Nov 2026 09:00:00 GMT"
    say = Speech("en")
    assert clock_finding(stamp, now + timedelta(seconds=59), say).mark is Mark.OK
    off = clock_finding(stamp, now - timedelta(seconds=400), say)
    assert (off.mark, "400 s" in off.text) == (Mark.BAD, True)
    assert clock_finding("soon", now, say).mark is Mark.NOTE
