"""What a stacked bar can hold apart: the five dearest parts under a letter each, and the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from bot.domain.costs import NOTHING, Spent
from bot.domain.digest import Digest, Share, by_day
from bot.domain.ids import ChannelId, ExperimentId

Of = TypeVar("Of")
Part_co = TypeVar("Part_co", covariant=True)

LETTERS = "ABCDEF"
"""Colours that can be told from one another."""


@dataclass(frozen=True, slots=True)
class Series(Generic[Part_co]):
    """One part, or `parts` of them together, which then are the rest; `days` add up to `spent`."""

    letter: str
    of: Part_co | None
    spent: Spent
    time: timedelta
    days: tuple[Spent, ...]
    parts: int = 1

    @property
    def is_rest(self) -> bool:
        """Whether it stands for all that has no letter of its own."""
        return self.parts > 1


def series(shares: Sequence[Share[Of]]) -> tuple[Series[Of], ...]:
    """Parts, the dearest first, at most six."""
    alone = len(LETTERS) if len(shares) <= len(LETTERS) else len(LETTERS) - 1
    named = zip(LETTERS, shares[:alone], strict=False)
    first = [Series(letter, s.of, s.spent, s.time, s.days) for letter, s in named]
    rest = shares[alone:]
    return (*first, _together(rest)) if rest else tuple(first)


def _together(shares: Sequence[Share[Of]]) -> Series[Of]:
    cells = (cell for s in shares for cell in s.cells)
    return Series(
        letter=LETTERS[-1],
        of=None,
        spent=sum((s.spent for s in shares), NOTHING),
        time=sum((s.time for s in shares), timedelta(0)),
        days=tuple(day for _, day in by_day(shares[0].week, cells)),
        parts=len(shares),
    )


def drawn_series(digest: Digest) -> tuple[Series[ExperimentId | ChannelId | None], ...]:
    """What its picture and its table show: a channel's experiments, a workspace's channels."""
    return series(digest.experiments) if digest.facts.channel else series(digest.channels)
