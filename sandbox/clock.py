"""The one clock of the local workspace, which can be moved and which other processes can follow.

What it holds is an offset in a small file. Whoever opens the same file sees the same time, so a bot
in a process of its own moves with the page.
"""

import asyncio
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


class SharedClock:
    """Real time plus an offset, or, frozen, an instant that moves only by `advance`."""

    def __init__(
        self, path: Path, *, frozen_at: datetime | None = None, behind: timedelta = timedelta(0)
    ) -> None:
        """Follow the file at `path`, making it where it is missing, `behind` the real time.

        `frozen_at` (aware) writes a frozen clock there, replacing what was in the file.
        """
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._offset = 0.0
        self._frozen_at: datetime | None = None
        if frozen_at is not None:
            self._write(0.0, frozen_at.astimezone(UTC))
        elif not path.exists():
            self._write(0.0 - behind.total_seconds(), None)

    def now(self) -> datetime:
        """The current instant of the workspace, aware, in UTC."""
        self._follow()
        return (self._frozen_at or datetime.now(UTC)) + timedelta(seconds=self._offset)

    def monotonic(self) -> float:
        """Seconds that never run backwards and are moved along by `advance`."""
        self._follow()
        return self._offset if self._frozen_at else time.monotonic() + self._offset

    async def sleep(self, seconds: float) -> None:
        """Wait, unless time stands still: then nothing would come of waiting."""
        await asyncio.sleep(0 if self.is_frozen else seconds)

    @property
    def offset(self) -> timedelta:
        """How far the clock was moved."""
        self._follow()
        return timedelta(seconds=self._offset)

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still between two calls of `advance`."""
        self._follow()
        return self._frozen_at is not None

    def advance(self, by: timedelta) -> None:
        """Move the clock forward. Raises ValueError for a step back."""
        if by < timedelta(0):
            raise ValueError("a clock is only moved forward")
        self._follow()
        self._write(self._offset + by.total_seconds(), self._frozen_at)

    def _follow(self) -> None:
        """Read the file again if it is another one than last time (replaced, never rewritten)."""
        found = os.stat(self._path)  # noqa: PTH116 - asked on every reading, and Path.stat costs twice
        if (found.st_ino, found.st_mtime_ns) == self._seen:
            return
        held: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        frozen_at = held["frozen_at"]
        self._offset = held["offset_seconds"]
        self._frozen_at = datetime.fromisoformat(frozen_at) if frozen_at else None
        self._seen = (found.st_ino, found.st_mtime_ns)

    def _write(self, offset: float, frozen_at: datetime | None) -> None:
        held = {"offset_seconds": offset, "frozen_at": frozen_at and frozen_at.isoformat()}
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        draft.write_text(json.dumps(held), encoding="utf-8")
        draft.replace(self._path)


def stopwatch() -> float:
    """Real seconds, never moved: how long a bot takes to answer is measured with it."""
    return time.perf_counter()
