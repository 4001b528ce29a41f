"""How much data is loaded, and how much of the prices is old on a day."""

from collections import Counter
from datetime import date

from engine.contract import Lang
from engine.load import EngineData
from engine.price_age import PriceAge, limits_of, price_age


def counted(data: EngineData, today: date) -> dict[str, int]:
    """Entries by list, and offers whose price is stale or expired."""
    rules, catalog = data.rules[Lang.en], data.catalog
    limits = rules.budget.prices
    ages = Counter(
        price_age(offer.as_of, today, limits_of(offer.provider, limits))
        for offer in catalog.offers.values()
    )
    return {
        "families": len(rules.families.families),
        "hardware": len(catalog.hardware.hardware),
        "licenses": len(rules.licenses.licenses),
        "models": len(catalog.models.models),
        "offers": len(catalog.offers),
        "offers_expired": ages[PriceAge.expired],
        "offers_stale": ages[PriceAge.stale],
        "rules": len(rules.conflicts.rules),
        "runtimes": len(rules.runtimes.runtimes),
    }
