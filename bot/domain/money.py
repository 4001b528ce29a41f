"""Money: US dollars as `Decimal`, exact until it is shown or stored (whole micro-dollars)."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation

MOST_PER_GPU_HOUR = Decimal(1000)
"""A dearer GPU hour than this is a defect of the answer, not a price."""

_MICROSECOND, _MILLION, _HOUR = timedelta(microseconds=1), Decimal(1_000_000), Decimal(3600)
"""Built once: a digest asks for the cost of thousands of stretches of time."""


def price_of(value: object, gpus: int = 1) -> Decimal | None:
    """A provider's price per hour; None for what cannot be one: zero, negative, NaN, absurd.

    Price 0 on a machine that is billed is unknown, never free.
    """
    if value is None or isinstance(value, bool):
        return None
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    if not price.is_finite() or price <= 0 or price > MOST_PER_GPU_HOUR * max(1, gpus):
        return None
    return price


def over(per_hour: Decimal, time: timedelta) -> Decimal:
    """What `time` costs at a price per hour; exact, nothing is rounded."""
    return per_hour * (Decimal(time // _MICROSECOND) / _MILLION) / _HOUR
