"""The lesson's three runs, and the family somebody rejected."""

import json
from typing import Any

from bot.cards import ids, lesson
from bot.domain.delivery import Block
from tests.cards.made import lesson_runs
from tests.forms.filling import payload


def preformatted(blocks: tuple[Block, ...]) -> list[str]:
    sections = [e for b in blocks if b["type"] == "rich_text" for e in b["elements"]]
    return [s["elements"][0]["text"] for s in sections if s["type"] == "rich_text_preformatted"]


def test_each_run_shows_the_lesson_s_own_json_and_our_verdict() -> None:
    runs = lesson_runs()
    message = lesson.lesson(runs, "en")
    shown = [text.replace("&amp;", "&") for text in preformatted(message.blocks)]
    assert shown == [run.lesson for run in runs]
    assert [json.loads(text)["route"]["route"] for text in shown] == [
        "local_cpu", "free_colab", "rented_gpu",
    ]  # fmt: skip
    verdicts = [line for line in message.text.splitlines() if line.startswith("We say")]
    assert verdicts == ["We say *Go*", "We say *Refused*", "We say *Needs changes*"]


def test_where_we_agree_route_and_goal_are_the_lesson_s() -> None:
    first = lesson_runs()[0]
    assert not first.decision.conflicts
    assert json.loads(first.lesson)["route"] == {
        "route": first.decision.route.route,
        "goal": first.decision.route.goal,
    }


def test_a_reason_is_set_beside_the_engine_s() -> None:
    runs = lesson_runs()
    view = lesson.rejection_modal(runs, "en")
    filled = payload(view, family="gpt_oss", reason="No *public* benchmark <yet>.")
    family, reason = lesson.parse_rejection(filled)
    assert (family, reason) == ("gpt_oss", "No *public* benchmark <yet>.")
    answer: dict[str, Any] = lesson.rejection_answer(family, reason, runs, "en")
    shown = json.dumps(answer, ensure_ascii=False)
    assert "No *public* benchmark &lt;yet&gt;." in shown
    theirs = [r for run in runs for r in run.decision.rejected_families if r.id == "gpt_oss"]
    assert len(theirs) == 3
    assert all(r.reason in shown for r in theirs)


def test_a_family_that_a_run_took_is_said_to_be_taken() -> None:
    runs = lesson_runs()
    shown = json.dumps(lesson.rejection_answer("qwen_llama", "x", runs, "en"))
    assert "3. Rented GPU with an API: it took this family." in shown


def test_an_empty_answer_is_read_as_empty() -> None:
    state = {lesson.FAMILY: {ids.FIELD: {"selected_option": None}}, lesson.REASON: {ids.FIELD: {}}}
    assert lesson.parse_rejection({"state": {"values": state}}) == ("", "")
