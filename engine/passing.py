"""Values of a card's fields that would pass where a rule stands in the way, as far as known."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.candidates import Candidate, Standing
from engine.choice import UNASKED
from engine.conflicts import FIXES, Judgement, judge
from engine.contract import BudgetLevel, ConstraintCard, Route, Severity, Status
from engine.cost import Bill, affordable_hours
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


def passing_values(
    names: tuple[PassingField, ...], judgement: Judgement, rules: Ruleset, shelf: Shelf
) -> dict[str, int | str]:
    """The fields for which something that passes was found: as many as a Fix has inputs."""
    found: dict[str, int | str] = {}
    for name in names:
        value = _PROPOSE[name](judgement, rules, shelf) if len(found) < FIXES else None
        if value is not None:
            found[name] = value
    return found


def without_model(card: ConstraintCard) -> ConstraintCard:
    """The card with the model left to the engine."""
    return card.model_copy(update=_OF_THE_MODEL)


def another_model(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> Candidate | None:
    """The best model of the route that passes, whatever model the card names."""
    card = without_model(judgement.card)
    if card == judgement.card:
        return None
    other = judge(card, judgement.route, rules, shelf)
    candidate = other.choice.candidate if other.choice else None
    return candidate if candidate and candidate.standing is Standing.passes else None


def _model(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> str | None:
    other = another_model(judgement, rules, shelf)
    return other.run.model.repo if other else None


def _context(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> int | None:
    """The most tokens that the memory and the model hold."""
    choice = judgement.choice
    if choice is None:
        return None
    models = [choice.named.model] if choice.named and choice.named.model else []
    limits = [m.extended_context or m.architecture.native_context for m in models]
    longest = [o.numbers["native"] for o in choice.outcomes if "native" in o.numbers]
    limits += [max(int(n) for n in longest)] if longest and choice.named is None else []
    candidate = choice.candidate
    if candidate is not None:
        load, room = choice.search.load, candidate.place.capacity
        limits.append(candidate.size.most_context(load, room))
    most = min(limits, default=0)
    return most if 0 < most < judgement.card.context_tokens else None


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
    return None if found is None else plain(_daily(judgement, *found))


def _daily(judgement: Judgement, made: Bill, cap: Decimal) -> Decimal:
    longest = Decimal(8) if judgement.card.always_on else made.usage.per_day
    return min(longest, Decimal(affordable_hours(made, cap)))


def _route(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> str | None:
    """The best other route on which something can be planned, or could be once it is completed."""
    others = [judge(judgement.card, r, rules, shelf) for r in Route if r is not judgement.route]
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


def _budget(judgement: Judgement, rules: Ruleset, shelf: Shelf) -> str | None:
    """The lowest higher budget with which something can be planned on this route."""
    levels = list(BudgetLevel)
    for level in levels[levels.index(judgement.card.budget_level) + 1 :]:
        card = judgement.card.model_copy(update={"budget_level": level})
        other = judge(card, judgement.route, rules, shelf)
        if other.choice and other.choice.chosen:
            return level.value
    return None


def preference(judgement: Judgement) -> tuple[int, int, int]:
    """Order of routes on an undecided card: best status, fewest changes, order of `Route`."""
    return (
        list(Status).index(judgement.status),
        len(judgement.of(Severity.change)),
        list(Route).index(judgement.route),
    )


_PROPOSE: Mapping[PassingField, Callable[[Judgement, Ruleset, Shelf], int | str | None]] = {
    "available_route": _route,
    "budget_level": _budget,
    "context_tokens": _context,
    "days_per_month": _days,
    "model_repo": _model,
    "session_hours": _hours,
}
