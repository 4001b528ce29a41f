"""The picture of a digest: a bar per day, stacked by what it shows, as a PNG.

Drawn to be read at a third of its size, which is how Slack shows it in a channel. Colours are those
of Okabe and Ito, which colour-blind people can tell apart; on grey paper the letters, the order and
the hatches do. The font that comes with Pillow knows Latin letters only, so that the picture says
nothing but digits, ISO dates, `USD / day` and the letters A to F: the table of the card explains
those in any script. Hence one picture for every language. Drawing takes some 30 ms, so that it
belongs into a thread and never on the event loop.
"""

import io
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from bot.cards.digest_scale import brief, scale_for
from bot.domain.costs import Spent
from bot.domain.digest import Digest
from bot.domain.digest_series import drawn_series

WIDTH, HEIGHT = 1080, 720
MARGIN = 32
TITLE, TEXT, SMALLEST = 44, 34, 22
TOP, BOTTOM = 150, 176
"""Where the bars may begin, and the room below them for days and letters."""

LETTER_FROM = 42
"""A piece of a bar this high has room for its letter."""

RIM = 6

BAR = 0.68
"""Of the room of a day."""

PAPER, INK, FAINT, GRID = "#ffffff", "#1d1c1d", "#5c5b5d", "#dcdcdc"
UNKNOWN = "?"
"""Above a day of which something has no price."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """How a series is filled: its colour, the ink of its letter, and the shade of its hatch.

    `slant` is 1 for lines that fall to the right, -1 for lines that fall to the left.
    """

    fill: str
    ink: str
    shade: str = ""
    slant: int = 0


LOOKS = (
    Look("#0072b2", "#ffffff"),
    Look("#e69f00", "#1d1c1d", "#9a6400", 1),
    Look("#009e73", "#ffffff", "#00664a", -1),
    Look("#f0e442", "#1d1c1d"),
    Look("#d55e00", "#ffffff", "#8c3d00", 1),
    Look("#c4c4c4", "#1d1c1d", "#808080", -1),
)
"""By letter; neighbours differ in their lightness or in their hatch, and mostly in both."""

HATCH_STEP, HATCH_WIDTH = 20, 4


def chart(digest: Digest) -> bytes:
    """A PNG of 1080 x 720 pixels; the same digest gives the same pixels."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    _Canvas(image, digest).draw()
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False)
    return out.getvalue()


