"""`owroute capture`: the script and the line to run it."""

from pathlib import Path

import pytest

from owroute.cli import run
from tests.cli.command import ran

SCRIPT = Path(__file__).parents[2] / "capture/owroute_capture.py"


def test_the_script_is_printed_byte_for_byte(tmp_path: Path) -> None:
    done = ran("capture", "--print", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == SCRIPT.read_bytes()


@pytest.mark.parametrize("typed", ["OW-12", "ow-12", "12"])
def test_the_line_to_run(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capture", "--line", typed]) == 0
    line = capsys.readouterr().out
    assert line.startswith("python3 owroute_capture.py OW-12 --endpoint http://127.0.0.1:8000/v1 ")
    assert run(["capture", "--line", typed, "--private"]) == 0
    assert capsys.readouterr().out == line.replace("\n", " --private\n")


@pytest.mark.parametrize(
    "typed", [[], ["--print", "--line", "OW-1"], ["--print", "--private"], ["--private"]]
)
def test_one_of_both_is_asked_for(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capture", *typed]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "--print" in said.err
    assert "--line OW-12" in said.err


@pytest.mark.parametrize("label", ["OW-0", "GPU", ""])
def test_what_is_no_experiment(label: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capture", "--line", label]) == 2
    assert f"{label} is no experiment" in capsys.readouterr().err


def test_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "zh", "capture", "--help"]) == 0
    assert "采集证据" in capsys.readouterr().out
