"""The small types of the contract: one line of text, exact decimals, days, repository names.

They are strict where guessing would be wrong: no floats for money, no timestamps for dates.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
)

_PLAIN_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _clean(text: str) -> str:
    """One line without control characters: breaks and tabs become spaces, the other controls go."""
    line = " ".join(text.split())
    return "".join(c for c in line if unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def _plain_decimal(value: object) -> object:
    """Let through plain ASCII digits; floats, exponents and `1_000` are not exact."""
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        value = str(value) if isinstance(value, int) else format(value, "f")
    if isinstance(value, str) and _PLAIN_DECIMAL.fullmatch(value):
        return Decimal(value)
    raise ValueError("write a decimal number as a string of digits, for example 1.50")


def _plain_date(value: object) -> object:
    """Let through a date or `YYYY-MM-DD`; timestamps are not dates."""
    if type(value) is date or (isinstance(value, str) and _ISO_DATE.fullmatch(value)):
        return value
    raise ValueError("write a date as YYYY-MM-DD")


class Wire(BaseModel):
    """A frozen value on the wire: unknown fields are an error, sequences are tuples."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Exact = Annotated[Decimal, BeforeValidator(_plain_decimal)]
Day = Annotated[date, BeforeValidator(_plain_date)]
Line = Annotated[str, BeforeValidator(lambda v: _clean(v) if isinstance(v, str) else v)]
Note = Annotated[Line, StringConstraints(min_length=1, max_length=500)]
Repo = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$"),
]
Revision = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
ProviderId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
Count = Annotated[StrictInt, Field(ge=1)]
Money = Annotated[Exact, Field(ge=0, le=1_000_000)]


def _distinct(providers: tuple[str, ...]) -> tuple[str, ...]:
    """Order and repetition of providers mean nothing, so equal sets give equal plans."""
    return tuple(sorted(set(providers)))


Providers = Annotated[tuple[ProviderId, ...], Field(max_length=50), AfterValidator(_distinct)]
