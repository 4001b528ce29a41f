"""`owroute plan` at a real terminal: questions, explanations, the same again without questions."""

import shlex
from pathlib import Path

import pytest

from owroute.commands.plan_questions import chosen, numbered
from tests.cli.command import PLAIN, at_terminal, ran

CHOICES = {"public": "Public", "private_docs": "Private documents"}


def test_answers_make_a_card(tmp_path: Path) -> None:
    code, seen = at_terminal("plan", keys="course assistant\n3\nlocal cpu\ny\n\n\n", cwd=tmp_path)
    assert code == 3
    for words in ("Task: ", "Privacy: ", "     3  Private documents", "Budget [Small", "Local CPU"):
        assert words in seen
    assert "! Needs changes: course assistant" in seen


def test_a_bad_answer_is_explained_and_asked_again(tmp_path: Path) -> None:
    keys = "ab\ncourse assistant\n\nsecret\npublic\n1\nmaybe\nno\nno\nzero\n"
    code, seen = at_terminal("plan", keys=keys, cwd=tmp_path)
    assert code == 0
    assert seen.count("Say in 3 to 300 characters") == 1
    assert seen.count("Choose public, internal, private_docs or regulated.") == 2
    assert seen.count("Answer yes or no.") == 1


def test_the_stop_time_is_asked_where_something_may_be_rented(tmp_path: Path) -> None:
    keys = "course assistant\npublic\nrented_gpu\nyes\nno\nsmall\n2,5\n4\n"
    code, seen = at_terminal("plan", keys=keys, cwd=tmp_path)
    assert "office  Office hours" in seen
    assert "Type a number of hours" in seen
    assert "One session stops after 4 h." in seen
    assert code == 0


def test_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    given = ("--task", "a run", "--privacy", "public", "--available-route", "local_cpu")
    code, seen = at_terminal(
        "plan", *given, "--budget-level", "zero", keys="no\nno\n", cwd=tmp_path
    )
    assert code == 0
    assert "Privacy:" not in seen


def test_the_command_it_prints_gives_the_same_decision(tmp_path: Path) -> None:
    keys = "Ada's Q&A; rm -rf\ninternal\nrented_gpu\nyes\nno\nmedium\noffice\n"
    code, seen = at_terminal("plan", keys=keys, cwd=tmp_path)
    again = seen.partition("The same without questions: owroute ")[2].splitlines()[0]
    arguments = shlex.split(again)
    assert arguments[:3] == ["plan", "--task", "Ada's Q&A; rm -rf"]
    done = ran(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert done.stdout.decode().splitlines()[-1] in seen


@pytest.mark.parametrize(("no_color", "painted"), [("", True), ("1", False)])
def test_colour_is_for_terminals_that_want_it(no_color: str, painted: bool, tmp_path: Path) -> None:
    env = {"NO_COLOR": no_color, "TERM": "xterm"}
    _, seen = at_terminal("plan", *PLAIN, keys="", cwd=tmp_path, env=env)
    assert ("\x1b[32m" in seen) is painted


def test_ctrl_d_stops_and_plans_nothing(tmp_path: Path) -> None:
    code, seen = at_terminal("plan", keys="a run\n\x04", cwd=tmp_path)
    assert code == 130
    assert seen.endswith("Stopped. Nothing was planned.\n")


def test_a_person_is_asked_in_their_language(tmp_path: Path) -> None:
    code, seen = at_terminal(
        "--lang", "zh", "plan", keys="课程问答\n1\n1\n否\n否\n1\n", cwd=tmp_path
    )
    assert code == 0
    assert "课程问答" in seen


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2", "private_docs"),
        ("Private Documents", "private_docs"),
        ("private-docs", "private_docs"),
        ("PUBLIC", "public"),
        ("3", "3"),
        ("", ""),
    ],
)
def test_a_choice_is_its_place_its_label_or_its_name(text: str, meant: str) -> None:
    assert chosen("privacy", text, CHOICES) == meant


def test_places_begin_with_one() -> None:
    assert numbered(CHOICES) == {"1": "Public", "2": "Private documents"}
