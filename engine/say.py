"""How numbers read in the engine's sentences, alike in every language."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from typing_extensions import override

from engine.units import BILLION, GIB


class Late(dict[str, Callable[[], object]]):
    """Placeholders of a sentence, each worked out only when the sentence asks for it."""

    @override
    def __getitem__(self, name: str) -> object:  # type: ignore[override]  # format_map reads here
        """The value; the mapping itself holds how to come by it."""
        return super().__getitem__(name)()


def gib(size: int) -> str:
    """Bytes as GiB with one place."""
    return str((Decimal(size) / GIB).quantize(Decimal("0.1"), ROUND_HALF_UP))


def usd(amount: Decimal | str | int) -> str:
    """Two places, and four where two would say nothing."""
    exact = Decimal(amount)
    places = Decimal("0.01") if exact == 0 or exact >= Decimal("0.01") else Decimal("0.0001")
    return str(exact.quantize(places, ROUND_HALF_UP))


def counted(params: int) -> str:
    """Parameters in 10^9 with one place, without a useless zero: 7.6, 15."""
    text = str((Decimal(params) / BILLION).quantize(Decimal("0.1"), ROUND_HALF_UP))
    return text.removesuffix(".0")


def plain(number: Decimal) -> str:
    """A decimal without an exponent or trailing zeros: 2, 2.5."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
