"""One candidate: a model's files on a machine, how it stands, and what its machine counts as."""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from engine.contract import FitVerdict
from engine.cost import Bill
from engine.memory.fit import Need, Sized
from engine.places import Place
from engine.run import Machine, Run
from engine.shelf import Files

SEVERAL = Decimal("1.5")
"""What the hour of several GPUs counts as beside one: they are taken below two thirds of its price.

A third saved pays for what is worse about them: the memory of a split model is not measured, one
more thing has to work, and what they tell each other takes time.
"""


class Standing(IntEnum):
    """How good a candidate is: it passes, or what stands in its way; better ones come first."""

    passes = 0
    over_month = 1
    over_hour = 2
    unpriced = 3
    too_big = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model's files on a machine: what it needs, what there is, what it costs."""

    run: Run
    files: Files
    place: Place
    size: Sized
    need: Need
    verdict: FitVerdict
    standing: Standing
    bill: Bill | None


@dataclass(frozen=True, slots=True)
class Unsupported:
    """No machine of the route runs any format: the best capability there is and the least needed.

    Both None where the runtime has no format of these models, or there is no GPU to ask.
    """

    capability: Decimal | None = None
    minimum: Decimal | None = None


def runs_on(minimum: Decimal | None, machine: Machine) -> bool:
    """Whether the GPU's capability is enough for a format; asked before memory is."""
    if machine.gpu_id is None:
        return minimum is None
    if machine.capability is None:
        return False
    return minimum is None or machine.capability >= minimum


def counted(place: Place) -> Decimal:
    """The hour's price in the order of machines; one's own machine has none."""
    return (place.hourly or Decimal(0)) * (SEVERAL if place.machine.count > 1 else 1)


def by_price(candidate: Candidate) -> tuple[bool, Decimal, bool]:
    """Order of the cheapest single machine and the cheapest of several GPUs."""
    place = candidate.place
    return candidate.verdict is not FitVerdict.fits, counted(place), place.machine.count > 1


def short_of(candidate: Candidate) -> int:
    """Bytes missing on each GPU."""
    return max(candidate.need.expected - candidate.place.capacity, 0)
