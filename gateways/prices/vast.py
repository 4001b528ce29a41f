"""Vast.ai: `POST /api/v0/bundles/`, what many hosts ask for one GPU; US dollars per hour.

A search gives at most 64 offers, cheapest first, so each GPU is asked for by itself. What is kept
is the median of the ten cheapest: an order of magnitude, and it says so in its note.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from statistics import median
from typing import Annotated, Any

from pydantic import Field

from bot.clock import Clock
from gateways.prices.asking import Asking, NoPrices, Trouble
from gateways.prices.rows import (
    MOST_GB,
    PriceList,
    PriceRow,
    Step,
    Wanted,
    nominal,
    price,
    price_list,
    wanted,
)

PATH = "/api/v0/bundles/"
PACE_SECONDS = 6.1
"""Ten searches a minute are allowed to an address."""
CHEAPEST = 10
_MIB = 1024
_LIMIT = 64

NAMES = (
    "RTX 3060", "RTX 3070", "RTX 3080", "RTX 3090", "RTX 3090 Ti", "RTX 4060", "RTX 4060 Ti",
    "RTX 4070", "RTX 4070S Ti", "RTX 4080", "RTX 4080S", "RTX 4090", "RTX 5060 Ti", "RTX 5070 Ti",
    "RTX 5080", "RTX 5090", "RTX A4000", "RTX A5000", "RTX A6000", "RTX 6000Ada",
    "RTX PRO 6000 WS", "L4", "L40", "L40S", "A10", "A40", "A100 PCIE", "A100 SXM4", "H100 PCIE",
    "H100 NVL", "H100 SXM", "H200", "B200", "Tesla T4", "Tesla V100",
)  # fmt: skip
"""GPUs as hosts there name them."""


class _Offer(Wanted):
    gpu_name: str
    num_gpus: Decimal
    gpu_ram: Annotated[Decimal, Field(gt=0, le=MOST_GB * _MIB)]
    dph_total: Any
    is_bid: bool = False


async def read(
    asking: Asking, sizes: Mapping[str, tuple[int, ...]], *, clock: Clock, pace: float, step: Step
) -> PriceList:
    """A row for each name and size in GB of `sizes` that is on offer; `pace` seconds apart."""
    rows: list[PriceRow | None] = []
    for number, (gpu, of) in enumerate(sizes.items()):
        if number:
            await clock.sleep(pace)
        answer = await asking.json("POST", PATH, _search(gpu))
        rows += _rows(gpu, of, _offers(answer))
        step()
    return price_list(rows)


def _search(gpu: str) -> Mapping[str, Any]:
    """Verified hosts' on-demand offers of one GPU, by its name with spaces and with `_`."""
    return {
        "limit": _LIMIT,
        "type": "ondemand",
        "rentable": {"eq": True},
        "verified": {"eq": True},
        "num_gpus": {"eq": 1},
        "gpu_name": {"in": list(dict.fromkeys((gpu, gpu.replace(" ", "_"))))},
        "order": [["dph_total", "asc"]],
    }


def _offers(answer: Any) -> list[Any]:
    """The published example shows one object where a list is meant: both are understood."""
    found = answer.get("offers")
    if isinstance(found, dict):
        return [found]
    if not isinstance(found, list):
        raise NoPrices(Trouble.shape)
    return found


def _rows(gpu: str, sizes: tuple[int, ...], offers: list[Any]) -> Iterator[PriceRow | None]:
    asked: dict[int, list[Decimal]] = defaultdict(list)
    for entry in offers:
        offer = wanted(_Offer, entry)
        usd = price(offer.dph_total) if offer else None
        if offer is None or usd is None:
            yield None
        elif (size := _size(offer, gpu, sizes)) is not None:
            asked[size].append(usd)
    for size, prices in asked.items():
        cheapest = sorted(prices)[:CHEAPEST]
        yield PriceRow(
            (gpu,), Decimal(size), 1, median(cheapest), "community",
            note=_note(len(cheapest)),
        )  # fmt: skip


def _note(count: int) -> str:
    return f"median of the {count} cheapest verified offers" if count > 1 else "one verified offer"


def _size(offer: _Offer, gpu: str, sizes: tuple[int, ...]) -> int | None:
    """The GB of an offer that is what was asked for; other offers do not count."""
    asked_for = offer.gpu_name.replace("_", " ") == gpu
    if not asked_for or offer.num_gpus != 1 or offer.is_bid:
        return None
    return nominal(sizes, offer.gpu_ram / _MIB)
