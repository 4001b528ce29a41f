"""RunPod: `GET /v2/catalog/gpus`, US dollars per hour for one GPU, in two clouds."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from gateways.prices.asking import Asking
from gateways.prices.rows import (
    MOST_GB,
    PriceList,
    PriceRow,
    Wanted,
    entries,
    name,
    price,
    price_list,
    wanted,
)

PATH = "/v2/catalog/gpus"


class _Gpu(Wanted):
    id: str
    name: str
    memory: Annotated[Decimal, Field(gt=0, le=MOST_GB)]
    secure: bool
    community: bool
    price: dict[str, Any]


async def read(asking: Asking) -> PriceList:
    """A row for each GPU and cloud that is on offer. Raises NoPrices."""
    listed = entries(await asking.json("GET", PATH), "gpus", list)
    return price_list(row for entry in listed for row in _rows(wanted(_Gpu, entry)))


def _rows(gpu: _Gpu | None) -> Iterator[PriceRow | None]:
    if gpu is None:
        yield None
        return
    names = tuple(filter(None, (name(gpu.name), name(gpu.id))))
    for cloud, offered in (("secure", gpu.secure), ("community", gpu.community)):
        usd = price(gpu.price.get(cloud))
        if offered and names and usd is not None:
            yield PriceRow(names, gpu.memory, 1, usd, cloud)
        elif offered:
            yield None
