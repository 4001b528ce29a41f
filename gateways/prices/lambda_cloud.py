"""Lambda Cloud: `GET /api/v1/instance-types`, US cents per hour of the whole instance."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from gateways.prices.asking import Asking
from gateways.prices.rows import (
    PriceList,
    PriceRow,
    Wanted,
    entries,
    name,
    price,
    price_list,
    wanted,
)

PATH = "/api/v1/instance-types"
_CENTS = Decimal(100)
_MOST_GPUS = 64
_TYPE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_GPU = re.compile(
    r"(?P<name>[^()]{1,60}) \((?P<gb>[0-9]{1,4}) GB(?: (?P<form>[A-Za-z0-9]{1,10}))?\)"
)


class _Specs(Wanted):
    gpus: Decimal


class _Type(Wanted):
    gpu_description: str
    price_cents_per_hour: Any
    specs: _Specs


class _Entry(Wanted):
    instance_type: _Type


async def read(asking: Asking) -> PriceList:
    """A row for each instance type with GPUs, whether or not a region has one free."""
    listed = entries(await asking.json("GET", PATH), "data", dict)
    return price_list(row for key, entry in listed.items() for row in _rows(key, entry))


def _rows(key: str, entry: Any) -> Iterator[PriceRow | None]:
    found = wanted(_Entry, entry)
    if found is None:
        yield None
    elif found.instance_type.specs.gpus != 0:
        yield _row(key, found.instance_type)


def _row(key: str, found: _Type) -> PriceRow | None:
    """`A100 (40 GB SXM4)` is an A100 SXM4 or, where that is not told apart, an A100."""
    described = _GPU.fullmatch(found.gpu_description.strip())
    usd, gpus = price(found.price_cents_per_hour, _CENTS), found.specs.gpus
    countable = gpus == gpus.to_integral_value() and 0 < gpus <= _MOST_GPUS
    if not (described and usd and countable and _TYPE.fullmatch(key)):
        return None
    names = (f"{described['name']} {described['form'] or ''}".strip(), described["name"])
    return PriceRow(
        tuple(filter(None, map(name, names))), Decimal(described["gb"]), int(gpus),
        usd, "on-demand", sku=key,
    )  # fmt: skip
