import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.openai_server import Served, serving
from tests.capture.guarding import TOKEN, Clocks
from tests.capture.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def served() -> Served:
    return Served(answers=lambda prompt: f"You said: {prompt}")


@pytest.fixture
def endpoint(served: Served) -> Iterator[str]:
    with serving(served) as address:
        yield address


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Clocks]:
    """A machine at noon UTC; signals are as they were afterwards."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("OWROUTE_GUARD_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)
    time.tzset()
    handlers = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield Clocks()
    for number, handler in handlers.items():
        signal.signal(number, handler)
    monkeypatch.undo()
    time.tzset()
