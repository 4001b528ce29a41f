"""The fast path: what a durable row guarantees anyway, done at once so that nobody waits."""

from bot.clock import Clock
from bot.domain.plans import Experiment
from bot.services.background import Background
from bot.services.decisions import PublishPlan
from bot.services.due import RunDue
from bot.services.outbox import DrainOutbox

PATIENCE_SECONDS = 3.0
"""What has to wait longer is left to the tick."""

FOLLOW_UPS = 5


class Soon:
    """Starts work behind an acknowledgement; the tick does the same after a crash."""

    def __init__(
        self,
        *,
        background: Background,
        publish: PublishPlan,
        due: RunDue,
        drain: DrainOutbox,
        clock: Clock,
    ) -> None:
        self.background = background
        self._publish = publish
        self._due = due
        self._drain = drain
        self._clock = clock

    def publish(self, x: Experiment) -> None:
        """Decide the newest card and send what comes of it."""

        async def work() -> None:
            await self._publish.now(x)
            await self._send()

        self.background(f"publish:{x.id}", work)

    def work(self) -> None:
        """Do what has just fallen due, and send what comes of it."""

        async def work() -> None:
            await self._send()
            await self._due()
            await self._send()

        self.background("due", work)

    def send(self) -> None:
        """Send what has just been queued."""
        self.background("send", self._send)

    async def _send(self) -> None:
        """Send, and come back for what had to wait a moment: the tick is further away."""
        await self._drain()
        for _ in range(FOLLOW_UPS):
            wait = self._drain.put_back()
            if wait is None or wait > PATIENCE_SECONDS:
                return
            await self._clock.sleep(wait)
            await self._drain()
