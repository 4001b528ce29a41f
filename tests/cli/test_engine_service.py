"""`owroute engine` as a process, and `owroute plan` that asks it by OWROUTE_ENGINE_URL."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from operator import methodcaller
from pathlib import Path
from typing import Any

import httpx
import pytest

from owroute import workers
from tests.cli.command import PLAIN, environment, ran

TOKEN = "a-token-for-the-engine"


def launched(cwd: Path, *arguments: str, **env: str) -> subprocess.Popen[str]:
    """The engine as a process, on a free port."""
    return subprocess.Popen(
        [sys.executable, "-m", "owroute", "engine", "--port", "0", *arguments],
        cwd=cwd, env=environment(env), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def events(process: subprocess.Popen[str], last: str) -> list[dict[str, Any]]:
    """What it logs, up to an event of this name."""
    assert process.stderr is not None
    found: list[dict[str, Any]] = []
    for line in process.stderr:
        found.append(json.loads(line))
        if found[-1]["event"] == last:
            return found
    raise AssertionError(f"no {last} in {found}")


@contextmanager
def engine(cwd: Path, **env: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A running engine on a free port, and its address."""
    process = launched(cwd, **env)
    try:
        started = events(process, "engine.started")[-1]
        assert started["workers"] == 1
        yield f"http://127.0.0.1:{started['port']}", process
    finally:
        process.kill()
        process.communicate()


@dataclass
class Crew:
    """An engine with two workers: its address, its process, and the workers' ids."""

    url: str
    watcher: subprocess.Popen[str]
    workers: list[int]

    def answers(self) -> bool:
        """Whether a new connection is answered within a second."""
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False, timeout=1).is_success
        except httpx.HTTPError:
            return False


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    process = launched(tmp_path, "--workers", "2")
    ids: list[int] = []
    try:
        found = events(process, "engine.started")
        assert found[-1]["workers"] == 2
        ids = [e["pid"] for e in found if e["event"] == "engine.worker_ready"]
        yield Crew(f"http://127.0.0.1:{found[-1]['port']}", process, ids)
    finally:
        for pid in ids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        process.terminate()
        process.communicate(timeout=20)


