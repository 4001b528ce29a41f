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
from pydantic_core import PydanticCustomError

_PLAIN_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


def _clean(text: str) -> str:
    """One line of what can be seen: breaks and tabs become spaces, controls and marks go.

    Zero-width and direction marks (Cf) go too: a task of them alone would be no task.
    """
    seen = (c for c in text if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return " ".join("".join(seen).split())


def _plain_decimal(value: object) -> Decimal:
    """Let through plain ASCII digits; floats, exponents and `1_000` are not exact."""
    if isinstance(value, Decimal) and value.is_finite():
        value = format(value, "f")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and _PLAIN_DECIMAL.fullmatch(value):
        return Decimal(value)
    raise PydanticCustomError("decimal_text", "write a decimal as a string of digits, as in 1.50")


def _plain_date(value: object) -> date:
    """Let through a date or `YYYY-MM-DD`; timestamps are not dates."""
    if type(value) is date:
        return value
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("date_text", "write a date as YYYY-MM-DD")


class Wire(BaseModel):
    """A frozen value on the wire: unknown fields are an error, sequences are tuples."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


Exact = Annotated[Decimal, BeforeValidator(_plain_decimal)]
Day = Annotated[date, BeforeValidator(_plain_date)]
one_line = BeforeValidator(lambda text: _clean(text) if isinstance(text, str) else text)
Note = Annotated[str, StringConstraints(min_length=1, max_length=500), one_line]
Repo = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$"),
]
Revision = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
ProviderId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
Count = Annotated[StrictInt, Field(ge=1, le=2**53 - 1)]
"""The largest is the largest that every JSON reader keeps exact."""

Money = Annotated[Exact, Field(ge=0, le=1_000_000)]


def _distinct(providers: tuple[str, ...]) -> tuple[str, ...]:
    """Order and repetition of providers mean nothing, so equal sets give equal plans."""
    return tuple(sorted(set(providers)))


Providers = Annotated[tuple[ProviderId, ...], Field(max_length=50), AfterValidator(_distinct)]
