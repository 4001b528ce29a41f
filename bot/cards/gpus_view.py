"""What the list of GPU runs needs to know, looked up and summed before anything is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.gpu_view import RunView
from bot.domain.fleet import Billing, Provider
from bot.domain.gpu import GpuRun
from bot.domain.gpu_list import Asked, Totals
from bot.domain.gpu_rights import GpuPowers
from bot.domain.ids import UserId
from bot.domain.troubles import Trouble


@dataclass(frozen=True, slots=True)
class Line:
    """A run on a list, with what its reader may do to it."""

    view: RunView
    powers: GpuPowers

    @property
    def run(self) -> GpuRun:
        """The run itself."""
        return self.view.run

    @property
    def can_act(self) -> bool:
        """Whether its reader may do anything to it."""
        return self.powers.takes or self.powers.stops or self.powers.steers


@dataclass(frozen=True, slots=True)
class GpuListing:
    """The runs somebody asked for, what costs most per hour first, and their sums.

    `watched` are the providers that are asked, `troubles` the accounts that do not answer,
    `closed` those that refuse the key in some regions; `names` are those of owners, as Slack has
    them.
    """

    lines: Sequence[Line]
    totals: Totals
    asked: Asked
    watched: Sequence[Provider]
    troubles: Sequence[Trouble]
    closed: Sequence[Trouble]
    names: Mapping[UserId, str]
    hold: bool
    zone: str
    now: datetime

    @property
    def running(self) -> list[Line]:
        """What runs, or may."""
        return [line for line in self.lines if line.run.is_live]

    @property
    def stopped(self) -> list[Line]:
        """What is stopped and still costs its disk, or may."""
        may_cost = (Billing.STORAGE, Billing.UNKNOWN)
        return [x for x in self.lines if not x.run.is_live and x.run.billing in may_cost]
