"""Finding a paste-back in a text, whatever else is in it."""

import time

import pytest

from bot.domain.capture import BadPaste, Capture, read_paste
from tests.domain.test_capture import paste


@pytest.mark.parametrize("between", [" ", "", "  "])
def test_a_field_of_one_line_takes_the_line_breaks_away(between: str) -> None:
    one_line = paste().replace("\n", between)
    assert read_paste(f"notes: {one_line} ") == read_paste(paste())
    assert read_paste(one_line.replace("0", "1", 1)) != read_paste(paste())


@pytest.mark.parametrize(
    "text",
    [
        "owroute-capture 1 OW-1\n{" * 2_000,
        "owroute-capture 1 OW-1\n{" + "}\n" * 18_000,
        "owroute-capture 1 OW-1\n{" + ("}" + " " * 200) * 190,
        ("owroute-capture 1 OW-1\n{" + "}\n" * 9) * 900,
    ],
    ids=["heads", "braces", "spaces", "both"],
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    began = time.process_time()
    found = read_paste(text)
    assert isinstance(found, BadPaste)
    assert time.process_time() - began < 0.5


def test_what_was_cut_off_before_it_does_no_harm() -> None:
    whole = paste()
    assert read_paste(f"{whole[:80]}\n{whole}") == read_paste(whole)
    assert isinstance(read_paste(f"{whole[:80]}\n{whole}"), Capture)
