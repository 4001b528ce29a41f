import json
from pathlib import Path
from typing import Any

import pytest

from engine.lesson import lesson_json, lesson_view
from tests.engine.cards import DATA

GOLDEN = json.loads(Path(__file__).with_name("lesson_golden_cases.json").read_text("utf-8"))
CASES: list[dict[str, Any]] = GOLDEN["cases"]


def _name(case: dict[str, Any]) -> str:
    given = case["input"]
    wishes = [w for w in ("needs_service_api", "needs_fine_tuning") if given[w]]
    return "-".join([given["available_route"], *wishes])


def test_all_sixteen_cases_are_here() -> None:
    assert len({_name(case) for case in CASES}) == 16


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_the_lesson_is_reproduced_byte_for_byte(case: dict[str, Any]) -> None:
    assert lesson_json(case["input"], DATA.lesson) == json.dumps(case["expected"], indent=2)


def test_privacy_and_budget_are_never_read() -> None:
    case = CASES[0]["input"]
    changed = case | {"privacy": "public", "budget_level": "large"}
    assert lesson_view(changed, DATA.lesson) == lesson_view(case, DATA.lesson)


def test_text_outside_ascii_is_escaped_as_the_lesson_prints_it() -> None:
    text = lesson_json(CASES[0]["input"] | {"task": "课程问答"}, DATA.lesson)
    assert text.isascii()
    assert json.loads(text)["project"] == "课程问答"
