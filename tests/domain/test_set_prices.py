"""A price that an admin set counts where the provider tells none, for each GPU of a machine."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.fleet import Billing, PriceSource, Provider
from bot.domain.watch import SetPrice, with_prices
from tests.storage.gpus import instance

BARE = replace(instance(), gpu="RTX 4090", price_per_hour=None, price_source=None)
PRICE = SetPrice(Provider.RUNPOD, " rtx  4090 ", Decimal("0.25"))


def test_it_fills_what_is_unknown_and_leaves_what_is_told() -> None:
    two, told, other = replace(BARE, gpu_count=2), instance(), replace(BARE, gpu="L4")
    off = replace(BARE, billing=Billing.STORAGE)
    found = with_prices([BARE, two, told, other, off], [PRICE])
    assert [i.price_per_hour for i in found] == [
        Decimal("0.25"), Decimal("0.50"), Decimal("0.69"), None, None,
    ]  # fmt: skip
    sources = [i.price_source for i in found]
    assert sources == [PriceSource.SET, PriceSource.SET, PriceSource.INSTANCE, None, None]


@pytest.mark.parametrize(
    "price", [replace(PRICE, provider=Provider.VAST), replace(PRICE, gpu="RTX 4090 Ti")]
)
def test_another_kind_is_another_price(price: SetPrice) -> None:
    assert with_prices([BARE], [price]) == (BARE,)
