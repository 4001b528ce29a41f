"""The file itself: it runs where nothing of ours is, and somebody reads it first."""

import ast
import sys
from pathlib import Path

import pytest

from capture import script
from tests.capture.machine import SCRIPT, Machine

ROOT = Path(__file__).parents[2]


def test_it_is_python_3_8() -> None:
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 8))


def test_it_imports_the_standard_library_only() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    names = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    names += [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    hidden = [n for n in calls if isinstance(n.func, ast.Name) and n.func.id == "__import__"]
    assert [ast.literal_eval(n.args[0]) for n in hidden] == ["resource"]


def test_it_is_short_enough_to_be_read() -> None:
    text = SCRIPT.read_text("utf-8")
    assert len(text.splitlines()) <= 300
    assert max(map(len, text.splitlines())) <= 100


def test_it_is_shipped_as_it_is() -> None:
    assert script() == SCRIPT.read_text("utf-8")


def test_its_help_says_what_leaves_the_machine(machine: Machine) -> None:
    ran = machine.run("--help")
    assert ran.code == 0
    assert "With --private no prompt" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "experiment"),
        (["12", "--command", "cat"], "as in OW-12"),
        (["OW-12"], "--endpoint or --command"),
        (["OW-12", "--command", " "], "--endpoint or --command"),
        (["OW-12", "--command", "cat 'x"], "No closing quotation"),
        (["OW-12", "--endpoint", "http://127.0.0.1:1/v1", "--command", "cat"], "--command"),
        (["OW-12", "--endpoint", "127.0.0.1:8000/v1"], "--endpoint or --command"),
        (["OW-12", "--endpoint", "http://me:secret@127.0.0.1:1/v1"], "no password"),
        (["OW-12", "--command", "cat", "--send", "https://bot.example/capture"], "CAPTURE_TOKEN"),
        (["OW-12", "--command", "cat", "--cases", "none.csv"], "none.csv"),
    ],
)
def test_what_cannot_be_used_is_said(machine: Machine, arguments: list[str], said: str) -> None:
    ran = machine.run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "secret" not in ran.err.rpartition("error:")[2]
    assert "Traceback" not in ran.err


def test_a_token_goes_over_https_or_stays_here(machine: Machine) -> None:
    arguments = ["OW-12", "--command", "cat", "--send"]
    token = {"OWROUTE_CAPTURE_TOKEN": "t0ken"}
    for address in (
        "http://bot.example/c",
        "http://localhost.example/c",
        "http://127.0.0.1.example",
    ):
        ran = machine.run(*arguments, address, **token)
        assert (ran.code, ran.out) == (2, ""), address
        assert "https" in ran.err
