"""Text is shown as typed, cut only between characters, and time is each reader's own."""

import html
import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.cards.blocks import SECTION, capped, paragraphs
from bot.cards.text import Mrkdwn, code, esc, link, moment, one_line

MARKUP = st.text(st.sampled_from("&<>|*_`abc é\u202e\n"), max_size=60)


@given(MARKUP)
def test_escaping_is_what_slack_undoes(text: str) -> None:
    assert html.unescape(esc(text)) == text.replace("\u202e", "")
    assert esc(esc(text)) == esc(text)


@given(MARKUP, st.integers(2, 40))
def test_a_cut_falls_between_characters(text: str, limit: int) -> None:
    cut = capped(text, limit)
    assert len(cut) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", cut)
    assert capped(Mrkdwn("x" * limit + "<@U1>"), limit) == "x" * (limit - 1) + "…"


def test_a_mention_is_never_cut_in_two() -> None:
    assert capped(Mrkdwn("by <@U0ADA00001> today"), 10) == "by…"


@given(MARKUP)
def test_code_cannot_be_left(text: str) -> None:
    assert re.fullmatch(r"`[^`\n]*`", code(text))


@given(st.text(max_size=50), st.integers(1, 20))
def test_one_line_is_one_line(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1


@given(st.lists(st.text("ab", min_size=1, max_size=1500), min_size=1, max_size=12))
def test_paragraphs_keep_every_line(lines: list[str]) -> None:
    texts = [block["text"]["text"] for block in paragraphs(lines)]
    assert "\n".join(texts).split("\n") == lines
    assert all(len(text) <= SECTION for text in texts)


def test_a_link_keeps_its_own_words() -> None:
    assert link("https://x.example/a|b>", "R&D") == "<https://x.example/a%7Cb&gt;|R&amp;D>"


def test_a_time_is_shown_in_each_reader_s_zone_with_utc_to_fall_back_on() -> None:
    at = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    assert moment(at) == (
        f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|2026-11-24 16:00 UTC>"
    )
