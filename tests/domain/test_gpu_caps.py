"""How long a cap lasts: as its runs burn, each to its end, and anew with each month."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.budgets import ALL_TIME, Limit, Period, month_of
from bot.domain.costs import Spent
from bot.domain.gpu import GpuRun
from bot.domain.ids import GpuId
from bot.domain.watch import Budget, BudgetScope
from tests.cards.gpuing import HOUR, NOW, POD, TEAM

ONE = replace(POD, id=GpuId(1), price_per_hour=Decimal(1))
TWO = replace(ONE, id=GpuId(2))
EVE = datetime(2026, 11, 30, 20, tzinfo=UTC)
MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)
NOVEMBER = month_of(EVE, "UTC")


def cap(most: str, *runs: GpuRun, spent: str = "0", period: Period = ALL_TIME) -> Limit:
    budget = Budget(TEAM, BudgetScope.WORKSPACE, "", Decimal(most))
    return Limit(budget, period, runs, Spent(compute=Decimal(spent)))


def test_what_ends_by_itself_burns_no_longer_than_that() -> None:
    both = cap("6", ONE, TWO)
    assert both.lasts_until(NOW) == NOW + 3 * HOUR
    assert both.lasts_until(NOW, {TWO.id: NOW + HOUR}) == NOW + 5 * HOUR
    assert both.lasts_until(NOW, {TWO.id: NOW - HOUR}) == NOW + 6 * HOUR
    assert both.lasts_until(NOW, {ONE.id: NOW + HOUR, TWO.id: NOW + HOUR}) is None


@pytest.mark.parametrize(
    ("most", "spent", "until"),
    [
        ("10", "7", EVE + 3 * HOUR),
        ("10", "6", MIDNIGHT + 10 * HOUR),
        ("10", "5", MIDNIGHT + 10 * HOUR),
        ("800", "790", None),
        ("800", "797", EVE + 3 * HOUR),
    ],
)
def test_a_months_cap_is_whole_again_at_its_end(
    most: str, spent: str, until: datetime | None
) -> None:
    assert cap(most, ONE, spent=spent, period=NOVEMBER).lasts_until(EVE) == until


def test_months_are_those_of_the_channels_own_calendar() -> None:
    eve = datetime(2026, 11, 30, 14, tzinfo=UTC)  # 22:00 in Shanghai
    here = cap("10", ONE, spent="5", period=month_of(eve, "Asia/Shanghai"))
    assert here.lasts_until(eve) == eve + 12 * HOUR, "two hours of this month, ten of the next"


def test_whatever_the_amounts_there_is_an_answer() -> None:
    cheap = replace(ONE, price_per_hour=Decimal("0.000001"))
    assert cap("10000000", cheap).lasts_until(NOW) is None, "not within a year"
    dear = replace(ONE, price_per_hour=Decimal(10_000_000))
    assert cap("0.000001", dear).lasts_until(NOW) == NOW
    assert cap("1", dear, spent="2").lasts_until(NOW) == NOW
    assert cap("8760", ONE).lasts_until(NOW) == NOW + timedelta(days=365)
