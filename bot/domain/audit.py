"""What the audit remembers: who did what to what, and when."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import UserId


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, numbered in the order of writing. `actor` None is owroute itself."""

    id: int
    at: datetime
    actor: UserId | None
    action: str
    subject: str
    before: str
    after: str
