"""Machines to rent: the price table, row by row."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from engine.contract import Lang, OfferItem
from engine.gpus import HardwareFile
from engine.overlay.findings import quoted, sentence

COLUMNS = (
    "provider",
    "sku",
    "gpu",
    "gpu_count",
    "vram_gb_per_gpu",
    "usd_per_hour",
    "tier",
    "region",
    "as_of",
    "source_url",
    "note",
)

_OFFER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*(:[A-Za-z0-9][A-Za-z0-9._+-]*){3}")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class OfferRowError(ValueError):
    """A row that is no offer: its line, and what is wrong, as a code of findings.yaml."""

    def __init__(self, line: int, code: str, **values: object) -> None:
        self.line, self.code, self.values = line, code, values
        super().__init__(f"line {line}: {sentence(code, Lang.en).format_map(values)}")


def read_offers(text: str, hardware: HardwareFile) -> dict[str, OfferItem]:
    """Offers by id, `provider:sku:region:tier`; lines that start with # are remarks.

    Raises OfferRowError for an unknown GPU, a repeated id, a price that is not above zero, a row
    without a day or address.
    """
    found: dict[str, OfferItem] = {}
    for line, row in _rows(text):
        offer = _offer(line, row, hardware)
        if offer.offer_id in found:
            raise OfferRowError(line, "offer_twice", id=offer.offer_id)
        found[offer.offer_id] = offer
    return found


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    numbered = [(n, t) for n, t in enumerate(text.splitlines(), start=1) if _is_row(t)]
    if not numbered or _cells(*numbered[0]) != list(COLUMNS):
        line = numbered[0][0] if numbered else 1
        raise OfferRowError(line, "offer_columns", columns=", ".join(COLUMNS))
    for line, row in numbered[1:]:
        cells = _cells(line, row)
        if len(cells) != len(COLUMNS):
            raise OfferRowError(line, "offer_cells", columns=len(COLUMNS))
        yield line, dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True))


def _cells(line: int, text: str) -> list[str]:
    """One row; a cell never goes on in the next line."""
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise OfferRowError(line, "offer_quotes") from error


def _is_row(text: str) -> bool:
    return bool(text.strip()) and not text.startswith("#")


def _offer(line: int, row: Mapping[str, str], hardware: HardwareFile) -> OfferItem:
    try:
        seen = date.fromisoformat(row["as_of"])
    except ValueError as error:
        raise OfferRowError(line, "offer_undated", value=quoted(row["as_of"])) from error
    vram, price, count = (
        _above_zero(line, row, name) for name in ("vram_gb_per_gpu", "usd_per_hour", "gpu_count")
    )
    gpu = hardware.find(row["gpu"], vram)
    if gpu is None:
        raise OfferRowError(line, "offer_gpu", gpu=quoted(row["gpu"]), vram=vram)
    if count != int(count):
        raise OfferRowError(line, "offer_number", field="gpu_count", value=count)
    if not row["source_url"].startswith("https://"):
        raise OfferRowError(line, "offer_address")
    sku, region = row["sku"] or gpu.gpu_id, row["region"] or "any"
    offer_id = ":".join((row["provider"], sku, region, row["tier"]))
    if not _OFFER_ID.fullmatch(offer_id) or not all(cell.isprintable() for cell in row.values()):
        raise OfferRowError(line, "offer_name")
    return OfferItem(
        offer_id=offer_id, provider=row["provider"],
        sku=sku, gpu=row["gpu"], gpu_id=gpu.gpu_id, gpu_count=int(count), vram_gb_per_gpu=vram,
        usd_per_hour=price, tier=row["tier"], region=region, as_of=seen,
        source_url=row["source_url"], note=row["note"],
    )  # fmt: skip


def _above_zero(line: int, row: Mapping[str, str], field: str) -> Decimal:
    """A number in plain digits; a price that is not known is left out, it is never 0."""
    text = row[field]
    if not _NUMBER.fullmatch(text) or not Decimal(text):
        raise OfferRowError(line, "offer_number", field=field, value=quoted(text))
    return Decimal(text)


def in_order(offers: Iterable[OfferItem]) -> tuple[OfferItem, ...]:
    """One GPU before several, then the cheapest; the id breaks ties."""
    return tuple(sorted(offers, key=lambda o: (o.gpu_count > 1, o.usd_per_hour, o.offer_id)))