class _Canvas:
    """One picture being drawn."""

    def __init__(self, image: Image.Image, digest: Digest) -> None:
        self._image, self._draw, self._digest = image, ImageDraw.Draw(image), digest
        self._series = drawn_series(digest)
        self._scale = scale_for(max(day.known for _, day in digest.days))
        widest = max(self._width(label) for _, label in self._scale.ticks)
        self._left, self._right = MARGIN + widest + 18, WIDTH - MARGIN
        self._floor = HEIGHT - BOTTOM

    def draw(self) -> None:
        """Everything, from the back to the front."""
        self._head()
        self._grid()
        for n, (day, spent) in enumerate(self._digest.days):
            self._bar(n)
            middle = (self._slot(n) + self._slot(n + 1)) // 2
            self._text((middle, self._floor + 14), f"{day:%m-%d}", FAINT, anchor="mt")
            self._above(middle, spent)
        self._draw.line((self._left, self._floor, self._right, self._floor), INK, 3)
        self._legend()

    def _head(self) -> None:
        week = self._digest.facts.week
        self._text((MARGIN, MARGIN), "USD / day", INK, TITLE, anchor="lt")
        dates = f"{week.monday:%Y-%m-%d} … {week.sunday:%m-%d}"
        self._text((self._right, MARGIN), dates, INK, TITLE, anchor="rt")

    def _grid(self) -> None:
        for amount, label in self._scale.ticks:
            y = self._y(amount)
            self._draw.line((self._left, y, self._right, y), GRID, 2)
            self._text((self._left - 18, y), label, FAINT, anchor="rm")

    def _bar(self, day: int) -> None:
        """The pieces of one day, the dearest of the week at the bottom."""
        room = self._slot(day + 1) - self._slot(day)
        left = self._slot(day) + round(room * (1 - BAR) / 2)
        right, below = left + round(room * BAR), Decimal(0)
        for look, one in zip(LOOKS, self._series, strict=False):
            amount = one.days[day].known
            box = (left, self._y(below + amount), right, self._y(below))
            below += amount
            if amount:
                self._piece(box, look, one.letter)

    def _piece(self, box: Box, look: Look, letter: str) -> None:
        left, top, right, bottom = box
        self._fill((left, min(top, bottom - 1), right, bottom), look)
        if bottom - top >= LETTER_FROM:
            middle = ((left + right) // 2, (top + bottom) // 2)
            self._patch(middle, look)
            self._draw.text(middle, letter, look.ink, font_of(TEXT), anchor="mm")

    def _patch(self, middle: tuple[int, int], look: Look) -> None:
        """Plain ground below a letter, where there is a hatch."""
        x, y = middle
        self._draw.rectangle((x - 17, y - 19, x + 17, y + 18), look.fill)

    def _fill(self, box: Box, look: Look) -> None:
        """A filled box with a hatch that stays in it, and paper between it and the next one."""
        left, top, right, bottom = box
        size = (right - left, bottom - top)
        tile = Image.new("RGB", size, look.fill)
        pen = ImageDraw.Draw(tile)
        for x in range(-size[1], size[0] + size[1], HATCH_STEP) if look.slant else ():
            pen.line((x, 0, x + look.slant * size[1], size[1]), look.shade, HATCH_WIDTH)
        self._image.paste(tile, (left, top))
        self._draw.line((left, top, right - 1, top), PAPER, 2 if size[1] > HATCH_WIDTH else 0)

    def _above(self, middle: int, spent: Spent) -> None:
        """What a day cost, above its bar; what has no price is said to be missing."""
        if not spent.known and spent.is_whole:
            return
        parts = [brief(spent.known)] if spent.known else []
        label = " + ".join([*parts, *([] if spent.is_whole else [UNKNOWN])])
        room = (self._slot(1) - self._slot(0)) / max(1, self._width(label))
        size = max(SMALLEST, round(TEXT * min(1, room)))
        self._text((middle, self._y(spent.known) - 10), label, INK, size, anchor="mb")

    def _legend(self) -> None:
        """A letter, its colour and its sum, three to a row."""
        column = (WIDTH - 2 * MARGIN) // 3
        for n, (look, one) in enumerate(zip(LOOKS, self._series, strict=False)):
            x, y = MARGIN + n % 3 * column, HEIGHT - 106 + n // 3 * 54
            self._fill((x, y, x + 40, y + 36), look)
            sum_ = brief(one.spent.known) if one.spent.known else "?"
            self._text((x + 54, y + 18), f"{one.letter}  {sum_} USD", INK, anchor="lm")

    def _slot(self, day: int) -> int:
        return self._left + (self._right - self._left) * day // len(self._digest.days)

    def _y(self, amount: Decimal) -> int:
        return self._floor - int((self._floor - TOP) * amount / self._scale.top)

    def _text(
        self, xy: tuple[int, int], text: str, ink: str, size: int = TEXT, *, anchor: str
    ) -> None:
        """Text on paper, with a rim of paper around it, so that no line runs through it."""
        font = font_of(size)
        self._draw.text(xy, text, PAPER, font, anchor=anchor, stroke_width=RIM)
        self._draw.text(xy, text, ink, font, anchor=anchor)

    def _width(self, text: str) -> int:
        return round(self._draw.textlength(text, font_of(TEXT)))


@cache
def font_of(size: int) -> Font:
    """The font that comes with Pillow, in pixels."""
    return ImageFont.load_default(size)
