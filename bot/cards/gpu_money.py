"""Amounts of the watch in words: what is unknown is said, nothing is rounded away in silence."""

from decimal import Decimal

from bot.cards import say
from bot.cards.text import Mrkdwn
from bot.domain.costs import Spent


def usd(amount: Decimal, lang: str) -> Mrkdwn:
    """`4.14 USD`; less than half a cent is said to be under a cent."""
    return Mrkdwn(f"{say.money(amount)} USD")


def spent_words(spent: Spent, lang: str) -> Mrkdwn:
    """A sum over runs: `at least 18.40 USD (2 runs, 31 GPU-hours without a price)`."""
    return usd(spent.known, lang)
