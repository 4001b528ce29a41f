"""The guard: when it stops the machine, what it hears, and what it says when it cannot."""

import ast
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from capture import guard_script
from tests.capture.guarding import HOUR, NOON, TOKEN, Bot, Clocks, run
from tests.capture.machine import SCRIPT, Machine

GUARD = SCRIPT.with_name("owroute_guard.py")


def test_it_is_python_3_8_and_the_standard_library() -> None:
    text = GUARD.read_text("utf-8")
    tree = ast.parse(text, feature_version=(3, 8))
    names = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    names += [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    assert {n.partition(".")[0] for n in names} <= sys.stdlib_module_names | {"owroute_capture"}
    assert len(text.splitlines()) <= 175
    assert max(map(len, text.splitlines())) <= 100
    assert guard_script() == text


@pytest.mark.parametrize(
    ("until", "after"),
    [
        ("18:00", timedelta(hours=6)),
        ("9:30", timedelta(hours=21, minutes=30)),
        ("12:00", timedelta(hours=24)),
        ("+2h", timedelta(hours=2)),
        ("+2h30m", timedelta(minutes=150)),
        ("+90m", timedelta(minutes=90)),
        ("+45s", timedelta(seconds=45)),
        ("2026-11-24T15:00+01:00", timedelta(hours=2)),
        ("2026-11-24T14:00:00Z", timedelta(hours=2)),
        ("2026-11-25T12:00-05:00", timedelta(hours=29)),
    ],
)
def test_when_it_stops(
    clocks: Clocks, until: str, after: timedelta, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(clocks, until) == 0
    assert abs(clocks.gone - after) < timedelta(seconds=1)
    assert Path("stopped").read_text() == "done\n"
    first, *_, last = capsys.readouterr().out.splitlines()
    assert f"OW-12 stops at {NOON + after:%Y-%m-%d %H:%M:%S} UTC" in first
    assert "by: echo done >> stopped" in first
    assert "the command ended well" in last


def test_a_local_time_is_in_the_machines_zone_also_across_its_change(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    clocks.seconds = NOON.replace(month=10, day=31, hour=20).timestamp()  # 16:00 there
    assert run(clocks, "06:00") == 0
    assert clocks.now == NOON.replace(month=11, day=1, hour=11)  # 06:00 in winter time
    assert clocks.gone == timedelta(hours=15)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("OW-12", "--until", "25:00", "--stop", "x"), "hour"),
        (("OW-12", "--until", "tomorrow", "--stop", "x"), "Invalid isoformat"),
        (("OW-12", "--until", "+", "--stop", "x"), "Invalid isoformat"),
        (("OW-12", "--until", "+90", "--stop", "x"), "Invalid isoformat"),
        (("OW-12", "--until", "2031-11-24T18:00", "--stop", "x"), "needs its zone"),
        (("OW-12", "--until", "2020-11-24T18:00Z", "--stop", "x"), "has passed"),
        (("OW-12", "--until", "+1h", "--stop", " "), "the command"),
        (("12", "--until", "+1h", "--stop", "x"), "as in OW-12"),
        (("OW-12", "--until", "+1h"), "--stop"),
        (("OW-12", "--stop", "x"), "--until"),
        ((), "experiment"),
        (("OW-12", "--until", "+1h", "--stop", "x", "--ask", "https://b.example/guard"), "TOKEN"),
    ],
)
def test_what_cannot_be_used_is_said(
    machine: Machine, arguments: tuple[str, ...], said: str
) -> None:
    ran = machine.run("guard", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err.rpartition("error:")[2]
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://bot.example/guard",
        "http://localhost@evil.example/x",
        "http://127.0.0.1.example/x",
        "https://owroute.example.org@evil.example/x",
    ],
)
def test_the_token_goes_over_https_or_stays_here(machine: Machine, elsewhere: str) -> None:
    arguments = ("guard", "OW-12", "--until", "+1h", "--stop", "x", "--ask", elsewhere)
    ran = machine.run(*arguments, OWROUTE_GUARD_TOKEN=TOKEN)
    assert (ran.code, ran.out) == (2, "")
    assert "--ask needs an https address" in ran.err
    assert TOKEN not in ran.err


