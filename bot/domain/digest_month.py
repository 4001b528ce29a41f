"""The month so far, what it is likely to come to, and the cap on it.

Forecast = month to date + mean of a day over the last seven days x days left in the month, by the
calendar of the digest's time zone. The mean is over as many of those days as costs are known for.
Of fewer than `LEAST` there is no forecast. What has no price is in neither part.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.budgets import month_of
from bot.domain.costs import Spent
from bot.domain.digest_facts import DigestFacts, lately_from
from bot.domain.watch import MonthlyCap

DAY = timedelta(days=1)
LEAST = 3
"""Days whose costs are known, below which a mean of them says nothing about a month."""

MORE_THAN_A_MONTH = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Month:
    """The month in which a digest is written; `start` is its first instant.

    `per_day` is the mean of a day in USD over those that are `known`, seven at most; `left` are the
    days to come. Both include parts of a day.
    """

    start: datetime
    spent: Spent
    per_day: Decimal
    known: Decimal
    left: Decimal
    cap: MonthlyCap

    @property
    def is_early(self) -> bool:
        """Whether too few days are known for a forecast."""
        return self.known < LEAST

    @property
    def forecast(self) -> Decimal:
        """What it is likely to come to, in USD, of what has a price; zero while it is too early."""
        return Decimal(0) if self.is_early else self.spent.known + self.per_day * self.left

    @property
    def expected(self) -> Decimal:
        """The forecast; while it is too early for one what is spent, in USD."""
        return self.spent.known if self.is_early else self.forecast

    @property
    def over_cap(self) -> Decimal:
        """By how much that is above the cap; zero where it is not, or there is no cap."""
        cap = self.cap.cap
        return max(Decimal(0), self.expected - cap) if cap else Decimal(0)

    @property
    def used(self) -> int | None:
        """Per cent of the cap that are spent, rounded down; None where there is no cap."""
        return int(self.spent.known * 100 / self.cap.cap) if self.cap.cap else None


def month_of_digest(facts: DigestFacts, spent: Spent, lately: Spent) -> Month:
    """The month of the digest's `now`, by what it cost and what the days since `lately_from`."""
    now, zone = facts.now, facts.week.zone
    start = month_of(now, zone).start
    end = month_of(start + MORE_THAN_A_MONTH, zone).start
    known = _in_days(now - lately_from(now, facts.since))
    return Month(
        start=start,
        spent=spent,
        per_day=lately.known / max(Decimal(1), known),
        known=known,
        left=_in_days(end - now),
        cap=facts.cap,
    )


def _in_days(time: timedelta) -> Decimal:
    return Decimal(time // timedelta(seconds=1)) / Decimal(DAY // timedelta(seconds=1))
