"""The costs of a week as CSV: a row per run, day, kind of cost and price, for a spreadsheet.

RFC 4180: commas, double quotes, CRLF. In UTF-8 with its byte order mark, without which Excel reads
names in the code page of its language; `utf-8-sig` is what programs read it as. Amounts are USD in
plain decimal notation. Where no price is known `usd_per_hour` and `cost_usd` are empty and `priced`
says no. Columns and their words are the same in every language: programs read them.
"""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from bot.cards.say import hours
from bot.cards.text import STRIP
from bot.domain.digest import Digest
from bot.domain.digest_cells import Cell

BOM = "\ufeff"
FORMULA = "=+-@＝＋－＠"
"""A spreadsheet could run a cell that begins so; a quote before it prevents that (OWASP)."""

COLUMNS = (
    "week", "day", "channel", "experiment", "owner", "owner_id", "provider", "account", "machine",
    "name", "gpu", "gpu_count", "kind", "hours", "usd_per_hour", "price_source", "cost_usd",
    "priced", "estimated",
)  # fmt: skip
_PLACES = Decimal("0.000001")


def csv_name(digest: Digest) -> str:
    """`owroute-costs-2026-W47.csv`."""
    return f"owroute-costs-{digest.facts.week.name}.csv"


def csv_text(digest: Digest) -> str:
    """The file, its byte order mark included; its costs add up to the digest's total."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_safe(text) for text in _row(digest, cell)] for cell in _sorted(digest))
    return BOM + out.getvalue()


def _sorted(digest: Digest) -> list[Cell]:
    return sorted(digest.cells, key=lambda c: (c.day, c.run.id, c.kind, c.price or Decimal(0)))


def _row(digest: Digest, cell: Cell) -> Iterator[str]:
    facts, run, machine = digest.facts, cell.run, cell.run.machine
    known = facts.experiments.get(run.experiment) if run.experiment is not None else None
    yield facts.week.name
    yield cell.day.isoformat()
    yield run.channel or ""
    yield known.label if known else str(run.experiment or "")
    yield facts.names.get(run.owner, "") if run.owner else ""
    yield run.owner or ""
    yield machine.provider.value
    yield machine.account
    yield machine.instance_id
    yield run.name or ""
    yield run.gpu or ""
    yield str(run.gpu_count)
    yield cell.kind.value
    yield _plain(_hours(cell.time))
    yield _plain(cell.price)
    yield cell.source.value if cell.source else ""
    yield _plain(cell.usd)
    yield "no" if cell.price is None else "yes"
    yield "yes" if cell.estimated else "no"


def _hours(time: timedelta) -> Decimal:
    return (Decimal(time // timedelta(microseconds=1)) / 3_600_000_000).quantize(_PLACES)


def _plain(amount: Decimal | None) -> str:
    """`0.000001`, `100`: never in exponents, nothing rounded; empty for what is unknown."""
    return "" if amount is None else hours(amount)


def _safe(text: str) -> str:
    """On one line, and nothing that a spreadsheet would run."""
    line = " ".join(STRIP.sub("", text).split())
    return f"'{line}" if line.startswith(tuple(FORMULA)) else line
