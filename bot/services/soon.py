"""The fast path: what a durable row guarantees anyway, done at once so that nobody waits."""

from bot.domain.plans import Experiment
from bot.services.background import Background
from bot.services.decisions import PublishPlan
from bot.services.outbox import DrainOutbox


class Soon:
    """Starts work behind an acknowledgement; the tick does the same after a crash."""

    def __init__(self, *, background: Background, publish: PublishPlan, drain: DrainOutbox) -> None:
        self._background = background
        self._publish = publish
        self._drain = drain

    def publish(self, x: Experiment) -> None:
        """Decide the newest card and send what comes of it."""

        async def work() -> None:
            await self._publish.now(x)
            await self._drain()

        self._background(f"publish:{x.id}", work)

    def send(self) -> None:
        """Send what has just been queued."""
        self._background("drain", self._drain)
