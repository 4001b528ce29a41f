"""The page draws every sign that owroute's cards use; of others Slack's name stays, as typed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from bot.cards import checklist, detail, say
from sandbox import page

ROOT = Path(__file__).parents[2]
TABLE = page.HERE / "static" / "js" / "emoji.js"
ENTRY = re.compile(r'^\s+"?([\w+-]+)"?: "[^"\s]+",$', re.M)
COLONS = re.compile(r"(?<![\w:{}]):([a-z+][a-z0-9_+-]*):(?!\w)")
HEADLINE = re.compile(r'headline\(\s*"(\w+)"')


def drawn() -> set[str]:
    """The names in the page's table."""
    return set(ENTRY.findall(TABLE.read_text("utf-8")))


def written() -> set[str]:
    """The signs that the sources of the cards and their sentences name."""
    sources = [p for p in (ROOT / "bot").rglob("*") if p.suffix in (".py", ".j2", ".po")]
    texts = [source.read_text("utf-8") for source in sources]
    found = {
        name for text in texts for pattern in (COLONS, HEADLINE) for name in pattern.findall(text)
    }
    marks = (*checklist.SIGNS.values(), *detail.MARKS.values(), detail.MISSING)
    return found | set(say.SIGNS.values()) | {mark.strip(":") for mark in marks}


def shown() -> set[str]:
    """The signs on the golden cards."""
    return {name for path in ROOT.glob("tests/cards/golden/*.json")
            for name in _signs(json.loads(path.read_text("utf-8")))}  # fmt: skip


def test_the_page_draws_every_sign_that_the_cards_write() -> None:
    assert written() >= {"inbox_tray", "clipboard", "checkered_flag"}  # each of the three ways
    assert sorted(written() - drawn()) == []


def test_the_page_draws_every_sign_on_a_golden_card() -> None:
    assert shown()
    assert sorted(shown() - drawn()) == []


def _signs(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "emoji":
            yield str(value["name"])
        for part in value.values():
            yield from _signs(part)
    elif isinstance(value, list):
        for part in value:
            yield from _signs(part)
