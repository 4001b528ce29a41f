"""Values of a card's fields that would pass where a rule stands in the way, as far as known."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import chain

from engine.candidate import Candidate, Standing
from engine.choice import UNASKED, Choice
from engine.conflicts import FIXES, Judgement, judge
from engine.contract import (
    AvailableRoute,
    BudgetLevel,
    ConstraintCard,
    HardwareSpec,
    Route,
    Severity,
    Status,
)
from engine.cost import Bill, affordable_hours
from engine.nearest import nearest
from engine.rules import PassingField, Ruleset
from engine.say import plain
from engine.shelf import Shelf

_OF_THE_MODEL = {
    "model_repo": None,
    "revision": None,
    "architecture": None,
    "license_id": None,
    "license_review": None,
    "price_seen": None,
}
"""What a card says of the model it names, taken off it."""


_ALONE = frozenset({"available_route", "needs_service_api", "providers_allowed", "region"})
"""Fields of which one is enough: what is tried after it is left as it is, as the route is."""


_HOURS = frozenset({"session_hours", "days_per_month", "hours_per_day", "always_on"})
"""Fields that pass together: what stays of them as it is belongs to what changes."""


def passing_values(
    names: tuple[PassingField, ...], judgement: Judgement, rules: Ruleset, shelf: Shelf
) -> dict[str, bool | int | str]:
    """The fields for which something that passes was found: as many as a Fix has inputs."""
    found: dict[str, bool | int | str] = {}
    for name in names:
        enough = len(found) == FIXES or (found and (name in _ALONE or _ALONE & found.keys()))
        value = None if enough else _PROPOSE[name](judgement, rules, shelf)
        if value is not None:
            found[name] = value
    whole = {**found, **_in_their_way(found, judgement)}
    new = {name for name, value in whole.items() if not _said_already(name, value, judgement.card)}
    return {n: v for n, v in whole.items() if n in new or (n in _HOURS and _HOURS & new)}


def _said_already(name: str, value: bool | int | str, card: ConstraintCard) -> bool:
    """Whether the card has this value, so that nothing would change."""
    has = getattr(card, name)
    if name == "hardware":
        return has is not None and has.gpu_id == value
    if isinstance(has, Decimal):
        return not card.always_on and has == Decimal(str(value))
    return bool(has == value)


def _in_their_way(
    found: Mapping[str, bool | int | str], judgement: Judgement
) -> dict[str, bool | int | str]:
    """What else of the card's hours has to give way to a session that is proposed."""
    made = _bill(judgement) if "session_hours" in found else None
    if made is None:
        return {}
    card = judgement.card
    day = {"hours_per_day": plain(_daily(judgement, *made))} if card.hours_per_day else {}
    return {**day, "always_on": False} if card.always_on else {**day}


def without_model(card: ConstraintCard) -> ConstraintCard:
    """The card with the model left to the engine."""
    return card.model_copy(update=_OF_THE_MODEL)


