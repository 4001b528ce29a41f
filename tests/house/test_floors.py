import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
    "root_packages"
]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_the_floors_hold(tree: Path) -> None:
    found = lint(tree)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("file", "line", "rule"),
    [
        ("bot/domain/plans.py", "import storage", "Imports run downwards"),
        ("handlers/plan.py", "import gateways.slack", "neighbours do not know each other"),
        ("bot/services/plans.py", "import engine.decide", "import the contract only"),
        ("handlers/command.py", "import sandbox.clock", "Nothing of the product knows the sandbox"),
        ("gateways/engine.py", "import sqlalchemy", "SQL only in storage"),
        ("bot/cards/blocks.py", "import slack_sdk", "Slack's SDK only in"),
        ("sandbox/clock.py", "import bot.clock", "stand alone"),
        ("engine/contract.py", "import sandbox.clock", "do not know each other"),
        ("bot/domain/plans.py", "import httpx", "The domain is plain Python"),
    ],
)
def test_an_import_that_breaks_a_rule_is_named(tree: Path, file: str, line: str, rule: str) -> None:
    broken = tree / file
    before = broken.read_text("utf-8")
    broken.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        found = lint(tree)
    finally:
        broken.write_text(before, encoding="utf-8")
    assert found.returncode != 0
    [named] = [text for text in found.stdout.splitlines() if rule in text and "BROKEN" in text]
    assert line.removeprefix("import ") in found.stdout, named
