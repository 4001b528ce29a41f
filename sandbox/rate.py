"""How often Slack lets an app ask: per method by tier, and one message a second per channel."""

import math

from sandbox.clock import SharedClock
from sandbox.errors import RateLimited

MESSAGE_BURST = 3
TIER_BURST = {1: 10, 2: 20, 3: 50, 4: 100}
TIER_PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}


class RateLimits:
    """Token buckets on the clock of the workspace; `enabled` switches all of them off at once."""

    def __init__(self, clock: SharedClock) -> None:
        self.enabled = True
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take_method(self, method: str, tier: int) -> None:
        """Count a call of a method. Raises RateLimited."""
        self._take(method, TIER_BURST[tier], TIER_PER_MINUTE[tier] / 60)

    def take_message(self, channel_id: str) -> None:
        """Count a message to a channel: 1 a second, a short burst tolerated. Raises RateLimited."""
        self._take(f"message:{channel_id}", MESSAGE_BURST, 1.0)

    def _take(self, key: str, burst: int, per_second: float) -> None:
        if not self.enabled:
            return
        now = self._clock.monotonic()
        level, since = self._buckets.get(key, (float(burst), now))
        level = min(float(burst), level + max(0.0, now - since) * per_second)
        if level < 1:
            self._buckets[key] = (level, now)
            raise RateLimited(max(1, math.ceil((1 - level) / per_second)))
        self._buckets[key] = (level - 1, now)
