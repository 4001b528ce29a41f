"""The same card on five routes: which to take next, by a rule, and the numbers behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.contract import Conflict, DecisionCard, Route, Severity, Status

_STATUSES = (Status.ok, Status.needs_changes, Status.refused)
_ROUTES = tuple(Route)
_LEAVES = {"available_route"}
_PLACES = {Route.free_colab: 1, Route.rented_gpu: 2}
"""One's own hardware comes first, then what is lent for nothing, then what is rented."""


class Advice(StrEnum):
    """What the comparison comes to."""

    KEEP = "keep"  # the present route is Go, and none that is Go costs less
    MOVE = "move"  # another route is Go
    CHANGE = "change"  # none is Go; this one needs the fewest changes
    NOWHERE = "nowhere"  # every route refuses; against this one speaks least


@dataclass(frozen=True, slots=True)
class NextStep:
    """The route to take, and the decision on the present route if the card has one."""

    advice: Advice
    plan: DecisionCard
    present: DecisionCard | None

    @property
    def route(self) -> Route:
        """The route it speaks of."""
        return self.plan.route.route


def next_step(plans: Sequence[DecisionCard], present: Route | None) -> NextStep:
    """The best of at least one plan; see `_order` for the rule."""
    best = min(plans, key=lambda plan: _order(plan, present))
    own = next((plan for plan in plans if plan.route.route is present), None)
    return NextStep(_advice(best, present), best, own)


def blocking(plan: DecisionCard) -> tuple[Conflict, ...]:
    """What decided a status that is not Go: the refusals of a refused plan, else the changes."""
    refused = plan.status is Status.refused
    severity = Severity.refuse if refused else Severity.change
    return tuple(c for c in plan.conflicts if c.severity is severity)


def rent(plan: DecisionCard) -> Decimal | None:
    """What a month costs: 0 where nothing is rented, None where the price is not known."""
    if plan.cost is not None:
        return plan.cost.monthly
    return None if plan.route.route is Route.rented_gpu else Decimal(0)


def _advice(best: DecisionCard, present: Route | None) -> Advice:
    match best.status:
        case Status.ok:
            return Advice.KEEP if best.route.route is present else Advice.MOVE
        case Status.needs_changes:
            return Advice.CHANGE
        case Status.refused:
            return Advice.NOWHERE


def _order(plan: DecisionCard, present: Route | None) -> tuple[object, ...]:
    """Go first; of these the least rent, and what is known before what is not.

    Else the fewest changes; a route that can be mended only by taking another one comes after those
    that can be mended where they are. Of as many the present route, and one that has a model; rent
    comes after, because it is not what stands in the way. Where all that leaves several: one's own
    hardware before Colab before rent, the larger model, the order of `Route`.
    """
    route, price = plan.route.route, rent(plan)
    paid = (price is None, price or Decimal(0))
    kept = (route is not present, plan.model is None)
    return (
        _STATUSES.index(plan.status),
        any(_LEAVES & set(conflict.fix) for conflict in blocking(plan)),
        len(blocking(plan)),
        *((paid, kept) if plan.status is Status.ok else (kept, paid)),
        _PLACES.get(route, 0),
        -plan.model.params_total if plan.model else 0,
        _ROUTES.index(route),
    )
