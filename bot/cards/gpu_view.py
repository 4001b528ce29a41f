"""What a card about a GPU run needs to know, looked up and computed before anything is drawn."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.domain.costs import NOTHING, Spent
from bot.domain.gpu import GpuRun
from bot.domain.ids import UserId
from bot.domain.shutdown import ShutdownPlan
from bot.domain.watch import NO_CAP, MonthlyCap


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it is shown to one reader at `now`.

    `spent` is what this generation has cost. `projected` is what it costs from now until
    `projected_to`, the reader's next working morning; None where no price is known. `reader` is
    whose direct message it stands in, None in a channel; `priced_on` the day of a list price.
    `shut`: its provider lets nothing be ended with the key there is; `unread`: it cannot be read.
    `cap` is what its experiment may cost in all, where somebody has set that.
    """

    run: GpuRun
    plan: ShutdownPlan
    now: datetime
    zone: str
    spent: Spent = NOTHING
    experiment: str | None = None
    hold: bool = False
    shut: bool = False
    unread: bool = False
    projected: Decimal | None = None
    projected_to: datetime | None = None
    reader: UserId | None = None
    priced_on: date | None = None
    cap: MonthlyCap = NO_CAP
