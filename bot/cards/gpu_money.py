"""Amounts of the watch in words: what is unknown is said, nothing is rounded away in silence."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from bot.cards import say
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn
from bot.domain.costs import Spent
from bot.domain.gpu import GpuRun

HALF_A_CENT = Decimal("0.005")
HOURS_OF_MONTH = 730
WHOLE_FROM = 10
"""Hours and dollars a month from which no decimals are shown."""

_ONE, _TENTH, _CENT = Decimal(1), Decimal("0.1"), Decimal("0.01")


def usd(amount: Decimal, lang: str) -> Mrkdwn:
    """`4.14 USD`; what would be rounded to nothing is said to be under a cent."""
    say_ = words(lang).gpu_money
    return say_.under_a_cent() if 0 < amount < HALF_A_CENT else say_.usd(say.money(amount))


def cost_words(spent: Spent, lang: str) -> Mrkdwn:
    """What one run has cost: `4.14 USD`, `about ...`, `at least ...` or `unknown`."""
    say_ = words(lang).gpu_money
    if not spent.is_whole:
        return say_.at_least(usd(spent.known, lang)) if spent.known else say_.unknown()
    cost = usd(spent.known, lang)
    return say_.about(cost) if spent.estimated else cost


def spent_words(spent: Spent, lang: str) -> Mrkdwn:
    """A sum over runs: `at least 18.40 USD (2 runs, 31 GPU-hours without a price)`."""
    say_ = words(lang).gpu_money
    if spent.is_whole:
        return cost_words(spent, lang)
    runs, hours = spent.unpriced_runs, hours_words(spent.unpriced, lang)
    if not spent.known:
        return say_.unknown_sum(runs, hours)
    return say_.at_least_sum(usd(spent.known, lang), runs, hours)


def hours_words(time: timedelta, lang: str) -> Mrkdwn:
    """`31`, `0.5`; never 0 for what is more than that."""
    hours = Decimal(time // timedelta(seconds=1)) / 3600
    if 0 < hours < _TENTH:
        return words(lang).gpu_money.under_a_tenth()
    return Mrkdwn(_rounded(hours, _TENTH))


def disk_words(run: GpuRun, lang: str) -> Mrkdwn:
    """What its disk costs once it is stopped: `about 100 USD/month (500 GB)`."""
    say_ = words(lang).gpu_money
    month = run.storage_per_hour * HOURS_OF_MONTH if run.storage_per_hour is not None else None
    cost = say_.a_month(_rounded(month, _CENT)) if month else say_.no_price()
    return say_.of_size(cost, say.count(run.volume_gb)) if run.volume_gb else cost


def _rounded(amount: Decimal, step: Decimal) -> str:
    """Half up; whole from ten on. Never zero for what is more than that."""
    text = str(amount.quantize(_ONE if amount >= WHOLE_FROM else step, ROUND_HALF_UP))
    return text if Decimal(text) or not amount else str(step)
