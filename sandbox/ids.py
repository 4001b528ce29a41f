"""Identifiers in Slack's shapes. Opaque to everybody, and repeatable when a seed is given."""

import hashlib
import secrets
import uuid
from collections import Counter
from datetime import datetime

BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ID_LENGTH = 10


class Ids:
    """Counts what was given out, by kind, and hashes the count with the seed of this run."""

    def __init__(self, seed: str | None = None) -> None:
        """Without a seed two runs share no id: a bot that kept its database meets no stranger."""
        self._seed = seed or secrets.token_hex(8)
        self._counts: Counter[str] = Counter()

    def _digest(self, kind: str) -> bytes:
        self._counts[kind] += 1
        return hashlib.sha256(f"{self._seed}:{kind}:{self._counts[kind]}".encode()).digest()

    def of(self, prefix: str) -> str:
        """An id such as `V0PKB1ZFV2`, `F..`, `D..` or `Ev..`: the prefix, a zero, then base 36."""
        letters = "".join(BASE36[byte % 36] for byte in self._digest(prefix))
        return f"{prefix}0{letters[: ID_LENGTH - 2]}"

    def short(self, kind: str, length: int = 5) -> str:
        """A few mixed-case characters, as in view hashes and in block ids that Slack invents."""
        letters = self._digest(kind).hex()
        return "".join(c.upper() if i % 2 else c for i, c in enumerate(letters[:length]))

    def trigger(self) -> str:
        """A trigger id such as `133.244.0a1b2c3d`."""
        digest = self._digest("trigger")
        return f"{digest[0]}{digest[1]}.{digest[2]}{digest[3]}.{digest[4:16].hex()}"

    def hash(self, now: datetime) -> str:
        """A view hash such as `1764000001.aB3dE`, new for every change."""
        return f"{int(now.timestamp())}.{self.short('hash')}"

    def envelope(self) -> str:
        """A UUID for a Socket Mode envelope."""
        return str(uuid.UUID(bytes=self._digest("envelope")[:16], version=4))

    def secret(self, kind: str) -> str:
        """A long unguessable path segment for response and upload addresses."""
        return self._digest(kind).hex()[:24]


class Timestamps:
    """Message times: seconds with six decimals, as a string, rising and unique per channel."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, channel: str, now: datetime) -> str:
        """The `ts` of a message that enters `channel` now."""
        wanted = int(now.timestamp()) * 1_000_000 + now.microsecond
        micros = max(wanted, self._last.get(channel, 0) + 100)
        self._last[channel] = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"
