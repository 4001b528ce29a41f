"""A constraint card in the words of the form that asked for it."""

from decimal import Decimal

from bot.cards.forms.elements import choice_words
from bot.cards.forms.fields import ALL, Kind
from bot.cards.forms.prefill import values_of
from bot.cards.forms.problems import label
from bot.cards.text import Mrkdwn, esc, one_line
from engine.contract import ConstraintCard

VALUE = 160
"""Characters of a value; what people wrote may be longer."""

_NOT_FACTS = frozenset({"task", "licensed_model"})


def facts(card: ConstraintCard, lang: str) -> dict[str, tuple[Mrkdwn, Mrkdwn]]:
    """Every constraint on a card but its task: field name to label and value, in form order."""
    found = {n: t for n, t in values_of(card).items() if n not in _NOT_FACTS}
    if card.architecture is not None:
        billions = Decimal(card.architecture.params_total) / 10**9
        found["params_billion"] = format(billions.normalize(), "f")
    if card.price_seen is not None:
        found["price_seen"] = format(card.price_seen.hourly, "f")
    return {n: (label(n, lang), _said(n, text, lang)) for n, text in found.items()}


def _said(name: str, text: str, lang: str) -> Mrkdwn:
    if ALL[name].kind is Kind.CHOICE:
        return choice_words(name, text, lang)
    return esc(one_line(text, VALUE))
