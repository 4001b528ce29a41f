"""List prices of machines at a provider whose own answers hold none."""

from decimal import Decimal
from pathlib import Path

from bot.clock import Clock
from engine.price_age import PriceAge, limits_of, price_age
from owroute.engine_client import engine_data

ON_DEMAND = "on-demand"
ANY = "any"


class ListPrices:
    """A provider's prices on demand, as shipped and as a team's overlay has them, read once."""

    def __init__(self, provider: str, overlay: Path, clock: Clock) -> None:
        data = engine_data(overlay)
        self._limits = limits_of(provider, data.shelf.ages)
        self._clock = clock
        self._offers = {
            (offer.sku, offer.region): offer
            for offer in data.catalog.offers.values()
            if offer.provider == provider and offer.tier == ON_DEMAND
        }

    def __call__(self, sku: str, region: str) -> Decimal | None:
        """USD per hour of the whole machine; None for what is unknown, or too old to be claimed."""
        offer = self._offers.get((sku, region)) or self._offers.get((sku, ANY))
        if offer is None:
            return None
        age = price_age(offer.as_of, self._clock.now().date(), self._limits)
        return None if age is PriceAge.expired else offer.usd_per_hour
