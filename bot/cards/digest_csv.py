"""The costs of a week as CSV: a row per run, day, kind of cost and price, for a spreadsheet.

RFC 4180: commas, double quotes, CRLF. In UTF-8 with its byte order mark, without which Excel reads
names in the code page of its language; `utf-8-sig` is what programs read it as. Amounts are USD in
plain decimal notation. Where no price is known the price and the cost are empty and *Price known*
says no. Columns and words are those of Details, in the language of who asked; their order is the
same in every language.
"""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from bot.cards.gpu_say import PROVIDERS
from bot.cards.i18n import words
from bot.cards.say import hours, spoken
from bot.cards.text import STRIP, Mrkdwn, unescaped
from bot.domain.digest import Digest
from bot.domain.digest_cells import Cell
from bot.domain.gpu import GpuRun

BOM = "\ufeff"
FORMULA = "=+-@＝＋－＠"
"""A spreadsheet could run a cell that begins so; a quote before it prevents that (OWASP)."""

COLUMNS = (
    "week", "day", "channel", "experiment", "person", "person_id", "provider", "account",
    "machine", "name", "gpu", "gpus", "kind", "hours", "price", "source", "cost", "priced",
    "estimated",
)  # fmt: skip
"""By the names of their words."""

_PLACES = Decimal("0.000001")


def csv_name(digest: Digest) -> str:
    """`owroute-costs-2026-W47.csv`."""
    return f"owroute-costs-{digest.facts.week.name}.csv"


def csv_text(digest: Digest, lang: str) -> str:
    """The file, its byte order mark included; its costs add up to the digest's total."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([unescaped(spoken(lang, "digest_csv", f"col_{name}")) for name in COLUMNS])
    writer.writerows([_safe(text) for text in _row(digest, c, lang)] for c in _sorted(digest))
    return BOM + out.getvalue()


def _sorted(digest: Digest) -> list[Cell]:
    return sorted(digest.cells, key=lambda c: (c.day, c.run.id, c.kind, c.price or Decimal(0)))


def _row(digest: Digest, cell: Cell, lang: str) -> Iterator[str]:
    say_, run, machine = words(lang).digest_csv, cell.run, cell.run.machine
    yield digest.facts.week.name
    yield cell.day.isoformat()
    yield from (
        unescaped(told) if isinstance(told, Mrkdwn) else told for told in _whose(digest, run, lang)
    )
    yield _seller(run)
    yield machine.account
    yield machine.instance_id
    yield run.name or ""
    yield run.gpu or unescaped(words(lang).digest.no_gpu())
    yield str(run.gpu_count)
    yield unescaped(say_.disk() if cell.is_storage else say_.gpu_time())
    yield _plain(_hours(cell.time))
    yield _plain(cell.price)
    yield _source(cell, lang)
    yield _plain(cell.usd)
    yield unescaped(_yes_no(cell.price is not None, lang))
    yield unescaped(_yes_no(cell.estimated, lang))


def _whose(digest: Digest, run: GpuRun, lang: str) -> Iterator[str]:
    """Channel, experiment and person; what there is none of is said as in Details."""
    say_, facts = words(lang).digest, digest.facts
    known = facts.experiments.get(run.experiment) if run.experiment is not None else None
    yield run.channel or say_.no_channel()
    yield known.label if known else str(run.experiment or "") or say_.no_experiment()
    yield facts.names.get(run.owner, run.owner) if run.owner else say_.nobody()
    yield run.owner or ""


def _seller(run: GpuRun) -> str:
    """RunPod, or what somebody called it who entered the machine by hand."""
    return PROVIDERS.get(run.machine.provider, run.machine.account)


def _source(cell: Cell, lang: str) -> str:
    if cell.source is None:
        return ""
    return unescaped(spoken(lang, "gpu_money", f"source_{cell.source.value}", _seller(cell.run)))


def _yes_no(value: bool, lang: str) -> Mrkdwn:
    return words(lang).settings.yes() if value else words(lang).settings.no()


def _hours(time: timedelta) -> Decimal:
    return (Decimal(time // timedelta(microseconds=1)) / 3_600_000_000).quantize(_PLACES)


def _plain(amount: Decimal | None) -> str:
    """`0.000001`, `100`: never in exponents, nothing rounded; empty for what is unknown."""
    return "" if amount is None else hours(amount)


def _safe(text: str) -> str:
    """On one line, and nothing that a spreadsheet would run."""
    line = " ".join(STRIP.sub("", text).split())
    return f"'{line}" if line.startswith(tuple(FORMULA)) else line
