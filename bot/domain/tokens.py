"""Tokens with which a machine may send a capture: claim-only, short-lived, for one experiment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.ids import ExperimentId, TeamId, UserId

LIFE = timedelta(hours=24)
USES = 20


class TokenKind(StrEnum):
    """What a token is for."""

    CAPTURE = "capture"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: the SHA-256 (hex) of its 32 random bytes, never the bytes."""

    sha256: str
    team: TeamId
    experiment: ExperimentId
    kind: TokenKind
    by: UserId
    made_at: datetime
    expires_at: datetime
    uses: int = 0
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything; how often it was used is asked separately."""
        return self.revoked_at is None and self.made_at <= now < self.expires_at
