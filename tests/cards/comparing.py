"""An experiment's card on every route, decided by the real engine."""

from bot.cards import compare
from bot.cards.tables import Rung
from bot.domain.delivery import Message
from bot.domain.plans import Experiment
from engine.contract import DecisionCard, Route
from engine.decide import compare as decided_everywhere
from tests.cards.made import ENGINE_LANG, priced
from tests.forms.filling import DATA, TODAY


def compared(x: Experiment, lang: str = "en") -> list[DecisionCard]:
    """The newest card on the five routes."""
    return list(decided_everywhere(x.latest.card, DATA, ENGINE_LANG[lang], today=TODAY))


def with_a_price(x: Experiment, lang: str = "en") -> list[DecisionCard]:
    """The same, where all is known of the rented route: model, memory and cost."""
    known = priced(lang).decision
    assert known is not None
    return [known if p.route.route is Route.rented_gpu else p for p in compared(x, lang)]


def comparison(
    x: Experiment, lang: str = "en", rung: Rung = Rung.DATA_TABLE, *, prices: bool = False
) -> Message:
    """The private answer."""
    return compare.comparison(x, (with_a_price if prices else compared)(x, lang), rung, lang)
