"""Amounts of the watch: unknown is said, nothing is rounded to nothing in silence."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.cards.gpu_money import cost_words, disk_words, hours_words, spent_words, usd
from bot.domain.costs import Spent
from tests.cards.gpuing import POD

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "0.00 USD"),
        ("0.000001", "under 0.01 USD"),
        ("0.005", "0.01 USD"),
        ("4.145", "4.15 USD"),
    ],
)
def test_less_than_a_cent_is_not_nothing(amount: str, said: str) -> None:
    assert usd(Decimal(amount), "en") == said


@pytest.mark.parametrize(
    ("spent", "said"),
    [
        (Spent(Decimal("18.4")), "18.40 USD"),
        (Spent(Decimal("18.4"), estimated=True), "about 18.40 USD"),
        (
            Spent(Decimal("18.4"), unpriced=31 * HOUR, unpriced_runs=2),
            "at least 18.40 USD (2 runs, 31 GPU-hours without a price)",
        ),
        (
            Spent(Decimal("0.002"), unpriced=HOUR / 2, unpriced_runs=1),
            "at least under 0.01 USD (1 run, 0.5 GPU-hours without a price)",
        ),
        (
            Spent(unpriced=timedelta(minutes=1), unpriced_runs=1),
            "unknown (1 run, under 0.1 GPU-hours without a price)",
        ),
    ],
)
def test_a_sum_says_what_it_does_not_know(spent: Spent, said: str) -> None:
    assert spent_words(spent, "en") == said


def test_a_run_without_a_price_is_unknown_and_never_zero() -> None:
    assert cost_words(Spent(unpriced=HOUR, unpriced_runs=1), "en") == "unknown"
    partly = Spent(Decimal(2), unpriced=HOUR, unpriced_runs=1)
    assert cost_words(partly, "en") == "at least 2.00 USD"
    assert cost_words(partly, "zh_CN") == "至少 2.00 USD"


@pytest.mark.parametrize(
    ("time", "said"),
    [(31 * HOUR, "31"), (HOUR, "1.0"), (9.96 * HOUR, "10.0"), (HOUR / 20, "under 0.1")],
)
def test_hours_are_whole_from_ten_on(time: timedelta, said: str) -> None:
    assert hours_words(time, "en") == said


@pytest.mark.parametrize(
    ("per_hour", "gb", "said"),
    [
        (Decimal(100) / 730, 500, "about 100 USD/month (500 GB)"),
        (Decimal("0.0021"), None, "about 1.53 USD/month"),
        (Decimal("0.000001"), 1, "about 0.01 USD/month (1 GB)"),
        (None, 500, "price unknown (500 GB)"),
        (None, None, "price unknown"),
    ],
)
def test_a_disk_costs_by_the_month(per_hour: Decimal | None, gb: int | None, said: str) -> None:
    assert disk_words(replace(POD, storage_per_hour=per_hour, volume_gb=gb), "en") == said
