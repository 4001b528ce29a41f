"""A guard in this process, on clocks of the test's own, and the address it asks."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.openai_server import Served, serving
from tests.capture.machine import SCRIPT

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOKEN = "t0ken-of-ow-12"


def guard_module() -> Any:
    """`owroute_guard`, found where it lies: beside `owroute_capture`."""
    folder = str(SCRIPT.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module("owroute_guard")


@dataclass
class Clocks:
    """A machine's clocks: `sleep` moves both on; `on_tick` is what happens meanwhile."""

    seconds: float = NOON.timestamp()
    counted: float = 1_000.0
    slept: list[float] = field(default_factory=list)
    on_tick: Callable[["Clocks"], None] = lambda _: None

    def wall(self) -> float:
        return self.seconds

    def ticks(self) -> float:
        return self.counted

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        self.counted += seconds
        self.on_tick(self)

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    @property
    def gone(self) -> timedelta:
        """How long it has really been."""
        return timedelta(seconds=self.counted - 1_000)


@dataclass
class Bot:
    """An owroute that answers a stop time; `until` None: it is silent."""

    clocks: Clocks
    until: datetime | None = None
    status: int = 200
    ahead: timedelta = timedelta(0)
    """How far its clock is ahead of the machine's."""
    served: Served = field(default_factory=Served)
    at: list[datetime] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Its address."""
        self.served.reply = self._reply
        with serving(self.served) as found:
            yield found.removesuffix("/v1") + "/guard"

    def _reply(self, _path: str) -> tuple[int, dict[str, str], str]:
        now = self.clocks.now + self.ahead
        self.at.append(self.clocks.now)
        if self.until is None or self.status != 200:
            return (self.status if self.status != 200 else 503), {}, ""
        told = {"until": self.until.isoformat(), "now": now.isoformat()}
        return 200, {"Content-Type": "application/json"}, json.dumps(told)

    @property
    def heard(self) -> list[dict[str, Any]]:
        """What it was told."""
        return [body for _, _, body in self.served.asked]


def run(clocks: Clocks, until: str, *more: str, stop: str = "echo done >> stopped") -> int:
    """Guard until the command ends well; the exit code."""
    arguments = ["OW-12", "--until", until, "--stop", stop, *more]
    return int(guard_module().main(arguments, clocks))
