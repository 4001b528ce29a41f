"""What a person has set for themselves: their clock, their nights, and what they need not hear."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.schedule import QuietHours


class Mute(StrEnum):
    """What somebody may turn off for themselves.

    Never among it: a stop that failed, a budget that is spent, a warning before a stop.
    """

    GPUS = "gpus"  # pings and notes about GPU runs, budgets before they are spent
    EVIDENCE = "evidence"  # being mentioned in evidence reminders
    DIGEST = "digest"  # an admin's copy of the workspace's weekly digest


@dataclass(frozen=True, slots=True)
class Own:
    """A person's own settings. `tz` None is Slack's; `usual`: the installation's quiet hours.

    `admin`: another admin has named this person one, beside those whom Slack calls so.
    """

    tz: str | None = None
    usual: bool = True
    quiet: QuietHours | None = None
    mutes: frozenset[Mute] = frozenset()
    admin: bool = False

    def quiet_of(self, installation: QuietHours | None) -> QuietHours | None:
        """The hours in which this person is not disturbed; None: there are none."""
        return installation if self.usual else self.quiet


AS_IT_COMES = Own()
