"""A rented machine whose state follows from what was done to it and from the clock."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sandbox.model import Json

HOUR = timedelta(hours=1)


@dataclass
class Span:
    """A time during which the machine was paid for; `end` None goes on."""

    begin: datetime
    end: datetime | None = None


class Phase(StrEnum):
    """Where a machine stands, whatever its provider calls that."""

    BOOTING = "booting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    GONE = "gone"


@dataclass
class Rented(ABC):
    """What every provider's machine has: starts, ends, and a price that may change.

    It is paid for from its start, also while it boots (`boots_in`; None: it never does). A stop
    takes `stop_takes`; of a machine that `lies` the provider says that it stops it, and does not.
    `odd` replaces fields of the row that is sent.
    """

    id: str
    name: str
    gpu: str
    gpus: int
    created: datetime
    prices: list[tuple[datetime, Decimal]]
    boots_in: timedelta | None = timedelta(seconds=90)
    stop_takes: timedelta = timedelta(seconds=20)
    lies: bool = False
    odd: Json = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    removed: datetime | None = None

    def __post_init__(self) -> None:
        self.spans.append(Span(self.created))

    @property
    def begun(self) -> datetime:
        """The latest start."""
        return self.spans[-1].begin

    @abstractmethod
    def state(self, now: datetime) -> str:
        """The provider's own word for what it does."""

    def phase(self, now: datetime) -> Phase:
        """What it does, in words that hold for every provider."""
        if self.is_gone(now):
            return Phase.GONE
        if self.spans[-1].end is not None:
            return Phase.STOPPED if self.is_stopped(now) else Phase.STOPPING
        return Phase.RUNNING if self.is_up(now) else Phase.BOOTING

    def shown(self, now: datetime) -> Json:
        """The machine for a page: what it is and does, what it costs and has cost."""
        end = self.spans[-1].end
        return {
            "id": self.id, "name": self.name, "gpu": self.gpu, "gpus": self.gpus,
            "state": self.state(now), "phase": self.phase(now),
            "usd_per_hour": str(self.price(now)), "spent_usd": f"{self.spent(now):.2f}",
            "since": self.begun.isoformat(), "until": end and min(end, now).isoformat(),
            "stop_takes": self.stop_takes.total_seconds(), "lies": self.lies,
        }  # fmt: skip

    def price(self, now: datetime) -> Decimal:
        """US dollars per hour at a time."""
        return [usd for since, usd in self.prices if since <= now][-1]

    def is_stopped(self, now: datetime) -> bool:
        """Whether its last stop is done."""
        end = self.spans[-1].end
        return end is not None and end <= now

    def is_up(self, now: datetime) -> bool:
        """Whether it has booted."""
        return self.boots_in is not None and self.begun + self.boots_in <= now

    def is_gone(self, now: datetime) -> bool:
        """Whether it is listed no more."""
        return self.removed is not None and self.removed <= now

    def stop(self, now: datetime) -> None:
        """Begin its end; told again while it stops, nothing more happens."""
        if not self.lies and self.spans[-1].end is None:
            self.spans[-1].end = now + self.stop_takes

    def start(self, now: datetime) -> None:
        """Start a stopped machine again."""
        self.spans.append(Span(now))

    def remove(self, now: datetime) -> None:
        """Delete it, at once as far as the list goes."""
        if self.lies:
            return
        if not self.is_stopped(now):
            self.spans[-1].end = now
        self.removed = now

    def spent(self, now: datetime) -> Decimal:
        """US dollars for its running, to be compared with what the bot says."""
        total = Decimal(0)
        until = [since for since, _ in self.prices[1:]] + [now]
        for span in self.spans:
            for (since, usd), change in zip(self.prices, until, strict=True):
                begin, end = max(span.begin, since), min(span.end or now, change, now)
                total += usd * Decimal(max(end - begin, timedelta(0)) / HOUR)
        return total
