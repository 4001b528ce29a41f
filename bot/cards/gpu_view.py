"""What a card about a GPU run needs to know, looked up and computed before anything is drawn."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.costs import NOTHING, Spent
from bot.domain.gpu import GpuRun
from bot.domain.shutdown import ShutdownPlan


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it is shown to one reader at `now`.

    `spent` is what this generation has cost. `projected` is what it costs from now until
    `projected_to`, the reader's next working morning; None where no price is known. `lists` is a
    GPU price from the table where the provider gave none.
    """

    run: GpuRun
    plan: ShutdownPlan
    now: datetime
    zone: str
    spent: Spent = NOTHING
    experiment: str | None = None
    hold: bool = False
    projected: Decimal | None = None
    projected_to: datetime | None = None
