"""Choosing a family and its model on a route; of every other family why it was not taken.

A model that the card names makes its family the only one considered. Otherwise families are tried
in the order of the route, and the first with a candidate that passes is taken.

Of rented machines a smaller budget class never takes the dearer one: where the plan of a larger
class costs less by the hour and by the month, and the smaller one's caps allow it, it is taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.candidate import Candidate, Standing, Unsupported
from engine.candidates import Search
from engine.contract import (
    BudgetLevel,
    ConstraintCard,
    ModelItem,
    RejectionCode,
    Route,
)
from engine.cost import Bill, caps_of
from engine.licenses import Reading, Use, use_of
from engine.outcome import Numbers, Outcome, capabilities, forbidden, over, too_large, too_long
from engine.rules import Caps, Family, Ruleset
from engine.runtimes import Runtime
from engine.shelf import Shelf
from engine.units import BILLION

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
        return _unnamed(judge, families)
    family_id = shelf.catalog.family_of(card.model_repo) or rules.families.uncatalogued
    named = judge.named(rules.families.families[family_id])
    outcomes = tuple(
        named if f.id == family_id else Outcome(f, code=RejectionCode.not_first_fit)
        for f in families
    )
    return Choice(outcomes, _first((named,)), named, search)


def _unnamed(judge: "_Families", families: Sequence[Family]) -> Choice:
    """What the card's budget class takes; on rented machines beside what larger ones would."""
    outcomes = tuple(judge.unnamed(family) for family in families)
    own = _first(outcomes)
    made = _bill(own)
    if own is None or made is None or made.hourly <= judge.search.cheapest_hour():
        return Choice(outcomes, own, None, judge.search)
    taken = _undercut(own, _of_larger_classes(judge, families), judge.search.caps)
    told = tuple(taken if o.family.id == taken.family.id else o for o in outcomes)
    return Choice(told, taken, None, judge.search)


def _of_larger_classes(judge: "_Families", families: Sequence[Family]) -> list[Outcome]:
    """What each class above the card's takes, the largest first."""
    levels = list(BudgetLevel)
    found: list[Outcome] = []
    for level in reversed(levels[levels.index(judge.card.budget_level) + 1 :]):
        other = judge.at(level)
        own = _first(tuple(_until_one_passes(other, families)))
        found += [_undercut(own, found, other.search.caps)] if own else []
    return found


def _until_one_passes(judge: "_Families", families: Sequence[Family]) -> Iterator[Outcome]:
    for family in families:
        outcome = judge.unnamed(family)
        yield outcome
        if outcome.candidate is not None and outcome.candidate.standing is Standing.passes:
            return


def _undercut(own: Outcome, larger: Sequence[Outcome], caps: Caps) -> Outcome:
    """The plan of a larger class, if one costs less by the hour and by the month; else the own one.

    What the caps allow of the others is then not cheaper by both, and what they do not allow is
    dearer by one: so a class never takes what is dearer by both than the plan of a larger class.
    """
    taken, least = own, _bill(own)
    for outcome in larger:
        bill = _bill(outcome)
        passes = outcome.candidate is not None and outcome.candidate.standing is Standing.passes
        if bill and least and passes and bill.keeps(caps) and bill.undercuts(least):
            taken, least = outcome, bill
    return taken


def _bill(outcome: Outcome | None) -> Bill | None:
    return outcome.candidate.bill if outcome and outcome.candidate else None


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

    def at(self, level: BudgetLevel) -> "_Families":
        """The same for the card in another budget class."""
        card = self.card.model_copy(update={"budget_level": level})
        return replace(self, card=card, search=self.search.under(caps_of(card, self.rules.budget)))

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
            return forbidden(family, reading, model)
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
            return too_large(family, allowed, ceiling)
        context = self.card.context_tokens
        long = [m for m in small if context <= m.architecture.native_context]
        if not long:
            return too_long(family, small, context)
        return self._searched(family, long, None)

    def _unallowed(self, family: Family, use: Use) -> Outcome:
        """A team may have removed all models of a family; else their licences forbid the use."""
        for model in self.shelf.catalog.in_family(family.id):
            return forbidden(family, self.shelf.reading(model, use), model)
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
                family, code=RejectionCode.hardware_unsupported, numbers=capabilities(found),
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
                return over(found, self.search.caps)
            case _:
                return {}
