"""How old a price may be, and what it then is worth."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from engine.contract import Wire


class PriceAge(StrEnum):
    """What a price is worth on a day: only `fresh` and `stale` ones are counted with."""

    fresh = "fresh"
    stale = "stale"
    expired = "expired"


class AgeLimits(Wire):
    """Days after which a price is stale, and after which it is not claimed any more."""

    stale: int
    expired: int


def price_age(as_of: date, today: date | None, limits: AgeLimits) -> PriceAge:
    """How old a price is by its provider's limits; without a day to compare with it is fresh."""
    days = (today - as_of).days if today else 0
    if days > limits.expired:
        return PriceAge.expired
    return PriceAge.stale if days > limits.stale else PriceAge.fresh


def limits_of(provider: str, limits: Mapping[str, AgeLimits]) -> AgeLimits:
    """Marketplaces move daily and have limits of their own."""
    return limits.get(provider) or limits["default"]
