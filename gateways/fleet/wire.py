"""How the rows of providers are read: the wanted fields only, each on its own.

A field of the wrong kind is unknown and spoils nothing else; all other fields, which may hold
secrets, are dropped where they are parsed. A whole row is lost only without an id of its own.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from math import ceil
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, WrapValidator

_T = TypeVar("_T")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
MAX_GPUS = 1024
"""More in one machine are a mistake of the answer."""
Y2000, Y2100 = 946_684_800, 4_102_444_800
"""Seconds since 1970 that may be a time."""
ALL = 100
"""Per cent."""


def _or_none(value: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


Number = int | Decimal
"""A number as `gateways.provider_http.parsed` leaves it; NaN and infinity are none."""
Maybe = Annotated[_T | None, WrapValidator(_or_none)]
"""A field that is None where it is missing, null or of the wrong kind."""


class Wire(BaseModel):
    """The wanted fields of one thing in an answer. Its errors do not repeat what was sent."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


_Row = TypeVar("_Row", bound=Wire)


def row_of(shape: type[_Row], row: Any) -> _Row | None:
    """One row in its shape; None for what is none."""
    try:
        return shape.model_validate(row)
    except ValidationError:
        return None


def instance_id(value: Any) -> str | None:
    """An id that can stand in an address and be shown; None for anything else."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and _ID.fullmatch(text) else None


def count(value: Number | None) -> int:
    """A number of GPUs; 1 where it is missing or cannot be one."""
    return int(value) if value is not None and 1 <= value <= MAX_GPUS else 1


def percents(values: Iterable[Number | None]) -> tuple[int, ...] | None:
    """Utilisations in whole percent, rounded up; None when one is missing or is none."""
    found = tuple(values)
    if not found or any(value is None or not 0 <= value <= ALL for value in found):
        return None
    return tuple(ceil(value) for value in found if value is not None)


def moment(text: str | None) -> datetime | None:
    """An RFC 3339 time with its offset, in UTC; None for what is none."""
    try:
        found = datetime.fromisoformat(text or "")
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def moment_since_epoch(seconds: Number | None) -> datetime | None:
    """Seconds since 1970 as a time; None outside of this century."""
    if seconds is None or not Y2000 <= seconds < Y2100:
        return None
    return datetime.fromtimestamp(float(seconds), UTC)
