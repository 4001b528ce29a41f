"""The help in both languages and at once; the version; the manifest; what is no command."""

from importlib.metadata import version
from pathlib import Path

import pytest

from owroute.cli import run
from tests.cli.command import PLAIN, ran, started

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "plan",
    "compare",
    "fit",
    "gpus",
    "capture",
    "demo",
    "serve",
    "check",
    "hold",
    "audit",
    "manifest",
    "engine",
    "record",
    "prices",
    "rules",
    "db",
)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2]
    assert [line.split()[0] for line in listed.strip().splitlines()] == list(COMMANDS)


@pytest.mark.parametrize(
    "command", [*COMMANDS, "prices refresh", "rules lint", "rules diff", "rules test", "db upgrade"]
)
def test_each_command_has_its_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0
    assert "Usage: owroute " in capsys.readouterr().out


def test_help_loads_nothing_that_is_slow(tmp_path: Path) -> None:
    slow = ("pydantic", "httpx", "fastapi", "slack_bolt", "sqlalchemy", "aiohttp", "rich")
    done = started("--help", cwd=tmp_path, env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert done.returncode == 0
    assert "typer" in loaded
    assert loaded.isdisjoint(slow)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"owroute {version('owroute')}\n"


@pytest.mark.parametrize(
    "arguments", [["--lang", "zh", "plan"], ["plan", "--lang", "zh"], ["plan", "--lang=zh"]]
)
def test_the_language_may_be_asked_for_anywhere(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, "--privacy", "x"]) == 2
    said = capsys.readouterr().err
    assert "选择" in said


@pytest.mark.parametrize(("locale", "chinese"), [("zh_CN.UTF-8", True), ("de_DE.UTF-8", False)])
def test_the_language_is_the_terminals(
    locale: str,
    chinese: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LANGUAGE")
    monkeypatch.setenv("LC_ALL", locale)
    assert run(["plan", "--privacy", "x"]) == 2
    assert ("选择" in capsys.readouterr().err) is chinese


def test_a_language_we_do_not_speak_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "tlh", "plan"]) == 2
    assert '"tlh" is not a language' in capsys.readouterr().err


def test_no_such_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["paln"]) == 2
    assert "plan" in capsys.readouterr().err


def test_the_manifest_is_the_shipped_file(tmp_path: Path) -> None:
    done = ran("manifest", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, (ROOT / "manifest.yml").read_bytes())
    assert done.stderr.count(b"Without ") == 2


def test_extras_and_http_change_the_manifest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["manifest", "--with", "reconcile, intro", "--http", "https://bot.example.com"]) == 0
    said = capsys.readouterr()
    assert "channels:history" in said.out
    assert "https://bot.example.com/slack/events" in said.out
    assert said.err == ""


def test_the_public_url_goes_into_the_manifest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWROUTE_PUBLIC_URL", "https://set.example.com/")
    assert run(["manifest"]) == 0
    assert "https://set.example.com/slack/events" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--with", "everything"], "no such extra"), (["--http", "http://x.example"], "https://host")],
)
def test_a_manifest_that_cannot_be_is_refused(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["manifest", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err


def test_a_terminal_without_the_signs_still_gets_the_page(tmp_path: Path) -> None:
    env = {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = started("plan", *PLAIN, cwd=tmp_path, env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"? Go: course Q&A assistant")
