"""Evidence reminders: who is listed, whom it names, and when the next one comes."""

from dataclasses import dataclass, replace
from datetime import datetime

NAME_LEAD_AFTER = 3
"""Reminders that listed an experiment before the channel's lead is named beside its owner."""


@dataclass(frozen=True, slots=True)
class Reminding:
    """How often an experiment was listed, and whether somebody wants quiet about it."""

    times: int = 0
    snoozed_until: datetime | None = None
    muted: bool = False

    def is_quiet(self, now: datetime) -> bool:
        """Whether it is left out of reminders just now."""
        return self.muted or (self.snoozed_until is not None and now < self.snoozed_until)

    @property
    def names_lead(self) -> bool:
        """Whether the next reminder names the lead too."""
        return self.times >= NAME_LEAD_AFTER

    def listed(self) -> "Reminding":
        """After one more reminder that listed it."""
        return replace(self, times=self.times + 1, snoozed_until=None)

    def snoozed(self, until: datetime) -> "Reminding":
        """Quiet until then."""
        return replace(self, snoozed_until=until)


@dataclass(frozen=True, slots=True)
class Standing:
    """The one reminder that stands in a channel: its subject in the outbox, and its version."""

    subject: str
    version: int
