"""`tools/venv` on machines that have too little: what it does, and what it says."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools/venv"


def make(venv: Path, python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(SCRIPT), str(venv)],
        env={"PATH": "/usr/bin:/bin", "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def pretend(folder: Path, name: str, refusing: str) -> str:
    """A Python that is this one, save that it fails on code matching the shell pattern."""
    fake = folder / name
    fake.write_text(
        f'#!/bin/sh\ncase "$*" in {refusing}) exit 1;; esac\nexec "{sys.executable}" "$@"\n',
        encoding="utf-8",
    )
    fake.chmod(0o755)
    return str(fake)


def test_an_environment_with_pip_comes_out(tmp_path: Path) -> None:
    made = make(tmp_path / "venv", sys.executable)
    assert made.returncode == 0, made.stderr
    pip = [str(tmp_path / "venv/bin/python"), "-m", "pip", "--version"]
    assert subprocess.run(pip, capture_output=True, check=False).returncode == 0


def test_one_that_works_is_left_alone(tmp_path: Path) -> None:
    make(tmp_path / "venv", sys.executable)
    (tmp_path / "venv/mine").touch()
    assert make(tmp_path / "venv", "/no/such/python").returncode == 0
    assert (tmp_path / "venv/mine").exists()


@pytest.mark.parametrize(
    ("refusing", "sentence"),
    [
        ("*version_info*", "needs Python 3.11 or newer"),
        ('*"import ensurepip"*|*"import pip"*', "apt-get install python3-venv"),
    ],
)
def test_too_little_is_answered_with_the_next_step(
    tmp_path: Path, refusing: str, sentence: str
) -> None:
    made = make(tmp_path / "venv", pretend(tmp_path, "python", refusing))
    assert made.returncode == 1
    assert sentence in made.stderr
    assert not (tmp_path / "venv").exists()
