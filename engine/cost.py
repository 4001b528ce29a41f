"""What a rented machine costs: an hour, a session, a month by the hours planned, and never stopped.

Decimal throughout; the hourly price keeps four places, everything else is rounded half up to cents
once, at the end. What is not known is named among the assumptions, never counted as free: a disk of
unknown price counts at an assumed rate, against the cap as in the amounts.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from engine.contract import ConstraintCard, CostEstimate, CostItem, OfferItem
from engine.memory.fit import Sized
from engine.rules import BudgetFile, Caps
from engine.runtimes import DiskRate
from engine.units import MEGABYTE

HOURS_PER_MONTH = Decimal(730)
"""8,760 hours of a year in twelve months."""

_DAY = Decimal(24)
_DEFAULT_HOURS = Decimal(4)
_ALL_DAYS = 31
"""Of the longest month: what is always on has no day off, whatever the card's days are."""

_CENT = Decimal("0.01")
_FOUR_PLACES = Decimal("0.0001")
_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Usage:
    """How long a machine is used: hours of one session (None: not said), hours and days.

    `raised`: the card's own hours a day are fewer than its session or always on takes.
    """

    session: Decimal | None
    per_day: Decimal
    days: int
    raised: bool = False

    @property
    def by_days(self) -> Decimal:
        """Hours of the days of a month."""
        return self.per_day * self.days

    @property
    def monthly_hours(self) -> Decimal:
        """Hours of a month by the plan: of its days, and never less than one session."""
        return max(self.by_days, self.session or self.by_days)


def usage_of(card: ConstraintCard) -> Usage:
    """The card's hours; a day is never shorter than the session, as far as a day can hold it."""
    session = None if card.always_on else card.session_hours
    days = _ALL_DAYS if card.always_on else card.days_per_month
    least = hours_per_day(card)
    asked = card.hours_per_day or least
    if session is None and not card.always_on:
        return Usage(session, asked, days)
    return Usage(session, max(asked, least), days, raised=asked < least)


def hours_per_day(card: ConstraintCard) -> Decimal:
    """The default: a whole day if always on, else the session, else four hours."""
    if card.always_on:
        return _DAY
    return _DEFAULT_HOURS if card.session_hours is None else min(card.session_hours, _DAY)


@dataclass(frozen=True, slots=True)
class Bill:
    """Exact amounts of an offer in USD, its disk at a rate that is known or assumed."""

    hourly: Decimal
    start_hours: Decimal
    disk_month: Decimal
    disk: DiskRate
    usage: Usage

    @property
    def monthly(self) -> Decimal:
        """The hours of the plan and the disk of a month."""
        return self.hourly * self.usage.monthly_hours + self.disk_month

    @property
    def session(self) -> Decimal | None:
        """Download, start and the session itself, and the disk meanwhile."""
        if self.usage.session is None:
            return None
        hours = self.start_hours + self.usage.session
        return self.hourly * hours + self.disk_month * hours / HOURS_PER_MONTH

    @property
    def always_on(self) -> Decimal:
        """What the machine costs in a month when nobody stops it: never less than by the plan."""
        return max(self.hourly * HOURS_PER_MONTH, self.monthly)

    def keeps(self, caps: Caps) -> bool:
        """Whether an hour and a month are within their caps."""
        return within(self.hourly, caps.max_hourly) and within(self.monthly, caps.max_monthly)

    def undercuts(self, other: "Bill") -> bool:
        """Whether it is cheaper by the hour and by the month."""
        return self.hourly < other.hourly and self.monthly < other.monthly


def bill(
    hourly: Decimal,
    size: Sized,
    disk_gib: int,
    usage: Usage,
    disk: DiskRate,
    budget: BudgetFile,
) -> Bill:
    """The amounts of an offer at this price for a model of this size on a disk of so many GiB."""
    download = Decimal(size.all_weights) / (budget.download_mb_s * MEGABYTE * _SECONDS)
    return Bill(hourly, download + budget.start_h, disk_gib * disk.usd, disk, usage)


def caps_of(card: ConstraintCard, budget: BudgetFile) -> Caps:
    """The class's caps, tightened by the card's; the card never loosens them."""
    limits = budget.classes[card.budget_level]
    return Caps(
        max_hourly=_least(limits.max_hourly, card.max_hourly),
        max_monthly=_least(limits.max_monthly, card.max_monthly),
    )


def within(amount: Decimal, cap: Decimal | None) -> bool:
    """Whether an amount keeps a cap; no cap keeps everything."""
    return cap is None or amount <= cap


def affordable_hours(made: Bill, cap: Decimal) -> int:
    """Whole hours of a month that a cap pays for beside the disk."""
    return max(int((cap - made.disk_month) / made.hourly), 0)


def estimate(made: Bill, offer: OfferItem, budget: BudgetFile) -> CostEstimate:
    """The bill as people and programs read it, with everything it assumes."""
    words = budget.words
    disk = (CostItem(id="disk", label=words.disk, amount=cents(made.disk_month)),)
    facts = {
        "download": format(budget.download_mb_s, "f"),
        "start": format(budget.start_h, "f"),
        "hours": format(made.usage.per_day.normalize(), "f"),
        "days": made.usage.days,
        "disk": cents(made.disk_month),
        "rate": format(made.disk.usd, "f"),
        "month": format(made.usage.monthly_hours.normalize(), "f"),
    }
    notes = [words.download, words.hours, words.egress]
    notes[2:2] = [words.day_raised] if made.usage.raised else []
    notes[2:2] = [words.one_session] if made.usage.monthly_hours > made.usage.by_days else []
    notes += [words.disk_from_offer if made.disk.known else words.disk_unknown]
    notes += [words.marketplace] if offer.provider in budget.prices else []
    return CostEstimate(
        currency="USD",
        hourly=made.hourly.quantize(_FOUR_PLACES, ROUND_HALF_UP),
        session=None if made.session is None else cents(made.session),
        monthly=cents(made.monthly),
        always_on=cents(made.always_on),
        items=disk if made.disk.known else (),
        assumptions=tuple(note.format_map(facts) for note in notes),
        as_of=offer.as_of,
        offer_id=offer.offer_id,
    )


def cents(amount: Decimal) -> Decimal:
    """Half up to two places."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _least(*caps: Decimal | None) -> Decimal | None:
    return min((cap for cap in caps if cap is not None), default=None)
