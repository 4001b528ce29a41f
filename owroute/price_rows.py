"""Rows of a provider as offers: held to what the shipped table is held to, or left out by name."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from engine.contract import HardwareItem, OfferItem
from engine.gpus import HardwareFile
from engine.offers import OfferRowError, read_offers
from gateways.prices.rows import PriceList, PriceRow, nominal
from owroute.price_table import csv_text

_PLACES = Decimal("0.0001")
_FORM = re.compile(r"pcie|nvl")

Thing = tuple[str, str, int, str, str]
"""What is rented, whatever it is called: GPU id, form (`pcie`, `nvl`, else empty), count, tier,
region.
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """Offers by id, GPUs that the hardware list does not know, and how many rows had no price."""

    offers: Mapping[str, OfferItem]
    unknown: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: the provider's id, the day, and the https address they cite."""

    provider: str
    day: date
    address: str


def sizes_of(name: str, hardware: HardwareFile) -> tuple[int, ...]:
    """The nominal GB of the GPUs that have this name; empty for one that is not known."""
    known = {gpu.nominal_gb for gpu in hardware.hardware.values()}
    found = ((size, hardware.find(name, Decimal(size))) for size in sorted(known))
    return tuple(size for size, gpu in found if gpu is not None and gpu.nominal_gb == size)


def checked(
    listing: PriceList, origin: Origin, hardware: HardwareFile, known: Iterable[OfferItem]
) -> Checked:
    """A provider's rows as offers. Of several with one id the cheapest counts.

    A thing whose provider has no name for it keeps the sku it has in `known`.
    """
    skus = {thing(offer): offer.sku for offer in known}
    found: dict[str, OfferItem] = {}
    unknown: list[str] = []
    left_out = listing.left_out
    for row in sorted(listing.rows, key=lambda row: row.usd_per_hour, reverse=True):
        gpu = _named(row, hardware)
        offer = _offer(row, gpu, origin, skus) if gpu else None
        if offer is None:
            unknown.append(f"{row.names[0]} ({row.vram_gb.normalize():f} GB)")
        elif _is_good(offer, hardware):
            found[offer.offer_id] = offer
        else:
            left_out += 1
    return Checked(found, tuple(sorted(set(unknown))), left_out)


def thing(offer: OfferItem) -> Thing:
    """What the offer is of; a provider's spelling of the GPU does not matter."""
    return offer.gpu_id, _form(offer.gpu), offer.gpu_count, offer.tier, offer.region


def _named(row: PriceRow, hardware: HardwareFile) -> tuple[str, HardwareItem] | None:
    """The first of the row's names that is a GPU's, with the GPU of this memory."""
    for name in row.names:
        size = nominal(sizes_of(name, hardware), row.vram_gb)
        gpu = hardware.find(name, Decimal(size)) if size else None
        if gpu is not None:
            return name, gpu
    return None


def _offer(
    row: PriceRow, named: tuple[str, HardwareItem], origin: Origin, skus: Mapping[Thing, str]
) -> OfferItem:
    name, gpu = named
    form = _form(name)
    usual = gpu.gpu_id if form in gpu.gpu_id else f"{gpu.gpu_id}-{form}"
    sku = row.sku or skus.get((gpu.gpu_id, form, row.gpu_count, row.tier, "any"), usual)
    return OfferItem(
        offer_id=":".join((origin.provider, sku, "any", row.tier)), provider=origin.provider,
        sku=sku, gpu=name, gpu_id=gpu.gpu_id, gpu_count=row.gpu_count,
        vram_gb_per_gpu=Decimal(gpu.nominal_gb),
        usd_per_hour=row.usd_per_hour.quantize(_PLACES, ROUND_HALF_UP), tier=row.tier,
        region="any", as_of=origin.day, source_url=origin.address, note=row.note,
    )  # fmt: skip


def _form(name: str) -> str:
    """Same chips, other boards and prices; without a word for it a board is an SXM one."""
    found = _FORM.search(name.lower())
    return found[0] if found else ""


def _is_good(offer: OfferItem, hardware: HardwareFile) -> bool:
    """Whether the engine would read this row, and as this offer."""
    try:
        return read_offers(csv_text([offer], ""), hardware) == {offer.offer_id: offer}
    except OfferRowError:
        return False
