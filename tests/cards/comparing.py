"""An experiment's card on every route, decided by the real engine."""

from bot.cards import compare
from bot.cards.tables import Rung
from bot.domain.delivery import Message
from bot.domain.plans import Experiment
from engine.contract import DecisionCard
from engine.decide import compare as decided_everywhere
from tests.cards.made import ENGINE_LANG
from tests.forms.filling import DATA, TODAY


def compared(x: Experiment, lang: str = "en") -> list[DecisionCard]:
    """The newest card on the five routes."""
    return list(decided_everywhere(x.latest.card, DATA, ENGINE_LANG[lang], today=TODAY))


def comparison(x: Experiment, lang: str = "en", rung: Rung = Rung.DATA_TABLE) -> Message:
    """The private answer."""
    return compare.comparison(x, compared(x, lang), rung, lang)
