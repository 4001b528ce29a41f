"""How fast a channel may be posted to: Slack takes one message a second, short bursts more."""

from bot.clock import Clock
from bot.domain.ids import ChannelId

PER_SECOND = 1.0
BURST = 3.0
"""A card, its detail and a line of history leave together."""


class Pace:
    """A token bucket per channel, in memory: after a restart Slack's own 429 decides."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[ChannelId, tuple[float, float]] = {}

    def wait(self, channel: ChannelId) -> float:
        """Seconds until the channel may be posted to; 0.0 takes a token."""
        now = self._clock.monotonic()
        tokens, since = self._buckets.get(channel, (BURST, now))
        tokens = min(BURST, tokens + max(0.0, now - since) * PER_SECOND)
        if tokens < 1.0:
            self._buckets[channel] = (tokens, now)
            return (1.0 - tokens) / PER_SECOND
        self._buckets[channel] = (tokens - 1.0, now)
        return 0.0
