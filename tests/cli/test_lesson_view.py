"""`--view lesson`: the lesson's own JSON, byte for byte."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import CARD, ran, typed

GOLDEN = Path(__file__).parents[1] / "engine/lesson_golden_cases.json"
CASES: list[dict[str, Any]] = json.loads(GOLDEN.read_text("utf-8"))["cases"]
KNOWN = [c for c in CASES if c["input"]["available_route"] != "something_else"]

WORKED_EXAMPLE = b"""{
  "project": "course Q&A assistant",
  "route": {
    "route": "rented_gpu",
    "goal": "run a stable API with explicit cost and shutdown"
  },
  "model_family": {
    "family": "Qwen or Llama family",
    "fit": [
      "colab",
      "rented_gpu"
    ],
    "runtime": "Transformers, vLLM, or SGLang"
  },
  "adaptation": "RAG first; LoRA only after fixed eval failures",
  "evidence": [
    "model card and license note",
    "runtime command",
    "first prompt and output",
    "five-case eval table",
    "latency and memory note",
    "shutdown command"
  ]
}"""


def flags(card: dict[str, Any]) -> list[str]:
    return [
        word
        for name, value in card.items()
        for word in (
            [f"--{'' if value else 'no-'}{name.replace('_', '-')}"]
            if isinstance(value, bool)
            else [f"--{name.replace('_', '-')}", value]
        )
    ]


def test_the_worked_example_from_a_real_process(tmp_path: Path) -> None:
    done = ran("plan", "--view", "lesson", *flags(CARD), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, WORKED_EXAMPLE, b"")


@pytest.mark.parametrize("case", KNOWN, ids=lambda case: "-".join(map(str, case["input"].values())))
def test_every_golden_case_of_the_lessons_routes(case: dict[str, Any]) -> None:
    done = typed("plan", "--view", "lesson", *flags(case["input"]))
    assert (done.exit_code, done.stdout) == (0, json.dumps(case["expected"], indent=2))


def test_the_language_does_not_change_it() -> None:
    done = typed("plan", "--view", "lesson", "--json", *flags(CARD), lang="zh_CN")
    assert done.stdout_bytes == WORKED_EXAMPLE


def test_a_task_outside_ascii_is_escaped_as_the_lesson_prints_it() -> None:
    done = typed("plan", "--view", "lesson", *flags({**CARD, "task": "课程问答"}))
    assert done.stdout.isascii()
    assert json.loads(done.stdout)["project"] == "课程问答"


@pytest.mark.parametrize("route", ["local_gpu", "private_gpu", "undecided"])
def test_a_route_the_lesson_does_not_know_is_answered_with_what_to_type(route: str) -> None:
    done = typed("plan", "--view", "lesson", *flags({**CARD, "available_route": route}))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "local_cpu, free_colab and rented_gpu only" in done.stderr


def test_an_unknown_route_is_never_a_rental() -> None:
    done = typed("plan", "--view", "lesson", *flags({**CARD, "available_route": "something_else"}))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("--available-route: Choose local_cpu")
