"""What a refresh would change: each offer before and after, and which change is believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.contract import OfferItem
from owroute.price_rows import thing

LEAP = 5
"""A price that moves by more than this factor, either way, is a mistake until somebody says not."""


class Fate(StrEnum):
    """What becomes of an offer."""

    same = "same"
    moved = "moved"
    withheld = "withheld"
    added = "added"
    gone = "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """An offer before and after; one of the two is missing for `added` and `gone`."""

    offer_id: str
    fate: Fate
    old: OfferItem | None
    new: OfferItem | None

    @property
    def percent(self) -> Decimal | None:
        """How far the price moved, in per cent of the old one."""
        if self.old is None or self.new is None:
            return None
        return (self.new.usd_per_hour / self.old.usd_per_hour - 1) * 100

    @property
    def kept(self) -> OfferItem | None:
        """What the new table holds of it: a leap that nobody accepted keeps the old row."""
        return self.old if self.fate is Fate.withheld else self.new


def changes(
    old: Mapping[str, OfferItem], new: Mapping[str, OfferItem], *, accept: bool
) -> tuple[Change, ...]:
    """Every offer of both tables, once, in the order of ids; with `accept` leaps are believed."""
    left = {key: offer for key, offer in old.items() if key not in new}
    before = {key: old.get(key) or _take_alike(offer, left) for key, offer in new.items()}
    for key, offer in new.items():
        before[key] = before[key] or _take_renamed(offer, left)
    found = [
        Change(key, _fate(before[key], offer, accept=accept), before[key], offer)
        for key, offer in new.items()
    ]
    found += (Change(key, Fate.gone, offer, None) for key, offer in left.items())
    return tuple(sorted(found, key=lambda change: change.offer_id))


def losses(changed: Sequence[Change]) -> tuple[int, int]:
    """How many of the old offers are not listed any more, and how many there were."""
    gone = sum(change.fate is Fate.gone for change in changed)
    return gone, sum(change.old is not None for change in changed)


def is_cut_short(changed: Sequence[Change]) -> bool:
    """Whether more than half of the old offers are gone: rather a broken list than a market."""
    gone, known = losses(changed)
    return gone * 2 > known


def _take_alike(offer: OfferItem, left: dict[str, OfferItem]) -> OfferItem | None:
    """Out of `left`, the same thing under another id: of several, the one nearest in price."""
    alike = [other for other in left.values() if thing(other) == thing(offer)]
    if not alike:
        return None
    nearest = min(alike, key=lambda other: _leap(other, offer))
    return left.pop(nearest.offer_id)


def _take_renamed(offer: OfferItem, left: dict[str, OfferItem]) -> OfferItem | None:
    """Out of `left`, this GPU at this price, where one of the two says nothing of the board.

    A provider may list the only board there is with or without its form: `A10`, `A10 PCIe`. At
    another price it may be another board.
    """
    for other in left.values():
        unsaid = not (thing(other)[1] and thing(offer)[1])
        same = _but_board(other) == _but_board(offer)
        if same and unsaid and other.usd_per_hour == offer.usd_per_hour:
            return left.pop(other.offer_id)
    return None


def _but_board(offer: OfferItem) -> tuple[object, ...]:
    gpu_id, _, *rest = thing(offer)
    return (gpu_id, *rest)


def _fate(before: OfferItem | None, offer: OfferItem, *, accept: bool) -> Fate:
    if before is None:
        return Fate.added
    if before.usd_per_hour == offer.usd_per_hour:
        return Fate.same
    return Fate.moved if accept or _leap(before, offer) <= LEAP else Fate.withheld


def _leap(before: OfferItem, after: OfferItem) -> Decimal:
    """By what factor a price moved, either way; at least 1."""
    ratio = after.usd_per_hour / before.usd_per_hour
    return max(ratio, 1 / ratio)
