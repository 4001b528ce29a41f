"""Candidates: a model's files on a machine. Which is the best, and how far off the others are.

The total order, best first: fits before tight, files that anybody may fetch, more parameters,
repository, preferred format, cheaper hour with several GPUs at one and a half times their price,
one GPU before several, offer. Walking models, formats and machines in that order, the first that
passes is the best; only where none passes is everything looked at.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from decimal import Decimal
from typing import NamedTuple

from engine.candidate import (
    Candidate,
    Standing,
    Unsupported,
    by_price,
    counted,
    runs_on,
    short_of,
)
from engine.contract import ConstraintCard, FitVerdict, ModelItem, Route
from engine.cost import Bill, affordable_hours, bill, caps_of, usage_of, within
from engine.disk import rented_gib
from engine.memory.fit import Load, Need, Sized, verdict
from engine.places import Place, places, usable
from engine.rules import Caps, Ruleset
from engine.run import Machine, Run
from engine.runtimes import Runtime
from engine.shelf import Files, Shelf

_ROOMY = (FitVerdict.fits, FitVerdict.tight)


class _Sizing(NamedTuple):
    """One model in one format."""

    model: ModelItem
    files: Files

    @property
    def name(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.model.repo, self.files.weights.scheme


class Search:
    """The ways to run models on one route for one card."""

    def __init__(
        self, card: ConstraintCard, route: Route, runtime: Runtime, rules: Ruleset, shelf: Shelf
    ) -> None:
        self.runtime = runtime
        self.load = Load(
            card.context_tokens,
            card.concurrency,
            runtime.keeps(card.kv_dtype),
            training=card.needs_fine_tuning and card.eval_failures_recorded,
        )
        self.rents = route is Route.rented_gpu
        self.places = places(card, route, runtime, shelf)
        self.caps = caps_of(card, rules.budget)
        self._usage = usage_of(card)
        self._budget = rules.budget
        self._providers = rules.runtimes
        self._shelf = shelf
        self._needs: dict[tuple[str, str, int], Need | None] = {}
        self._disks: dict[tuple[str, str], int] = {}

    def best(self, models: Sequence[ModelItem], *, named: bool) -> Candidate | Unsupported | None:
        """The best candidate or the nearest to one; None where nothing is known of their size."""
        tight: Candidate | None = None
        for sizing in self._sizings(models, named=named):
            found = self._cheapest(sizing)
            if found is not None and found.verdict is FitVerdict.fits:
                return found
            tight = tight or found
        return tight or self._nearest([*self._sizings(models, named=named)])

    def under(self, caps: Caps) -> "Search":
        """The same search under other caps; what is known of memory and disks is shared."""
        other = copy(self)
        other.caps = caps
        return other

    def cheapest_hour(self) -> Decimal:
        """The least price that counts, whatever its machine can hold."""
        return min(
            (p.hourly for p in self.places.every if p.hourly is not None), default=Decimal(0)
        )

    def need_on(self, place: Place, candidate: Candidate) -> Need:
        """What a candidate's files would need on another machine."""
        sizing = _Sizing(candidate.run.model, candidate.files)
        return self._need(sizing, self._used(sizing, place)) or candidate.need

    def bill_on(self, place: Place, candidate: Candidate) -> Bill | None:
        """What another machine would cost for a candidate's files; None where no price counts."""
        return self._bill(candidate.run, place, candidate.size)

    def _sizings(self, models: Sequence[ModelItem], *, named: bool) -> Iterator[_Sizing]:
        """Every model in every format it is published in; both come preferred first."""
        for model in models:
            for files in self._shelf.files(model, self.runtime, named=named):
                yield _Sizing(model, files)

    def _cheapest(self, sizing: _Sizing) -> Candidate | None:
        """The machine that passes at the least price; where it is tight only if it fits on none."""
        one = self._first(sizing, self.places.single)
        several = self._first(sizing, self.places.several, one)
        return min((c for c in (one, several) if c is not None), key=by_price, default=None)

    def _first(
        self, sizing: _Sizing, alike: Sequence[Place], beside: Candidate | None = None
    ) -> Candidate | None:
        """The same among machines in the order of their prices, as far as they can beat another."""
        tight: Candidate | None = None
        rival = by_price(beside) if beside else None
        for place in alike:
            if rival and rival[0] is False and counted(place) >= rival[1]:
                return tight
            if not runs_on(sizing.files.minimum, place.machine):
                continue
            need = self._need(sizing, self._used(sizing, place))
            if need is None or need.expected > place.capacity or place.unpriced:
                continue
            candidate = self._candidate(sizing, place, need)
            if candidate.standing is Standing.passes:
                if candidate.verdict is FitVerdict.fits:
                    return candidate
                tight = tight or candidate
            elif not self._hour_passes(place):
                return tight  # what is dearer passes no better; a month may, by its disk
        return tight

    def _nearest(self, sizings: Sequence[_Sizing]) -> Candidate | Unsupported | None:
        """What comes closest: within reach of a cap, else above a price, else the least too big."""
        places = (*self.places.single, *self.places.several)
        able = [(s, p) for s in sizings for p in places if runs_on(s.files.minimum, p.machine)]
        if not able:
            return self._unsupported(sizings)
        best: Candidate | None = None
        held: set[tuple[object, ...]] = set()
        for sizing, place in able:
            need = self._need(sizing, self._used(sizing, place))
            rate = self._providers.disk(place.offer.provider).usd if place.offer else None
            alike = (*sizing.name, place.machine.count > 1, place.unpriced, rate)
            if need is None or alike in held or _cannot_be_nearer(need, place, best):
                continue  # a dearer machine of the same sort, its disk too, stands no better
            candidate = self._candidate(sizing, place, need)
            if candidate.standing is not Standing.too_big:
                held.add(alike)
            if best is None or self._order(candidate) < self._order(best):
                best = candidate
        return best

    def _order(self, candidate: Candidate) -> tuple[object, ...]:
        """Nearest first: what stands in the way, the shortage, the price, then the order.

        The price is that of the cap which is missed: of the hour, else of the month with its disk.
        """
        offer, made = candidate.place.offer, candidate.bill
        price = offer.usd_per_hour if offer else Decimal(0)
        by_month = made is not None and self._hour_passes(candidate.place)
        return (
            candidate.standing,
            short_of(candidate),
            not by_month,
            made.monthly if made is not None and by_month else price,
            candidate.place.machine.count > 1,
            _ROOMY.index(candidate.verdict) if candidate.verdict in _ROOMY else len(_ROOMY),
            -candidate.run.model.architecture.params_total,
            offer.offer_id if offer else "",
        )

    def _unsupported(self, sizings: Sequence[_Sizing]) -> Unsupported:
        has = (place.machine.capability for place in self.places.every)
        needs = (sizing.files.minimum for sizing in sizings)
        return Unsupported(
            max((c for c in has if c is not None), default=None),
            min((m for m in needs if m is not None), default=None),
        )

    def _need(self, sizing: _Sizing, machine: Machine) -> Need | None:
        key = (*sizing.name, machine.count)
        if key not in self._needs:
            size = self._size(sizing, machine)
            self._needs[key] = size.need(self.load) if size else None
        return self._needs[key]

    def _size(self, sizing: _Sizing, machine: Machine) -> Sized | None:
        return self._shelf.sized(sizing.model, self.runtime, sizing.files, machine.count)

    def _candidate(self, sizing: _Sizing, place: Place, need: Need) -> Candidate:
        machine = self._used(sizing, place)
        size = self._size(sizing, machine)
        if size is None:  # a need is only made of a size
            raise AssertionError(sizing.model.repo)
        run = Run(sizing.model, sizing.files.weights, self.runtime, machine, place.offer)
        made = self._bill(run, place, size)
        room = verdict(need, place.capacity)
        return Candidate(
            run=run,
            files=sizing.files,
            place=place,
            size=size,
            need=need,
            verdict=room,
            standing=self._standing(place, room, made),
            bill=made,
        )

    def _used(self, sizing: _Sizing, place: Place) -> Machine:
        """The part of the machine that the runtime can split this model over."""
        return usable(place.machine, self.runtime, sizing.model.architecture)

    def _bill(self, run: Run, place: Place, size: Sized) -> Bill | None:
        if place.offer is None or place.hourly is None:
            return None
        disk = self._providers.disk(place.offer.provider)
        key = (run.model.repo, run.weights.scheme)
        if key not in self._disks:
            self._disks[key] = rented_gib(run)
        return bill(place.hourly, size, self._disks[key], self._usage, disk, self._budget)

    def _standing(self, place: Place, room: FitVerdict, made: Bill | None) -> Standing:
        if room not in _ROOMY:
            return Standing.too_big
        if place.offer is None:
            return Standing.passes
        if made is None:
            return Standing.unpriced
        if not self._hour_passes(place):
            return Standing.over_hour
        if within(made.monthly, self.caps.max_monthly):
            return Standing.passes
        cap = self.caps.max_monthly
        reachable = cap is not None and affordable_hours(made, cap) >= 1
        return Standing.over_month if reachable else Standing.over_hour

    def _hour_passes(self, place: Place) -> bool:
        """Whether the hour's price counts and keeps its cap; one's own machine has none."""
        if place.offer is None:
            return True
        return place.hourly is not None and within(place.hourly, self.caps.max_hourly)


def _cannot_be_nearer(need: Need, place: Place, best: Candidate | None) -> bool:
    """Told without a price: a machine that is too small, where something less short is known."""
    short = need.expected - place.capacity
    if best is None or short <= 0:
        return False
    return best.standing is not Standing.too_big or short > short_of(best)
