"""Lines for a terminal: wrapped to its width, wide characters counted as two, colour where wanted.

Nothing here knows what the lines say.
"""

import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

import typer
from typing_extensions import override

from bot.cards.text import esc
from owroute.commands.speech import plain

NARROW, WIDE = 40, 100
"""The columns a page may take, whatever the terminal says."""

_PIECES = re.compile(r"\s+|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+|\S")
"""What a line may break between: words, spaces, and single CJK characters."""

_NEVER_FIRST = frozenset("，。；：、！？）》」”’")


def columns() -> int:
    """The width of a page here."""
    return max(NARROW, min(WIDE, shutil.get_terminal_size((WIDE, 24)).columns))


def may_colour(environ: Mapping[str, str] = os.environ) -> bool:
    """Colour is for people: a terminal, and no `NO_COLOR`."""
    return sys.stdout.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def width(text: str) -> int:
    """Columns a text takes: two for a wide character, none for a combining one."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def wrapped(text: str, room: int) -> Iterator[str]:
    """Lines of at most `room` columns; a word that is longer stands alone, unbroken."""
    line = ""
    for piece in _PIECES.findall(text):
        fits = width(line) + width(piece.rstrip()) <= room or piece in _NEVER_FIRST
        if line.strip() and not fits:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    if line.strip():
        yield line.rstrip()


def aligned(rows: Sequence[Sequence[str]], gap: str = "  ") -> list[str]:
    """A line per row, its cells below each other; all rows are equally long."""
    rows = [[harmless(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = (
        gap.join(cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True))
        for row in rows
    )
    return [line.rstrip() for line in lines]


def harmless(text: str) -> str:
    """Foreign text without what could move the cursor or turn the direction of writing."""
    return plain(esc(text))


class Page:
    """Lines in the making."""

    def __init__(self, room: int, *, colour: bool) -> None:
        self._room = room
        self._colour = colour
        self._lines: list[str] = []

    def line(self, text: str, *, indent: int = 0, lead: str = "", colour: str = "") -> None:
        """A paragraph; `lead` stands before its first line, the others hang below the text."""
        hang = indent + width(lead)
        for number, part in enumerate(wrapped(harmless(text), max(10, self._room - hang))):
            start = " " * indent + lead if number == 0 else " " * hang
            self._lines.append(start + self._painted(part, colour))

    def literal(self, text: str, *, indent: int = 0) -> None:
        """A line to be copied as it is: never wrapped, so that it still runs."""
        self._lines.append(" " * indent + harmless(text))

    def heading(self, text: str) -> None:
        """A section begins."""
        self._lines += ["", self._painted(text, "bold")]

    @override
    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _painted(self, text: str, colour: str) -> str:
        if not (self._colour and colour):
            return text
        if colour == "bold":
            return typer.style(text, bold=True)
        return typer.style(text, fg=colour, bold=True)
