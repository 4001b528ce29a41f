"""The scale of a chart: round amounts from nothing to above the highest bar, in few characters."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from bot.cards.say import hours

STEPS = 4
"""Lines above the floor, at most."""

_ROUND = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_LARGE = (
    (Decimal(1_000_000), Decimal(1_000_000), "M"),
    (Decimal(10_000), Decimal(1_000), "k"),
)
DIGITS = 3


@dataclass(frozen=True, slots=True)
class Scale:
    """From 0 to `top`; `ticks` are the lines to be drawn, each with what stands beside it."""

    top: Decimal
    ticks: tuple[tuple[Decimal, str], ...]


def scale_for(highest: Decimal) -> Scale:
    """A scale with room for an amount; of nothing, one dollar."""
    highest = highest or Decimal(1)
    raw = highest / STEPS
    unit = Decimal(1).scaleb(raw.adjusted())
    step = next(unit * m for m in _ROUND if unit * m >= raw)
    count = int((highest / step).to_integral_value(ROUND_CEILING))
    ticks = [step * n for n in range(count + 1)]
    return Scale(ticks[-1], tuple((tick, brief(tick)) for tick in ticks))


def brief(amount: Decimal) -> str:
    """An amount in three digits or so, never in exponents: `0`, `0.000001`, `24.1`, `180`, `1.2M`.

    The table has the whole amount.
    """
    rounded = _rounded(amount) if amount else Decimal(0)
    for least, unit, letter in _LARGE:
        if rounded >= least:
            return hours(_rounded(rounded / unit)) + letter
    return hours(rounded)


def _rounded(amount: Decimal) -> Decimal:
    """Three digits that count; below ten thousand all that stand before the point."""
    places = DIGITS - 1 - amount.adjusted()
    if amount < _LARGE[-1][0]:
        places = max(0, places)
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
