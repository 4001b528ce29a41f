"""`owroute engine` as a process, and `owroute plan` that asks it by OWROUTE_ENGINE_URL."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.command import PLAIN, environment, ran

TOKEN = "a-token-for-the-engine"


@contextmanager
def engine(cwd: Path, **env: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A running engine on a free port, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "owroute", "engine", "--port", "0"],
        cwd=cwd, env=environment(env), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        events = (json.loads(line) for line in process.stderr)
        started = next(e for e in events if e["event"] == "engine.started")
        yield f"http://127.0.0.1:{started['port']}", process
    finally:
        process.kill()
        process.communicate()


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
