"""What somebody's Home needs to know, looked up and summed before anything is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.cards.gpus_view import Line
from bot.domain.costs import Spent
from bot.domain.evidence import Evidence, Progress
from bot.domain.home import Kind, Page, Pages
from bot.domain.ids import ChannelId
from bot.domain.needs import Need
from bot.domain.plans import Experiment
from bot.domain.watch import MonthlyCap, Watching


@dataclass(frozen=True, slots=True)
class GpuNeed:
    """A GPU run that waits for the reader."""

    kind: Kind
    line: Line


@dataclass(frozen=True, slots=True)
class PlanNeed:
    """An experiment that waits for the reader. `claims` are all its captures.

    `steers`: the reader may accept them.
    """

    kind: Kind
    need: Need
    claims: tuple[Evidence, ...] = ()
    steers: bool = True


HomeNeed = GpuNeed | PlanNeed


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """An open experiment of the reader. `spent` is by all its GPU runs, `per_hour` by live ones."""

    x: Experiment
    progress: Progress | None
    spent: Spent
    per_hour: Decimal
    has_run: bool = False


@dataclass(frozen=True, slots=True)
class OwnGpu:
    """A GPU run of the reader, with its cost since midnight where they are."""

    line: Line
    today: Spent


@dataclass(frozen=True, slots=True)
class Burn:
    """What some runs cost: per hour as they burn now, today, and how many have no price."""

    running: int
    per_hour: Decimal
    unpriced: int
    planless: int
    today: Spent


@dataclass(frozen=True, slots=True)
class Overview:
    """A channel as its lead sees it, or with `place` None the workspace as an admin does.

    `month` is spent since the first of the month, by the calendar its budget has; `late` counts
    experiments that miss evidence after a reminder. `lost` is the turn of its last digest, where
    nobody can say whether that arrived.
    """

    place: ChannelId | None
    burn: Burn
    month: Spent
    cap: MonthlyCap
    late: int
    lost: str | None = None


@dataclass(frozen=True, slots=True)
class HomeSeen:
    """Everything on one person's Home at `now`. `first`: they see it without knowing owroute."""

    needs: Page[HomeNeed]
    plans: Page[OwnPlan]
    gpus: Page[OwnGpu]
    burn: Burn
    overviews: Sequence[Overview]
    led: Sequence[ChannelId]
    watching: Watching
    zone: str
    now: datetime
    is_admin: bool = False
    first: bool = False

    @property
    def pages(self) -> Pages:
        """The pages that are shown, whichever were asked for."""
        return Pages(self.needs.number, self.plans.number, self.gpus.number)
