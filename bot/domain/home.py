"""App Home: what is remembered of somebody's tab, what on it waits for them, and its pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from bot.domain.alerts import recipients
from bot.domain.gpu import GpuRun
from bot.domain.gpu_list import burns, lacks_plan
from bot.domain.ids import ExperimentId, TeamId, UserId
from bot.domain.plans import State
from bot.domain.shutdown import ShutdownPlan

MERGED = timedelta(seconds=10)
"""All changes within so long of what is somebody's own are drawn once."""

MERGED_FOR_ALL = timedelta(seconds=60)
"""The same of what they see beside many others: any run's, for an admin; what holds everywhere."""

APART = timedelta(seconds=1)
"""Views of those many are so far apart: Slack takes a hundred a minute."""

SETTLES = timedelta(seconds=5)
"""No transaction lives longer: whatever was changed in a slot can be read so long after it."""

KEPT_FRESH = timedelta(days=7)
"""What nobody has opened for so long is drawn when it is opened again."""

AT_WORK = timedelta(hours=1)
"""Who opened Home so lately may be looking at it."""

NEEDS, PLANS, GPUS, PLACES = 6, 8, 6, 5
"""So many of each stand on one page: all sections together stay under Slack's hundred blocks."""

Listed = TypeVar("Listed")


@dataclass(frozen=True, slots=True)
class Pages:
    """The page that each long section of a Home is turned to, from 0."""

    needs: int = 0
    plans: int = 0
    gpus: int = 0


FIRST = Pages()


@dataclass(frozen=True, slots=True)
class Page(Generic[Listed]):
    """One page of a list: what is shown, which page it is, and how much there is in all."""

    shown: Sequence[Listed]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return last_page(self.total, self.size)


def last_page(total: int, size: int) -> int:
    """The number of the last page of so many."""
    return max(0, (total - 1) // size)


def page_of(found: Sequence[Listed], wanted: int, size: int) -> Page[Listed]:
    """The page that was asked for; the last one where there are not so many any more."""
    number = min(max(0, wanted), last_page(len(found), size))
    return Page(found[number * size : (number + 1) * size], number, size, len(found))


@dataclass(frozen=True, slots=True)
class Tab:
    """Somebody's Home tab since they first opened it.

    `drawn` stands for the view that Slack took last, `hash` is Slack's own name for it, both empty
    before the first. `greeted`: they have read what owroute is.
    """

    team: TeamId
    user: UserId
    opened_at: datetime
    pages: Pages = FIRST
    drawn: str = ""
    hash: str = ""
    greeted: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """Slack took the view; `hash` is its name from now on."""

    hash: str


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Another view stands there by now than the one that was to be replaced."""


def slot_end(now: datetime, merged: timedelta = MERGED) -> datetime:
    """When the slot ends in which a change of now is merged with others."""
    seconds = int(merged.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, tz=now.tzinfo)


def slots(
    readers: Sequence[tuple[UserId, bool]], now: datetime, *, everyone: bool
) -> list[tuple[UserId, datetime, datetime]]:
    """(whose, end of the slot, when it is drawn) of Homes that a change of now concerns, in order.

    `readers`: whose, and whether it is about them. The others follow one another. As any change
    of any run concerns admins, their slot is as long as it takes to draw for all of them.
    """
    others = sum(not own for _, own in readers)
    merged = MERGED_FOR_ALL if everyone else max(MERGED_FOR_ALL, others * APART)
    found, turn = [], 0
    for user, own in readers:
        end = slot_end(now, MERGED if own else merged)
        found.append((user, end, end + SETTLES + turn * (timedelta(0) if own else APART)))
        turn += not own
    return found


class Kind(StrEnum):
    """Why something waits for somebody, in the order in which it stands on Home."""

    PLANLESS = "planless"  # a GPU that nobody is going to end
    ACCEPT = "accept"
    ATTACH = "attach"
    DECIDE = "decide"
    PROPOSED = "proposed"  # a default stop takes effect unless somebody keeps it
    LEAD_GPU = "lead_gpu"  # others were asked about a GPU in vain
    LEAD = "lead"  # others were asked for evidence in vain


ORDER = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Asks:
    """An experiment that waits for somebody: so many items to accept, so many to attach.

    With neither it is complete, and waits to be decided.
    """

    experiment: ExperimentId
    state: State
    claimed: int
    lacking: int

    @property
    def kind(self) -> Kind:
        """What of it comes first."""
        if self.claimed:
            return Kind.ACCEPT
        return Kind.ATTACH if self.lacking else Kind.DECIDE


def in_order(asks: Iterable[Asks]) -> list[Asks]:
    """What waits to be accepted, to be attached, to be decided; the newest of each first."""
    return sorted(asks, key=lambda a: (ORDER.index(a.kind), -a.experiment))


def gpu_asks(
    run: GpuRun,
    plan: ShutdownPlan,
    user: UserId,
    lead: UserId | None,
    admins: tuple[UserId, ...],
    now: datetime,
) -> Kind | None:
    """What a run wants of somebody: of its owner a plan; of others once pings go to them.

    While somebody wants quiet about it, nothing: it stands among the GPUs all the same.
    """
    if plan.proposed and burns(run) and user in (run.owner, lead):
        return Kind.PROPOSED
    if not lacks_plan(run, plan) or run.is_snoozed(now):
        return None
    if run.owner == user:
        return Kind.PLANLESS
    asked = recipients(run.owner, lead, admins, run.pings) if run.pings else ()
    return Kind.LEAD_GPU if user in asked else None


def seen_of_run(run: GpuRun) -> tuple[object, ...]:
    """What of a run stands on a Home: with another of these it is drawn anew."""
    return (
        run.label, run.owner, run.state, run.billing, run.price_per_hour, run.disowned,
        run.generation, run.plan_version, run.pings, run.stopping, run.can_stop,
        run.reading.grade, run.reading.stops_at,
    )  # fmt: skip