def gone(pid: int) -> bool:
    """Whether no such process is left, within ten seconds."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with engine(tmp_path_factory.mktemp("engine"), OWROUTE_ENGINE_TOKEN=TOKEN) as (url, _):
        yield url


@pytest.mark.parametrize(
    "arguments",
    [("--json",), (), ("--view", "lesson"), ("--available-route", "rented_gpu"), ("--lang", "zh")],
)
def test_an_engine_elsewhere_and_the_one_inside_say_the_same(
    arguments: tuple[str, ...], address: str, tmp_path: Path
) -> None:
    elsewhere = {"OWROUTE_ENGINE_URL": address, "OWROUTE_ENGINE_TOKEN": TOKEN}
    there = ran("plan", *PLAIN, *arguments, cwd=tmp_path, env=elsewhere)
    here = ran("plan", *PLAIN, *arguments, cwd=tmp_path)
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
    assert there.stdout


def test_the_address_may_stand_in_the_env_file(address: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OWROUTE_ENGINE_URL={address}\n", "utf-8")
    done = ran("plan", *PLAIN, cwd=tmp_path)
    assert done.returncode == 5
    assert b"does not accept our token" in done.stderr


def test_an_engine_that_is_down_is_said_and_ends_with_5(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    done = ran("plan", *PLAIN, cwd=tmp_path, env={"OWROUTE_ENGINE_URL": url})
    assert (done.returncode, done.stdout) == (5, b"")
    assert done.stderr.decode().startswith(f"The route engine at {url} gave no usable answer")


def test_a_malformed_address_is_said_without_repeating_it(tmp_path: Path) -> None:
    done = ran("plan", *PLAIN, cwd=tmp_path, env={"OWROUTE_ENGINE_URL": "ftp://secret"})
    assert done.returncode == 2
    assert done.stderr.startswith(b"OWROUTE_ENGINE_URL is not an address")
    assert b"secret" not in done.stderr


def test_it_answers_to_its_bearer_only(address: str) -> None:
    assert httpx.get(f"{address}/readyz", trust_env=False).status_code == 200
    assert httpx.get(f"{address}/v1/families", trust_env=False).status_code == 401
    headers = {"authorization": f"Bearer {TOKEN}"}
    answer = httpx.get(f"{address}/v1/families", headers=headers, trust_env=False)
    assert answer.status_code == 200


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_told(sign: signal.Signals, tmp_path: Path) -> None:
    with engine(tmp_path) as (url, process):
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
        process.send_signal(sign)
        assert process.wait(timeout=20) == 0


def test_each_of_two_workers_answers_on_the_one_port(crew: Crew) -> None:
    assert len(set(crew.workers)) == 2
    assert crew.watcher.pid not in crew.workers
    for stopped in crew.workers:
        os.kill(stopped, signal.SIGSTOP)
        assert crew.answers(), "the other one does"
        os.kill(stopped, signal.SIGCONT)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_all_workers_end_when_the_service_is_told(sign: signal.Signals, crew: Crew) -> None:
    assert crew.answers()
    crew.watcher.send_signal(sign)
    assert crew.watcher.wait(timeout=10) == 0
    assert all(gone(pid) for pid in crew.workers)
    assert not crew.answers()


def test_a_worker_that_dies_is_said_and_started_again(crew: Crew) -> None:
    dead, other = crew.workers
    os.kill(dead, signal.SIGKILL)
    said = events(crew.watcher, "engine.worker_ready")
    (died,) = [e for e in said if e["event"] == "engine.worker_died"]
    assert (died["pid"], died["exit"], died["level"]) == (dead, -9, "error")
    ready = said[-1]
    os.kill(other, signal.SIGSTOP)
    assert ready["pid"] not in crew.workers
    assert crew.answers()


def test_workers_do_not_outlive_whoever_watches_them(crew: Crew) -> None:
    crew.watcher.kill()
    crew.watcher.wait(timeout=10)
    assert all(gone(pid) for pid in crew.workers)


async def test_a_worker_that_ends_before_it_is_ready_ends_the_service() -> None:
    ended_at_once = methodcaller("close")
    started: list[bool] = []
    with pytest.raises(workers.WorkerFailed):
        await workers.Crew(ended_at_once, 2, lambda: started.append(True)).serve(asyncio.Event())
    assert not started


@pytest.mark.parametrize("number", ["0", "65", "many"])
def test_a_number_of_workers_that_makes_no_sense_is_turned_away(
    number: str, tmp_path: Path
) -> None:
    done = ran("engine", "--workers", number, cwd=tmp_path)
    assert done.returncode == 2
    assert b"--workers" in done.stderr


def test_beyond_the_loopback_without_a_token_it_warns(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "owroute", "engine", "--host", "0.0.0.0", "--port", "0"],  # noqa: S104  # the warning is about it
        cwd=tmp_path, env=environment({}), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    first = process.stderr.readline()
    process.terminate()
    process.communicate(timeout=20)
    assert first.startswith("Careful: on 0.0.0.0 anybody")


@pytest.mark.parametrize("command", ["engine", "serve"])
def test_a_port_that_is_taken_is_said(command: str, tmp_path: Path) -> None:
    settings = {"SLACK_BOT_TOKEN": "xoxb-made-up", "SLACK_SIGNING_SECRET": "made-up"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        option = ("--port", port) if command == "engine" else ()
        env = {**settings, "OWROUTE_PORT": port, "SLACK_API_URL": "http://127.0.0.1:9/api/"}
        done = ran(command, *option, cwd=tmp_path, env=env)
    assert done.returncode == 1
    last = done.stderr.decode().splitlines()[-1]
    assert last.startswith(f"owroute cannot listen on port {port} of 127.0.0.1")
