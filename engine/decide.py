"""The decision: a constraint card in, a decision card out. Pure: no clock, network or chance.

The order of evaluation: what the card says by itself; family, model, machine and offer; adaptation;
evidence and commands; and every family that was not chosen.
"""

from datetime import date

from engine.answer import Answer
from engine.card_facts import OWN_GPU
from engine.conflicts import judge
from engine.contract import (
    AvailableRoute,
    ConsideredRoute,
    ConstraintCard,
    DecisionCard,
    Lang,
    Route,
    Severity,
)
from engine.load import EngineData
from engine.passing import moved, preference

BLOCKING = (Severity.refuse, Severity.change)


def decide(
    card: ConstraintCard, data: EngineData, lang: Lang = Lang.en, *, today: date | None = None
) -> DecisionCard:
    """The decision card; `lang` changes texts only. `today` stands in for a card without `as_of`.

    An undecided card is judged on all routes and takes the best one, listing all it considered.
    """
    known = data.catalog.by_id(card)
    dated = known if known.as_of else known.model_copy(update={"as_of": today})
    rules = data.rules[lang]
    if card.available_route is not AvailableRoute.undecided:
        judgement = judge(dated, Route(card.available_route), rules, data.shelf)
        return Answer(card, judgement, data, rules).card(())
    tried = [judge(dated, route, rules, data.shelf) for route in _open_routes(dated, data)]
    considered = tuple(
        ConsideredRoute(
            route=j.route, status=j.status, codes=tuple(r.code for r in j.of(*BLOCKING))
        )
        for j in tried
    )
    return Answer(card, min(tried, key=preference), data, rules).card(considered)


def compare(
    card: ConstraintCard, data: EngineData, lang: Lang = Lang.en, *, today: date | None = None
) -> tuple[DecisionCard, ...]:
    """The card decided for each of the five routes, in the order of `Route`."""
    cards = (moved(card, route) for route in Route)
    return tuple(decide(each, data, lang, today=today) for each in cards)


def _open_routes(card: ConstraintCard, data: EngineData) -> list[Route]:
    """Routes an undecided card can take; a GPU of one's own only if the card names one.

    A name that nobody knows counts: the route then says so.
    """
    owns_gpu = card.hardware is not None and card.hardware.gpu_id is not None
    return [route for route in Route if owns_gpu or route not in OWN_GPU]
