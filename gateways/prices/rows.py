"""The one shape in which every provider's prices come out of here, and how cells are read."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.cards.text import one_line
from gateways.prices.asking import NoPrices, Trouble

MOST = Decimal(1000)
"""USD per hour above which a price is taken for a mistake."""
MOST_GB = 4096
"""Memory of one GPU above which it is taken for a mistake."""
_MOST_ROWS = 5000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ()./_+-]{0,79}")

Step = Callable[[], None]
"""Called after each request of several, for those who watch."""


class Wanted(BaseModel):
    """The fields that are looked at of one thing in an answer; all others are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


_Wanted = TypeVar("_Wanted", bound=Wanted)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """An offer as its provider describes it: USD per hour of the whole offer.

    `names` are what the GPU may be called, best first; `vram_gb` is per GPU, as the provider says.
    """

    names: tuple[str, ...]
    vram_gb: Decimal
    gpu_count: int
    usd_per_hour: Decimal
    tier: str
    sku: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PriceList:
    """A provider's rows, and how many could not be used: no price above zero, no readable cell."""

    rows: tuple[PriceRow, ...]
    left_out: int


def price_list(rows: Iterable[PriceRow | None]) -> PriceList:
    """Rows, where None stands for one that could not be used. Raises NoPrices without any."""
    found = tuple(rows)
    usable = tuple(row for row in found if row is not None)
    if not usable:
        raise NoPrices(Trouble.empty)
    return PriceList(usable, len(found) - len(usable))


def entries(answer: Any, key: str, kind: type[Any]) -> Any:
    """The list or mapping under `key`; NoPrices when it is not there, or endless."""
    found = answer.get(key)
    if not isinstance(found, kind) or len(found) > _MOST_ROWS:
        raise NoPrices(Trouble.shape)
    return found


def wanted(shape: type[_Wanted], entry: Any) -> _Wanted | None:
    """The entry in its shape, or None."""
    try:
        return shape.model_validate(entry)
    except ValidationError:
        return None


def price(value: Any, per_dollar: Decimal = Decimal(1)) -> Decimal | None:
    """US dollars, from dollars or cents: a finite number above zero. Else unknown, never free."""
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    return value / per_dollar if 0 < value <= MOST * per_dollar else None


def name(value: str) -> str:
    """A provider's name for a thing on one harmless line; empty when it is none.

    It begins with a letter or digit: tables are opened in spreadsheets, which run what begins
    with a sign.
    """
    line = one_line(value, 200)
    return line if _NAME.fullmatch(line) else ""


def nominal(sizes: Iterable[int], gb: Decimal) -> int | None:
    """The sticker size that a reported one means: it may be a tenth off, as 45 is for 48 GB."""
    nearest = min(sizes, key=lambda size: abs(size - gb), default=None)
    if nearest is None or not gb.is_finite() or abs(nearest - gb) * 10 > nearest:
        return None
    return nearest
