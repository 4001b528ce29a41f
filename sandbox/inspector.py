"""The record of what went over the wire between the workspace and the bot, secrets masked."""

import re
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sandbox.clock import SharedClock
from sandbox.model import Json

KEPT = 500
MASK = "***"
SECRET_KEYS = frozenset({"token", "x-slack-signature", "authorization", "client_secret"})
TOKEN = re.compile(r"\b(xox[a-z]|xapp)-[\w-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange, its direction seen from the bot. `ms` is real time."""

    n: int
    at: str
    direction: Literal["in", "out"]
    kind: str
    method_or_type: str
    request: Any
    response: Any
    status: int | None
    ms: float


class Inspector:
    """Keeps the last 500 exchanges."""

    def __init__(self, clock: SharedClock) -> None:
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0

    def add(
        self,
        direction: Literal["in", "out"],
        kind: str,
        method_or_type: str,
        *,
        request: Any,
        response: Any,
        status: int | None,
        seconds: float,
    ) -> None:
        """Record an exchange that has ended; a `status` of None means that no answer came."""
        self._count += 1
        self._entries.append(
            Entry(
                n=self._count,
                at=self._clock.now().isoformat(),
                direction=direction,
                kind=kind,
                method_or_type=method_or_type,
                request=masked(request),
                response=masked(response),
                status=status,
                ms=round(seconds * 1000, 1),
            )
        )

    @property
    def entries(self) -> list[Entry]:
        """All that is kept, newest last."""
        return list(self._entries)

    def after(self, n: int) -> list[Json]:
        """The entries younger than number `n`, newest last."""
        return [asdict(entry) for entry in self._entries if entry.n > n]


def masked(value: Any) -> Any:
    """A copy in which tokens and signatures cannot be read."""
    if isinstance(value, dict):
        return {k: MASK if k.lower() in SECRET_KEYS else masked(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return TOKEN.sub(MASK, value) if isinstance(value, str) else value
