"""Every card as it is, in both languages; `OWROUTE_UPDATE_GOLDEN=1` writes them anew."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import Message
from bot.domain.workspace import LANGUAGES
from sandbox.limits.report import Surface
from sandbox.limits.surfaces import message_problems, view_problems
from tests.cards.gallery import GALLERY, Drawn

GOLDEN = Path(__file__).parent / "golden"
UPDATE = os.environ.get("OWROUTE_UPDATE_GOLDEN") == "1"
QUOTES = ("rich_text_quote", "rich_text_preformatted")
MOST_BLOCKS = 10_000
MOST_TEXT = 4_000
WRITTEN = "'END_OF_FILE'.*?END_OF_FILE"
LEAKS = re.compile(r"\b(None|null|undefined|Decimal|datetime|True|False)\b|\{\{|%\(|[a-z]+\.[A-Z]")


def payload(drawn: Drawn) -> dict[str, Any]:
    if isinstance(drawn, Message):
        return {"text": drawn.text, "blocks": list(drawn.blocks)}
    return dict(drawn)


def shown(found: Any, *, quotes: bool = True) -> Iterator[str]:
    """Every text that a person would read, with or without what is quoted."""
    if isinstance(found, dict):
        if found.get("type") in QUOTES and not quotes:
            return
        if found.get("type") in ("mrkdwn", "plain_text", "text"):
            yield found["text"]
        else:
            for name, value in found.items():
                if name != "text" or not isinstance(value, str):
                    yield from shown(value, quotes=quotes)
    elif isinstance(found, list):
        for item in found:
            yield from shown(item, quotes=quotes)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", GALLERY)
def test_a_card_is_as_it_was_agreed(name: str, lang: str) -> None:
    path = GOLDEN / f"{name}.{lang}.json"
    text = json.dumps(payload(GALLERY[name](lang)), indent=1, ensure_ascii=False) + "\n"
    if UPDATE:
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8"), f"{path.name} differs: OWROUTE_UPDATE_GOLDEN=1"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", GALLERY)
def test_slack_would_take_it(name: str, lang: str) -> None:
    drawn = payload(GALLERY[name](lang))
    if "type" in drawn:
        assert view_problems(drawn, allowed=(Surface.MODAL, Surface.HOME)) == []
        return
    assert message_problems(drawn["blocks"]) == []
    assert len(json.dumps(drawn["blocks"], ensure_ascii=False)) < MOST_BLOCKS
    assert 0 < len(drawn["text"]) <= MOST_TEXT


def scripts(found: Any) -> Iterator[str]:
    """The commands of a message, without the files that they write."""
    for block in found.get("blocks", ()):
        for part in block.get("elements", ()):
            if part["type"] == "rich_text_preformatted":
                yield re.sub(WRITTEN, "", part["elements"][0]["text"], flags=re.DOTALL)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", GALLERY)
def test_nothing_of_the_machine_shows_through(name: str, lang: str) -> None:
    drawn = payload(GALLERY[name](lang))
    for text in (*shown(drawn, quotes=False), drawn.get("text", "a view has none")):
        assert text.strip()
        assert not LEAKS.search(text), text
    for text in scripts(drawn):
        assert not re.search(r"\bNone\b|\{\{|%\(", text), text


@pytest.mark.parametrize("name", GALLERY)
def test_chinese_is_not_english(name: str) -> None:
    drawn = payload(GALLERY[name]("zh_CN"))
    for text in shown(drawn, quotes=False):
        words = re.sub(r"`[^`]*`|<[^>]*>|https?:\S+", "", text)
        assert len(re.findall(r"\b(?:the|is|of|and|not|you|your|for|with)\b", words)) <= 1, text


def test_no_golden_file_is_left_over() -> None:
    known = {f"{name}.{lang}.json" for name in GALLERY for lang in LANGUAGES}
    assert {path.name for path in GOLDEN.glob("*.json")} == known
