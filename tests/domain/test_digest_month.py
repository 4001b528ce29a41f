"""The month of a digest: so far, what it is likely to come to, and the cap on it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.cards.digest import digest_message
from bot.cards.digest_details import digest_details
from bot.cards.tables import Rung
from bot.domain.digest import summary
from bot.domain.digest_facts import RunFacts
from bot.domain.digest_week import Week
from bot.domain.watch import MonthlyCap
from tests.cards.digesting import EC2, MONDAY, at, daily, facts, ran


def test_a_forecast_is_the_month_so_far_and_days_like_the_last_seven() -> None:
    """On the 23rd at 9:04, with 5 hours at 7 USD in seven days, and 7 days 14 h 56 min to go."""
    month = summary(
        facts(daily(EC2, {3: 10, 17: 5}, "7"), now=MONDAY, cap=MonthlyCap(Decimal(120)))
    ).month
    assert month.spent.known == 105
    assert month.per_day == 5
    assert month.left == (7 + (14 + Decimal(56) / 60) / 24).quantize(month.left)
    assert month.forecast == 105 + 5 * month.left
    assert (month.used, month.over_cap) == (87, month.forecast - 120)


def test_a_forecast_of_few_days_does_not_take_the_days_before_for_idle_ones() -> None:
    young = facts(daily(EC2, {21: 6}, "1"), since=MONDAY - timedelta(days=3))
    assert summary(young).month.per_day == 2
    hours_old = facts(daily(EC2, {22: 6}, "1"), since=at(22, 12))
    assert summary(hours_old).month.per_day == 3, "of its six hours three are known"


def test_what_ran_before_costs_were_known_is_no_part_of_a_forecasts_mean() -> None:
    """A machine of 1 USD an hour that had run for four days when owroute came, three days ago."""
    stretch = ran(EC2, MONDAY - timedelta(days=7), None, "1")
    month = summary(facts(RunFacts(EC2, (stretch,)), since=MONDAY - timedelta(days=3))).month
    assert month.per_day == 24
    assert month.spent.known == 7 * 24, "what it cost before is of the month all the same"
    assert month.forecast == 7 * 24 + 24 * month.left


def test_a_month_is_not_forecast_before_three_days_are_known() -> None:
    early = summary(facts(daily(EC2, {22: 6}, "1"), since=at(22, 1), cap=MonthlyCap(Decimal(5))))
    assert early.month.is_early
    assert not early.month.forecast
    assert early.month.used == 120, "what is spent is known"
    assert early.month.over_cap == 1
    told = digest_message(early, "en", Rung.FIELDS).text
    assert "That is 1.00 USD above it." in told
    assert "The month has cost 6.00 USD already, 1.00 USD above the 5.00 USD it has." in told
    assert "too early for a forecast: costs are known for 1 day, and it takes 3" in told
    assert "by its end" not in told
    assert "too early for a forecast" in str(digest_details(early, "en"))
    known = summary(facts(daily(EC2, {22: 6}, "1"), since=MONDAY - timedelta(days=3)))
    assert known.month.forecast


def test_months_and_days_are_those_of_the_zone() -> None:
    stretch = ran(
        EC2, datetime(2026, 11, 30, 15, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC)
    )
    week, now = Week(2026, 49, "Asia/Shanghai"), datetime(2026, 12, 1, 1, tzinfo=UTC)
    there = summary(facts(RunFacts(EC2, (stretch,)), week=week, now=now))
    assert there.month.spent.known == Decimal("2.4")
    assert [day.known for _, day in there.days][:2] == [Decimal("2.4"), Decimal("2.4")]
