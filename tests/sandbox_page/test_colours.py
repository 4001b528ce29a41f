"""Text can be read on its ground, in light and in dark (WCAG 2.2, 1.4.3: 4.5 to 1)."""

import re
from itertools import accumulate

import pytest

from sandbox import page

PAIRS = [
    ("ink", "paper"),
    ("muted", "wash"),
    ("muted", "accent-wash"),
    ("faint", "paper"),
    ("faint", "wash"),
    ("link", "wash"),
    ("danger", "danger-wash"),
    ("warn", "warn-wash"),
    ("accent", "accent-wash"),
    ("accent-ink", "accent"),
    ("side-muted", "side"),
    ("side-ink", "side-here"),
]


def schemes() -> list[dict[str, str]]:
    """The colours by name: light, then dark, which changes some of them."""
    source = (page.HERE / "static" / "css" / "tokens.css").read_text("utf-8")
    roots = re.findall(r":root \{(.*?)\}", source, re.DOTALL)
    named = [dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", root)) for root in roots]
    return list(accumulate(named, lambda light, dark: light | dark))


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", schemes(), ids=["light", "dark"])
def test_text_stands_out_from_its_ground(colours: dict[str, str]) -> None:
    for text, ground in PAIRS:
        dark, light = sorted((luminance(colours[text]), luminance(colours[ground])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