def test_the_one_command_line_runs_it_for_real(machine: Machine) -> None:
    ran = machine.run("guard", "OW-12", "--until", "+1s", "--stop", "echo bye $POD > gone", POD="7")
    assert ran.code == 0, ran.err
    assert (machine.home / "gone").read_text() == "bye 7\n"


def test_without_the_file_beside_it_the_name_of_the_file_is_said(
    machine: Machine, tmp_path: Path
) -> None:
    alone = tmp_path / "alone" / SCRIPT.name
    alone.parent.mkdir()
    shutil.copy(SCRIPT, alone)
    done = subprocess.run(
        [sys.executable, str(alone), "guard", "OW-12"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"owroute_guard.py" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("until", "jump", "after"),
    [
        ("14:00", -2 * HOUR, 2 * HOUR),  # set back: the hours are counted
        ("14:00", HOUR / 2, 1.5 * HOUR),  # set forward: it is 14:00 sooner
        ("+2h", -2 * HOUR, 2 * HOUR),
        ("+2h", 5 * HOUR, 2 * HOUR),
    ],
)
def test_a_clock_that_is_set_meanwhile(
    clocks: Clocks, until: str, jump: timedelta, after: timedelta
) -> None:
    def set_once(now: Clocks) -> None:
        if now.gone >= timedelta(minutes=20):
            now.seconds += jump.total_seconds()
            now.on_tick = lambda _: None

    clocks.on_tick = set_once
    assert run(clocks, until) == 0
    assert abs(clocks.gone - after) < timedelta(seconds=62)


def test_a_command_that_fails_is_tried_again_and_told_loudly(
    clocks: Clocks, capsys: pytest.CaptureFixture[str]
) -> None:
    bot = Bot(clocks, until=NOON + HOUR)
    stop = "echo x >> tries; [ $(wc -l < tries) -ge 6 ]"
    with bot.listening() as address:
        assert run(clocks, "13:00", "--ask", address, stop=stop) == 0
    said = capsys.readouterr().out
    assert Path("tries").read_text() == "x\n" * 6
    assert said.count("NOT STOPPED, STILL BILLING") == 3
    assert "(exit code 1), try 1" in said
    late = clocks.gone - HOUR
    assert timedelta(minutes=3) <= late <= timedelta(minutes=5)
    failed = [b["failed"] for b in bot.heard]
    assert failed.index(True) > 10
    assert failed[-1] is True


def test_the_command_does_not_get_the_token(clocks: Clocks) -> None:
    bot = Bot(clocks, until=NOON + HOUR)
    with bot.listening() as address:
        assert run(clocks, "13:00", "--ask", address, stop="env > environment") == 0
    assert TOKEN not in Path("environment").read_text()


def test_variables_that_are_not_set_are_named_at_once(
    clocks: Clocks, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = 'x=$(true); echo "$RUNPOD_POD_ID ${OTHER_ONE} $PATH $$ $?" > /dev/null'
    assert run(clocks, "13:00", stop=stop) == 0
    assert "is not set here: OTHER_ONE RUNPOD_POD_ID\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, None)]
)
def test_signals(tmp_path: Path, number: signal.Signals, code: int | None) -> None:
    process = subprocess.Popen(
        [sys.executable, str(GUARD), "OW-12", "--until", "+3s", "--stop", "echo x > stopped"],
        cwd=tmp_path, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert "OW-12 stops at" in process.stdout.readline()
    os.kill(process.pid, number)
    said, _ = process.communicate(timeout=20)
    if code is None:  # the terminal was closed: it goes on
        assert process.returncode == 0
        assert (tmp_path / "stopped").exists()
        return
    assert process.returncode == code
    assert f"ended by {number.name}: nothing here stops this machine any more" in said
    assert not (tmp_path / "stopped").exists()


def test_a_terminal_that_is_gone_does_not_end_it(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(GUARD), "OW-12", "--until", "+3s", "--stop", "echo x > stopped"],
        cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while b"\n" not in seen:
        seen += os.read(ours, 1_000)
    os.close(ours)
    assert process.wait(timeout=60) == 0
    assert b"OW-12 stops at" in seen
    assert (tmp_path / "stopped").exists()
