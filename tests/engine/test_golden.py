"""Whole decision cards as files: OWROUTE_UPDATE_GOLDEN=1 writes them anew, people read the diff."""

import json
import os
from pathlib import Path

import pytest

from engine.contract import Lang
from engine.decide import decide
from tests.engine.cards import DATA, SCENARIOS

GOLDEN = Path(__file__).with_name("golden")


def told(name: str, lang: Lang) -> str:
    """The card without what changes with every edit of code or data: ids and digests."""
    decision = decide(SCENARIOS[name], DATA, lang).model_dump(mode="json")
    del decision["plan_id"]
    decision["inputs"] = {"card": decision["inputs"]["card"]}
    return json.dumps(decision, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize("name", SCENARIOS)
def test_scenarios_read_as_agreed(name: str, lang: Lang) -> None:
    path = GOLDEN / f"{name}.{lang}.json"
    text = told(name, lang)
    if os.environ.get("OWROUTE_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_no_golden_card_is_left_behind() -> None:
    expected = {f"{name}.{lang}.json" for name in SCENARIOS for lang in Lang}
    assert {path.name for path in GOLDEN.iterdir()} == expected
