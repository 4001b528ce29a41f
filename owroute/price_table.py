"""Price tables on disk: the team's overlay of a provider's offers, read and replaced as a whole."""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path

from engine.contract import OfferItem
from engine.gpus import HardwareFile
from engine.offers import COLUMNS, OfferRowError, read_offers

MADE_BY = "owroute prices refresh"
_HEADER = f"# {MADE_BY}: "
_READABLE = 0o644

UNKNOWN_GPU = "offer_gpu"
"""The engine's code for a row whose GPU is in no hardware list."""


class Standing(StrEnum):
    """What lies where a provider's table goes."""

    absent = "absent"
    ours = "ours"
    broken = "broken"
    unknown_gpu = "unknown_gpu"
    foreign = "foreign"


def overlay_file(data_dir: Path, provider: str) -> Path:
    """Where a provider's refreshed prices are kept."""
    return data_dir / "overlay" / "offers" / f"{provider}.csv"


def header(provider: str, day: date, address: str) -> str:
    """The remark that heads a table: what made it, for whom, from where and when."""
    return f"{_HEADER}{provider} from {address}, {day.isoformat()}\n"


def csv_text(offers: Iterable[OfferItem], head: str) -> str:
    """A table as the engine reads it, in the order of the ids."""
    out = io.StringIO()
    out.write(head)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(offer) for offer in sorted(offers, key=lambda o: o.offer_id))
    return out.getvalue()


def read_table(file: Path, hardware: HardwareFile) -> tuple[Standing, Mapping[str, OfferItem]]:
    """The offers of a table that this command made; none of any other. Raises OSError."""
    try:
        text = file.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Standing.absent, {}
    except UnicodeDecodeError:
        return Standing.foreign, {}
    if not text.startswith(_HEADER):
        return Standing.foreign, {}
    try:
        return Standing.ours, read_offers(text, hardware)
    except OfferRowError as error:
        unknown = error.code == UNKNOWN_GPU
        return Standing.unknown_gpu if unknown else Standing.broken, {}


def write_table(file: Path, text: str) -> None:
    """Put a table in the place of the old one, whole or not at all. Raises OSError."""
    settle(draft(file, text), file)


def draft(file: Path, text: str) -> Path:
    """The text in a file beside `file`, on the disk for good; `file` is as it was."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".tmp", dir=file.parent)
    drafted = Path(name)
    with _gone_if_it_fails(drafted), os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
        out.write(text)
        out.flush()
        os.fchmod(out.fileno(), _READABLE)
        os.fsync(out.fileno())
    return drafted


def settle(drafted: Path, file: Path) -> None:
    """Give the drafted text the file's name, and make the change of names last."""
    with _gone_if_it_fails(drafted):
        drafted.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _gone_if_it_fails(drafted: Path) -> Iterator[None]:
    """Whatever ends the work on a draft early, a full disk or Ctrl-C, leaves no file behind."""
    try:
        yield
    except BaseException:
        drafted.unlink(missing_ok=True)
        raise


def _cells(offer: OfferItem) -> tuple[object, ...]:
    price, day = f"{offer.usd_per_hour.normalize():f}", offer.as_of
    return (
        offer.provider, offer.sku, offer.gpu, offer.gpu_count, f"{offer.vram_gb_per_gpu:f}", price,
        offer.tier, offer.region, "" if day is None else day, offer.source_url, offer.note,
    )  # fmt: skip
