"""Choosing a family and its model on a route; of every other family why it was not taken.

A model that the card names makes its family the only one considered. Otherwise families are tried
in the order of the route, and the first with a candidate that passes is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.candidates import Candidate, Search, Standing, Unsupported
from engine.contract import (
    ConstraintCard,
    ModelItem,
    RejectionCode,
    Route,
)
from engine.cost import cents
from engine.licenses import Reading, Use, use_of
from engine.rules import Family, Ruleset
from engine.runtimes import Runtime
from engine.shelf import Shelf
from engine.units import BILLION

Numbers = dict[str, int | str]

_TAKEN = (Standing.passes, Standing.over_month, Standing.unpriced)
"""What can be planned, if with a change; the first of the best kind is chosen."""

_STANDS: dict[Standing, RejectionCode] = {
    Standing.passes: RejectionCode.not_first_fit,
    Standing.over_month: RejectionCode.over_budget,
    Standing.unpriced: RejectionCode.no_offer,
    Standing.over_hour: RejectionCode.over_budget,
    Standing.too_big: RejectionCode.does_not_fit,
}


UNASKED = (
    RejectionCode.route_not_supported,
    RejectionCode.runtime_not_serving,
    RejectionCode.needs_latency_check,
    RejectionCode.model_card_check_required,
)
"""Families that are out whatever else is on the card."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One family on one route: its candidate, or `code` with the numbers that decided it."""

    family: Family
    candidate: Candidate | None = None
    code: RejectionCode | None = None
    numbers: Numbers = field(default_factory=dict)
    reading: Reading | None = None
    model: ModelItem | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """All families in the order of the route; `named` is the one of the model on the card."""

    outcomes: tuple[Outcome, ...]
    chosen: Outcome | None
    named: Outcome | None
    search: Search

    @property
    def candidate(self) -> Candidate | None:
        """What is planned, or for a named model what comes closest to it."""
        told = self.chosen or self.named
        return told.candidate if told else None

    @property
    def reading(self) -> Reading | None:
        """The licence of the model that is planned or named, or that leaves nothing else."""
        told = self.chosen or self.named or self.forbidden
        return told.reading if told else None

    @property
    def forbidden(self) -> Outcome | None:
        """The first family, where licences forbid every one that could be chosen otherwise."""
        able = [o for o in self.outcomes if o.code not in UNASKED]
        refused = [o for o in able if o.code is RejectionCode.license]
        return refused[0] if refused and len(refused) == len(able) else None

    @property
    def over_hour(self) -> Candidate | None:
        """The cheapest candidate above a cap, where nothing else can be planned."""
        found = (o.candidate for o in self.outcomes if o.candidate and not self.chosen)
        above = [c for c in found if c.standing is Standing.over_hour]
        return min(above, key=lambda c: c.place.hourly or 0, default=None)


def choose(
    card: ConstraintCard, route: Route, runtime: Runtime, rules: Ruleset, shelf: Shelf
) -> Choice:
    """The choice on one route; the card's own route is not read."""
    search = Search(card, route, runtime, rules, shelf)
    families = rules.families.on(route)
    judge = _Families(card, route, rules, shelf, search)
    if card.model_repo is None:
        outcomes = tuple(judge.unnamed(family) for family in families)
        return Choice(outcomes, _first(outcomes), None, search)
    family_id = shelf.catalog.family_of(card.model_repo) or rules.families.uncatalogued
    named = judge.named(rules.families.families[family_id])
    outcomes = tuple(
        named if f.id == family_id else Outcome(f, code=RejectionCode.not_first_fit)
        for f in families
    )
    return Choice(outcomes, _first((named,)), named, search)


def named_reading(card: ConstraintCard, shelf: Shelf) -> Reading | None:
    """The licence of the model on the card, if it names one."""
    if card.model_repo is None:
        return None
    model = shelf.catalog.named(card)
    if model is None:
        return shelf.reading_of((card.license_id or "", None), use_of(card))
    return shelf.reading(model, use_of(card))


def hindrance(
    card: ConstraintCard, route: Route, family: Family, rules: Ruleset
) -> RejectionCode | None:
    """Serving is asked first: another GPU route would not help a family that cannot serve."""
    on_gpu = rules.routes.routes[route].gpu
    if card.needs_service_api and on_gpu and not family.serves:
        return RejectionCode.runtime_not_serving
    return None if route in family.routes else RejectionCode.route_not_supported


def _first(outcomes: Sequence[Outcome]) -> Outcome | None:
    """The first of the best standing; a price that does not count is no way round a cap."""
    found = [(o.candidate.standing, o) for o in outcomes if o.candidate]
    best = min((standing for standing, _ in found), default=Standing.too_big)
    return next((o for standing, o in found if standing is best and best in _TAKEN), None)


