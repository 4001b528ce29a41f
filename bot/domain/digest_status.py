"""How a place's weekly digest stands."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.digest_when import DigestMode
from bot.domain.ids import ChannelId


@dataclass(frozen=True, slots=True)
class DigestStatus:
    """For whoever asks. Weeks are those of their turns, such as `2026-W45`.

    `lost` is the last digest's, where nobody can say whether it arrived; `leads`: the reader may
    pause, resume and send again.
    """

    place: ChannelId | None
    mode: DigestMode
    next_at: datetime
    zone: str
    posted_week: str | None
    lost: str | None
    leads: bool
