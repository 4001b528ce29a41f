"""What a machine may do with a token: send captures of one experiment, or guard one GPU run."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.gpu import GpuRun
from bot.domain.ids import ExperimentId, GpuId, TeamId, UserId

LIFE = timedelta(hours=24)
USES = 20
GUARD_EVERY = timedelta(minutes=1)
"""A guard is heard at most so often."""


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


@dataclass(frozen=True, slots=True)
class GuardToken:
    """The token of a guard, kept like the other kind: good until this start of its run ends."""

    sha256: str
    team: TeamId
    gpu: GpuId
    generation: int
    by: UserId
    made_at: datetime
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def is_good(self, run: GpuRun | None) -> bool:
        """Whether it opens anything; how often it may is asked separately."""
        if run is None or self.revoked_at is not None:
            return False
        return run.id == self.gpu and run.generation == self.generation and run.is_live