@dataclass(frozen=True, slots=True)
class _Families:
    """Judges families one by one."""

    card: ConstraintCard
    route: Route
    rules: Ruleset
    shelf: Shelf
    search: Search

    def named(self, family: Family) -> Outcome:
        """The family of the model on the card: that model, whatever its size and context."""
        code = hindrance(self.card, self.route, family, self.rules)
        model = self.shelf.catalog.named(self.card)
        reading = named_reading(self.card, self.shelf)
        if model is None or reading is None:
            return Outcome(family, code=code or RejectionCode.arch_unknown, reading=reading)
        if code is not None:
            return Outcome(family, code=code, reading=reading, model=model)
        if reading.refused:
            return _forbidden(family, reading, model)
        return self._searched(family, (model,), reading)

    def unnamed(self, family: Family) -> Outcome:
        """A family the engine may choose from: licence, size and context before memory."""
        code = hindrance(self.card, self.route, family, self.rules) or family.only_when_named
        if code is not None:
            return Outcome(family, code=code)
        use = use_of(self.card)
        allowed = self.shelf.allowed(family.id, use)
        if not allowed:
            return self._unallowed(family, use)
        ceiling = (self.rules.budget.sizes[self.card.budget_level] or 0) * BILLION
        small = [m for m in allowed if not ceiling or m.architecture.params_total <= ceiling]
        if not small:
            return _too_large(family, allowed, ceiling)
        context = self.card.context_tokens
        long = [m for m in small if context <= m.architecture.native_context]
        if not long:
            return _too_long(family, small, context)
        return self._searched(family, long, None)

    def _unallowed(self, family: Family, use: Use) -> Outcome:
        """A team may have removed all models of a family; else their licences forbid the use."""
        for model in self.shelf.catalog.in_family(family.id):
            return _forbidden(family, self.shelf.reading(model, use), model)
        return Outcome(family, code=RejectionCode.arch_unknown)

    def _searched(
        self, family: Family, models: Sequence[ModelItem], reading: Reading | None
    ) -> Outcome:
        named = reading is not None
        only = models[0] if named else None
        if not self.search.places.every:
            return Outcome(family, code=RejectionCode.no_offer, reading=reading, model=only)
        found = self.search.best(models, named=named)
        if found is None:
            return Outcome(family, code=RejectionCode.arch_unknown, reading=reading, model=only)
        if isinstance(found, Unsupported):
            return Outcome(
                family, code=RejectionCode.hardware_unsupported, numbers=_capabilities(found),
                reading=reading, model=only,
            )  # fmt: skip
        model = found.run.model
        reading = reading or self.shelf.reading(model, use_of(self.card))
        code = _STANDS[found.standing]
        return Outcome(family, found, code, self._numbers(found), reading, model=model)

    def _numbers(self, found: Candidate) -> Numbers:
        match found.standing:
            case Standing.too_big:
                return {"need_high": found.need.high, "capacity": found.place.capacity}
            case Standing.over_hour | Standing.over_month:
                return _over(found, self.search)
            case _:
                return {}


def _too_large(family: Family, models: Sequence[ModelItem], ceiling: int) -> Outcome:
    least = min(model.architecture.params_total for model in models)
    numbers: Numbers = {"params_total": least, "ceiling": ceiling}
    return Outcome(family, code=RejectionCode.over_budget, numbers=numbers)


def _too_long(family: Family, models: Sequence[ModelItem], context: int) -> Outcome:
    longest = max(model.architecture.native_context for model in models)
    numbers: Numbers = {"context": context, "native": longest}
    return Outcome(family, code=RejectionCode.context_too_long, numbers=numbers)


def _over(found: Candidate, search: Search) -> Numbers:
    """Which cap is missed: the price of an hour, else what a month comes to, against it."""
    hourly = found.place.hourly
    caps = search.caps
    if hourly is not None and caps.max_hourly is not None and hourly > caps.max_hourly:
        asked, cap = hourly, caps.max_hourly
        return {"hourly": str(asked), "cap": str(cap), "gap": str(asked - cap)}
    if found.bill is not None and caps.max_monthly is not None:
        asked, cap = found.bill.monthly, caps.max_monthly
        return {"monthly": str(cents(asked)), "cap": str(cap), "gap": str(cents(asked - cap))}
    return {}


def _forbidden(family: Family, reading: Reading, model: ModelItem) -> Outcome:
    numbers: Numbers = {"license_id": reading.license_id}
    if reading.limit is not None:
        numbers["limit"] = reading.limit
    return Outcome(
        family, code=RejectionCode.license, numbers=numbers, reading=reading, model=model
    )


def _capabilities(found: Unsupported) -> Numbers:
    """Both or neither: a GPU without CUDA has no capability to compare."""
    if found.capability is None or found.minimum is None:
        return {}
    return {"capability": str(found.capability), "minimum": str(found.minimum)}
