"""How a refresh of prices speaks: progress and sentences on standard error, a table on paper."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import typer

from engine.contract import OfferItem
from gateways.prices.asking import NoPrices
from gateways.prices.rows import Step
from owroute.commands.prices_sources import Source
from owroute.commands.speech import Speech, spoken
from owroute.commands.terminal import Page, columns, harmless, may_colour, width
from owroute.price_changes import Change, Fate
from owroute.price_rows import Checked

_NAMED = 12
"""Unknown GPUs that are named; more of them are counted."""
_GAP = "  "


class Voice:
    """Sentences on standard error, in one language; remembers whether anything was wrong."""

    def __init__(self, say: Speech) -> None:
        self._say = say
        self.well = True

    def said(self, macro: str, *values: object) -> str:
        """A sentence of `prices.j2`."""
        return spoken(self._say.lang, "prices", macro, *values)

    def tell(self, macro: str, *values: object) -> None:
        """Say something worth knowing."""
        typer.echo(self.said(macro, *values), err=True)

    def fail(self, macro: str, *values: object) -> None:
        """Say something that is wrong."""
        self.well = False
        self.tell(macro, *values)

    def trouble(self, source: Source, failed: NoPrices) -> None:
        """Say why a provider has no prices, and that the old ones stay."""
        what = self.said(
            f"trouble_{failed.trouble}",
            source.title, source.address, source.setting, source.key_name, failed.detail,
        )  # fmt: skip
        self.fail("failed", what)

    def unwritable(self, file: Path, why: str) -> None:
        """Say that a table could not be written."""
        self.well = False
        typer.echo(self._say.folder_unusable(file.parent, why), err=True)


@contextmanager
def watched(asked: Sequence[Source], steps: int, voice: Voice) -> Iterator[Step]:
    """A bar where somebody watches, else a line per provider; gives what moves it on."""
    if not (sys.stderr.isatty() and steps):
        for source in asked:
            voice.tell("reading", source.title, source.address)
        yield lambda: None
        return
    label = voice.said("reading_all")
    with typer.progressbar(length=steps, label=label, file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def difference(source: Source, changed: Sequence[Change], checked: Checked, say: Speech) -> Page:
    """A provider's offers whose price is another now, and what was left out."""
    voice, page = Voice(say), Page(columns(), colour=may_colour())
    fates = (Fate.same, Fate.moved, Fate.withheld, Fate.added, Fate.gone)
    counts = (sum(change.fate is fate for change in changed) for fate in fates)
    page.heading(voice.said("summary", source.title, *counts))
    for line in _table([change for change in changed if change.fate is not Fate.same], voice):
        page.literal(line, indent=2)
    if checked.unknown:
        named, more = checked.unknown[:_NAMED], len(checked.unknown[_NAMED:])
        page.line(voice.said("unknown", ", ".join(named), more), indent=2)
    if checked.left_out:
        page.line(voice.said("left_out", checked.left_out), indent=2)
    return page


def _table(changed: Sequence[Change], voice: Voice) -> Iterator[str]:
    if not changed:
        return
    head = tuple(voice.said(f"head_{name}") for name in ("offer", "old", "new", "change"))
    rows = [head, *(_row(change, voice) for change in changed)]
    widths = [max(map(width, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        padded = (c + " " * (w - width(c)) for c, w in zip(row, widths, strict=True))
        yield _GAP.join(padded).rstrip()


def _row(change: Change, voice: Voice) -> tuple[str, ...]:
    old, new, percent = change.old, change.new, change.percent
    moved = "" if percent is None else f"{percent.quantize(Decimal('0.1'), ROUND_HALF_UP):+f} %"
    return (
        harmless(change.offer_id),
        f"{_usd(old)} ({old.as_of})" if old else "",
        _usd(new) if new else "",
        voice.said(f"fate_{change.fate}", moved),
    )


def _usd(offer: OfferItem) -> str:
    return f"{offer.usd_per_hour.normalize():f}"