def another_model(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> Candidate | None:
    """The best model that passes on this route, whatever model the card names.

    Where the card is refused before anything is chosen, the first of the other routes counts too.
    """
    card = without_model(judgement.card)
    if card == judgement.card:
        return None
    others = () if judgement.choice else (r for r in Route if r is not judgement.route)
    tried = chain(
        (judge(card, judgement.route, rules, shelf),),
        (elsewhere(card, route, rules, shelf) for route in others),
    )
    found = (other.choice.candidate for other in tried if other.choice)
    return next((c for c in found if c and c.standing is Standing.passes), None)


def moved(card: ConstraintCard, route: Route) -> ConstraintCard:
    """The card on a route; what a team has is not what it would rent, nor the other way round."""
    asked = AvailableRoute(route.value)
    changes: dict[str, object] = {"available_route": asked}
    if card.available_route is not asked:
        if route is Route.rented_gpu:
            changes["hardware"] = None
        elif card.available_route is AvailableRoute.rented_gpu:
            changes["hardware"] = _without_gpu(card.hardware)
    return card.model_copy(update=changes)


def _without_gpu(spec: HardwareSpec | None) -> HardwareSpec | None:
    """What a card says of the team's own machine beside the GPU that it would rent."""
    if spec is None or not (spec.ram_gib or spec.disk_gib):
        return None
    return spec.model_copy(update={"gpu_id": None, "gpu_count": 1})


def elsewhere(card: ConstraintCard, route: Route, rules: Ruleset, shelf: Shelf) -> Judgement:
    """The card on another route, as if it had asked for it."""
    return judge(moved(card, route), route, rules, shelf)


def _model(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> str | None:
    other = another_model(judgement, rules, shelf)
    return other.run.model.repo if other else None


def _context(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> int | None:
    """The most tokens, of those worth trying, with which something can be planned.

    Of a named model that is not looked for on this route, what it was made for.
    """
    choice = judgement.choice
    if choice is None:
        return None
    shorter = [n for n in _contexts(choice, shelf) if 0 < n < judgement.card.context_tokens]
    if choice.named is not None and choice.named.candidate is None:
        return next(iter(shorter), None)
    for tokens in shorter:
        card = judgement.card.model_copy(update={"context_tokens": tokens})
        if can_be_planned(judge(card, judgement.route, rules, shelf)):
            return tokens
    return None


def _contexts(choice: Choice, shelf: Shelf) -> list[int]:
    """Longest first: what the memory holds, and what models were made for as far as it goes."""
    models = shelf.catalog.models.models.values()
    usual = {model.architecture.native_context for model in models}
    load = choice.search.load
    found = [o.candidate for o in choice.outcomes if o.candidate]
    held = {c.size.most_context(load, c.place.capacity) for c in found}
    model = choice.named.model if choice.named else None
    if model is None:
        return sorted(usual | held, reverse=True)
    limits = {model.architecture.native_context, *held}
    return sorted({n for n in usual if n < min(limits)} | {min(limits)}, reverse=True)


def _bill(judgement: Judgement) -> tuple[Bill, Decimal] | None:
    choice = judgement.choice
    made = choice.candidate.bill if choice and choice.candidate else None
    cap = choice.search.caps.max_monthly if choice else None
    return (made, cap) if made is not None and cap is not None else None


def _days(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> int | None:
    """Days of the planned length that the monthly cap pays for; one where it pays for less."""
    found = _bill(judgement)
    if found is None:
        return None
    made, cap = found
    days = int(affordable_hours(made, cap) / _daily(judgement, *found))
    return max(min(days, judgement.card.days_per_month), 1)


def _hours(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> str | None:
    """Hours of a session that the monthly cap pays for on the days of `_days`."""
    found = _bill(judgement)
    if found is None:
        return None
    daily, asked = _daily(judgement, *found), judgement.card.session_hours
    return plain(daily if asked is None or judgement.card.always_on else min(asked, daily))


def _daily(judgement: Judgement, made: Bill, cap: Decimal) -> Decimal:
    longest = Decimal(8) if judgement.card.always_on else made.usage.per_day
    return min(longest, Decimal(affordable_hours(made, cap)))


def _route(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> str | None:
    """The best other route on which something can be planned, or could be once it is completed."""
    others = [elsewhere(judgement.card, r, rules, shelf) for r in Route if r is not judgement.route]
    best = min(filter(can_be_planned, others), key=preference, default=None)
    return best.route.value if best else None


def can_be_planned(judgement: Judgement) -> bool:
    """Whether a route is worth offering: not refused, and something runs on the machines it has.

    A route whose hardware is not named yet stays open.
    """
    choice = judgement.choice
    if judgement.refusal or choice is None:
        return False
    unnamed = not (choice.search.places.every or choice.search.rents)
    hindered = choice.named is not None and choice.named.code in UNASKED
    return bool(choice.chosen) or (unnamed and not hindered)


def _hardware(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> str | None:
    """The id of the GPU that was meant most likely; of several sizes the smallest."""
    spec = judgement.card.hardware
    typed = spec.gpu_id if spec else None
    known = shelf.catalog.hardware
    near = known.near(typed) if typed else ()
    if typed and known.called(typed):
        return min(near, key=lambda name: (known.hardware[name].nominal_gb, name))
    return next(iter(near), None)


def _budget(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> str | None:
    """The lowest higher budget with which something can be planned on this route."""
    levels = list(BudgetLevel)
    for level in levels[levels.index(judgement.card.budget_level) + 1 :]:
        card = judgement.card.model_copy(update={"budget_level": level})
        if _chooses(card, judgement, rules, shelf):
            return level.value
    return None


def _service(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> bool | None:
    """False where something can be planned on this route without a service."""
    card = judgement.card.model_copy(update={"needs_service_api": False})
    asked = judgement.card.needs_service_api
    return False if asked and _chooses(card, judgement, rules, shelf) else None


def _providers(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> str | None:
    """The provider that was meant most likely, of those that have a machine for the card."""
    typed = judgement.card.providers_allowed
    for name in dict.fromkeys(near for one in typed for near in nearest(one, shelf.providers)):
        card = judgement.card.model_copy(update={"providers_allowed": (name,)})
        if _chooses(card, judgement, rules, shelf):
            return name
    return None


def _region(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> str | None:
    """The region that was meant most likely, of those that have a machine for the card."""
    for name in nearest(judgement.card.region or "", shelf.regions):
        card = judgement.card.model_copy(update={"region": name})
        if _chooses(card, judgement, rules, shelf):
            return name
    return None


def _chooses(card: ConstraintCard, judgement: Judgement, rules: Ruleset, shelf: Shelf) -> bool:
    """Whether a card is not refused on the same route, and something is planned for it."""
    other = judge(card, judgement.route, rules, shelf)
    return bool(not other.refusal and other.choice and other.choice.chosen)


def preference(judgement: Judgement) -> tuple[int, int, int]:
    """Order of routes on an undecided card: best status, fewest changes, order of `Route`."""
    return (
        list(Status).index(judgement.status),
        len(judgement.of(Severity.change)),
        list(Route).index(judgement.route),
    )


_PROPOSE: Mapping[PassingField, Callable[[Judgement, Ruleset, Shelf], bool | int | str | None]] = {
    "available_route": _route,
    "budget_level": _budget,
    "context_tokens": _context,
    "days_per_month": _days,
    "hardware": _hardware,
    "model_repo": _model,
    "needs_service_api": _service,
    "providers_allowed": _providers,
    "region": _region,
    "session_hours": _hours,
}
