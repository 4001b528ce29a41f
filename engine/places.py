"""Where a card may run on a route: its own machine, a free notebook, or what may be rented."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from engine.contract import (
    Architecture,
    AvailableRoute,
    ConstraintCard,
    HardwareSpec,
    OfferItem,
    Privacy,
    Route,
    Tenancy,
)
from engine.memory.parallel import parallel
from engine.price_age import PriceAge
from engine.regions import asked_in
from engine.run import Machine
from engine.runtimes import Runtime
from engine.shelf import Priced, Shelf, cpu

COMMUNITY, DEDICATED = "community", "dedicated"
"""Tiers: anybody's machine, and a host for one customer."""

GUARDED = frozenset({Privacy.private_docs, Privacy.regulated})

ANY_REGION = "any"


class Place(NamedTuple):
    """A machine with the bytes of each device that a runtime may fill, and its offer if rented.

    `hourly` is None where the price is not counted with.
    """

    machine: Machine
    capacity: int
    offer: OfferItem | None = None
    age: PriceAge | None = None
    hourly: Decimal | None = None

    @property
    def unpriced(self) -> bool:
        """Whether it is rented at a price that does not count."""
        return self.offer is not None and self.hourly is None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a card asks of a machine to rent; None and empty ask nothing."""

    providers: frozenset[str] | None
    tenancy: Tenancy | None
    guarded: bool
    region: str
    gpu: tuple[str, int] | None

    def takes(self, offer: OfferItem) -> bool:
        """Whether the machine may be used at all, whatever it costs."""
        return (
            (self.providers is None or offer.provider in self.providers)
            and self._host_allowed(offer.tier)
            and (self.gpu is None or self.gpu == (offer.gpu_id, offer.gpu_count))
            and (not self.region or self._in_region(offer.region))
        )

    def _host_allowed(self, tier: str) -> bool:
        if self.tenancy is Tenancy.dedicated:
            return tier == DEDICATED
        return tier != COMMUNITY or not (self.guarded or self.tenancy is Tenancy.secure)

    def _in_region(self, region: str) -> bool:
        """A region by its whole name or how it begins; where any can be had, this one can."""
        return region == ANY_REGION or asked_in(self.region, region)


@dataclass(frozen=True, slots=True)
class Places:
    """Machines from the cheapest on; `single` have one device, `several` more.

    Of these, by GPU and count, only the first of equal ones. Those whose disks cost differently
    are kept apart, and priced and unpriced ones, so that none hides one that passes.
    """

    every: tuple[Place, ...]
    single: tuple[Place, ...]
    several: tuple[Place, ...]


def places(card: ConstraintCard, route: Route, runtime: Runtime, shelf: Shelf) -> Places:
    """Machines of a route; none where nothing is named or may be rented."""
    match route:
        case Route.local_cpu:
            return _of((_place(cpu(card.hardware), runtime),), shelf)
        case Route.local_gpu | Route.private_gpu:
            own = shelf.own(card.hardware)
            return _of((_place(own, runtime),) if own else (), shelf)
        case Route.free_colab:
            return _of((_place(shelf.colab(), runtime),), shelf)
        case Route.rented_gpu:
            return _rented(card, runtime, shelf)


def wanted(card: ConstraintCard) -> Wanted:
    """What the card asks of a rented machine.

    A named GPU is one to rent, save on an undecided card, where it is the team's own.
    """
    providers = set(card.providers_allowed) or None
    if card.privacy is Privacy.regulated:
        approved = set(card.regulated_providers)
        providers = approved if providers is None else providers & approved
    spec = card.hardware if card.available_route is not AvailableRoute.undecided else None
    return Wanted(
        providers=None if providers is None else frozenset(providers),
        tenancy=card.tenancy,
        guarded=card.privacy in GUARDED,
        region=(card.region or "").lower(),
        gpu=_gpu(spec),
    )


def _rented(card: ConstraintCard, runtime: Runtime, shelf: Shelf) -> Places:
    asked = wanted(card)
    if card.price_seen is None:
        return shelf.kept(
            (card.as_of, runtime.id, asked),
            lambda: _of(_offered(shelf.on_day(card.as_of), asked, runtime), shelf),
        )
    offers = (_seen(priced, card) for priced in shelf.on_day(card.as_of))
    found = _offered(offers, asked, runtime)
    return _of(sorted(found, key=lambda p: (p.machine.count > 1, *_cheapest(p))), shelf)


def _of(found: Sequence[Place], shelf: Shelf) -> Places:
    kinds: dict[tuple[object, ...], Place] = {}
    for place in found:
        machine, offer = place.machine, place.offer
        disk = shelf.runtimes.disk(offer.provider).usd if offer else None
        kinds.setdefault((machine.gpu_id, machine.count, place.hourly is None, disk), place)
    first = tuple(kinds.values())
    single = tuple(place for place in first if place.machine.count == 1)
    several = tuple(place for place in first if place.machine.count > 1)
    return Places(tuple(sorted(found, key=_cheapest)), single, several)


def _offered(offers: Iterable[Priced], asked: Wanted, runtime: Runtime) -> tuple[Place, ...]:
    found = (
        _place(
            priced.machine,
            runtime,
            priced.offer,
            priced.age,
            None if priced.age is PriceAge.expired else priced.offer.usd_per_hour,
        )
        for priced in offers
        if asked.takes(priced.offer)
    )
    return tuple(found)


def _place(
    machine: Machine,
    runtime: Runtime,
    offer: OfferItem | None = None,
    age: PriceAge | None = None,
    hourly: Decimal | None = None,
) -> Place:
    capacity = int(machine.usable * runtime.memory.share)
    return Place(machine, capacity, offer, age, hourly)


def usable(machine: Machine, runtime: Runtime, shape: Architecture | None = None) -> Machine:
    """Tensor parallelism takes as many GPUs as divide the model's heads; the others stay idle."""
    if runtime.memory.split == "layers" or machine.count == 1:
        return machine
    count = parallel(machine.count, shape)
    return machine if count == machine.count else _part(machine, count)


@lru_cache(maxsize=64)
def _part(machine: Machine, count: int) -> Machine:
    return replace(machine, count=count, idle=machine.idle + machine.count - count)


def _seen(priced: Priced, card: ConstraintCard) -> Priced:
    """The offer at the price that a person has just read, if it is this one."""
    seen = card.price_seen
    if seen is None or seen.offer_id != priced.offer.offer_id:
        return priced
    today: date = card.as_of or priced.offer.as_of
    offer = priced.offer.model_copy(update={"usd_per_hour": seen.hourly, "as_of": today})
    return Priced(offer, PriceAge.fresh, priced.machine)


def _gpu(spec: HardwareSpec | None) -> tuple[str, int] | None:
    return (spec.gpu_id, spec.gpu_count) if spec and spec.gpu_id else None


def _cheapest(place: Place) -> tuple[Decimal, str]:
    """Also by a price that does not count."""
    return (place.offer.usd_per_hour if place.offer else Decimal(0), _id(place))


def _id(place: Place) -> str:
    return place.offer.offer_id if place.offer else ""
