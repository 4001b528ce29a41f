"""What `owroute prices refresh` does: ask everybody, compare, show, and only then write."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import typer

from bot.clock import Clock
from engine.contract import OfferItem
from engine.gpus import HardwareFile
from engine.load import load_data
from gateways.prices.asking import NoPrices, Trouble
from gateways.prices.rows import PriceList, Step
from owroute.commands.alone import settings_alone
from owroute.commands.exits import Code
from owroute.commands.overlay import Known, hardware_over
from owroute.commands.prices import Provider
from owroute.commands.prices_page import Voice, difference, watched
from owroute.commands.prices_sources import Source, prices, requests, sources
from owroute.commands.speech import Speech
from owroute.price_changes import Change, Fate, changes, is_cut_short, losses
from owroute.price_rows import Checked, Origin, checked
from owroute.price_table import (
    Standing,
    csv_text,
    header,
    overlay_file,
    read_table,
    write_table,
)

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed."""

    providers: frozenset[Provider]
    dry_run: bool
    accept: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A provider that can be asked, and the file of its table.

    `before` is the table as it counts today, `known` also what was shipped and left it since.
    """

    source: Source
    file: Path
    before: Mapping[str, OfferItem]
    known: Mapping[str, OfferItem]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A provider's new table, before it is written."""

    place: Place
    checked: Checked
    changes: tuple[Change, ...]
    accepted: bool

    @property
    def is_kept_out(self) -> bool:
        """Whether the old table stays: too much of it is gone, and nobody said it is right."""
        return not self.accepted and is_cut_short(self.changes)

    def text(self, day: date) -> str:
        """The table's file."""
        source = self.place.source
        kept = [change.kept for change in self.changes if change.kept]
        return csv_text(kept, header(source.provider, day, source.address))


def refresh(wanted: Wanted, say: Speech, clock: Clock) -> int:
    """Bring the overlay up to date; 0 only if nobody failed and every price was taken."""
    settings, voice = settings_alone(say), Voice(say)
    known = hardware_over(settings.overlay, say)
    hardware = known.hardware
    chosen = [s for s in sources(settings) if s.provider in wanted.providers]
    places = [p for s in chosen if (p := _place(s, settings.data_dir, known, voice))]
    try:
        answers = _asked(places, hardware, clock, voice)
    except KeyboardInterrupt:
        voice.tell("stopped")
        return INTERRUPTED
    today = clock.now().date()
    found = [
        new
        for place, answer in zip(places, answers, strict=True)
        if (new := _compared(place, answer, hardware, today, wanted, voice))
    ]
    for new in found:
        page = difference(new.place.source, new.changes, new.checked, say)
        typer.echo(str(page), nl=False)
    return _finished(found, today, wanted, voice)


def _place(source: Source, data_dir: Path, known: Known, voice: Voice) -> Place | None:
    """Where the provider's prices go; None, said, when it cannot be asked."""
    if source.needs_key and source.key is None:
        voice.tell("no_key", source.title, source.key_name)
        return None
    file = overlay_file(data_dir, source.provider)
    try:
        standing, overlaid = read_table(file, known.hardware)
    except OSError as error:
        voice.fail("unreadable", source.title, file, error.strerror or type(error).__name__)
        return None
    if standing is Standing.foreign:
        voice.fail("foreign", source.title, file)
        return None
    if standing is Standing.unknown_gpu and known.lacks_ours:
        voice.fail("gpus_missing", source.title, file)
        return None
    if standing in (Standing.broken, Standing.unknown_gpu):
        voice.tell("broken", file)
    shipped = _shipped(source.provider, known.hardware)
    return Place(source, file, overlaid or shipped, {**shipped, **overlaid})


def _shipped(provider: str, hardware: HardwareFile) -> Mapping[str, OfferItem]:
    """A provider's offers as they come with owroute; with a GPU that a team removed, they go."""
    offers = load_data().catalog.offers.items()
    return {k: o for k, o in offers if o.provider == provider and o.gpu_id in hardware.hardware}


def _asked(
    places: Sequence[Place], hardware: HardwareFile, clock: Clock, voice: Voice
) -> list[PriceList | NoPrices]:
    """Every provider's answer, all asked at once."""
    asked = [place.source for place in places]
    steps = sum(requests(source, hardware) for source in asked)

    async def ask(source: Source, step: Step) -> PriceList | NoPrices:
        try:
            return await prices(source, hardware, clock, step)
        except NoPrices as failed:
            return failed

    async def ask_all(step: Step) -> list[PriceList | NoPrices]:
        return await asyncio.gather(*(ask(source, step) for source in asked))

    with watched(asked, steps, voice) as step:
        return asyncio.run(ask_all(step))


def _compared(
    place: Place, answer: PriceList | NoPrices, hardware: HardwareFile, today: date,
    wanted: Wanted, voice: Voice,
) -> Refreshed | None:  # fmt: skip
    """The new table beside the old one; None, said, when there is nothing to put into it."""
    source = place.source
    if isinstance(answer, NoPrices):
        voice.trouble(source, answer)
        return None
    origin = Origin(source.provider, today, source.cited)
    found = checked(answer, origin, hardware, place.known.values())
    if not found.offers:
        voice.trouble(source, NoPrices(Trouble.empty))
        return None
    changed = changes(place.before, found.offers, accept=wanted.accept)
    return Refreshed(place, found, changed, wanted.accept)


def _finished(found: Sequence[Refreshed], today: date, wanted: Wanted, voice: Voice) -> Code:
    """Write what was found, unless this is only a look, and say how it ended."""
    if any(c.fate is Fate.withheld for new in found for c in new.changes):
        voice.fail("withheld")
    for new in found:
        if new.is_kept_out:
            voice.fail("cut_short", new.place.source.title, *losses(new.changes))
    if not found:
        voice.fail("nothing_read")
    elif wanted.dry_run:
        voice.tell("dry")
    else:
        _write([new for new in found if not new.is_kept_out], today, voice)
    return Code.OK if voice.well else Code.PROBLEM


def _write(found: Sequence[Refreshed], today: date, voice: Voice) -> None:
    """Each table whole or not at all; one that cannot be written does not hold up the others."""
    written = False
    for new in found:
        file = new.place.file
        try:
            write_table(file, new.text(today))
        except OSError as error:
            voice.unwritable(file, error.strerror or type(error).__name__)
        else:
            voice.tell("written", file)
            written = True
    if written:
        voice.tell("from_next_start")
