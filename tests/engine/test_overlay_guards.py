"""What an overlay could make decisions break on: found before it serves, by file and line."""

from pathlib import Path

import pytest

from engine.contract import Lang, Route
from engine.decide import compare, decide
from tests.engine.cards import DATA, L4, SCENARIOS, TODAY, card
from tests.engine.overlays import (
    ADAPTATION,
    CONFLICTS,
    FAMILIES,
    FIRST,
    HARDWARE,
    LICENSES,
    MODEL,
    OURS,
    ROUTES,
    RUNTIMES,
    refused,
    with_overlay,
)

EVIDENCE = "rules/2026.11/evidence.yaml"
BOTH = "{en: 'a', zh: '一'}"

WHEN_FIT = "when: {fit: [tight]}"
EARLY = [
    (
        EVIDENCE,
        f"items:\n  - id: ours\n    kind: route\n    {WHEN_FIT}\n    label: {BOTH}\n"
        f"    template: {BOTH}\n",
        FIRST + 3,
    ),
    (
        ROUTES,
        f"routes:\n  - id: free_colab\n    stop_when:\n      - text: {BOTH}\n"
        f"      - text: {BOTH}\n        {WHEN_FIT}\n",
        FIRST + 5,
    ),
    (
        ROUTES,
        f"routes:\n  - id: free_colab\n    fallback:\n      - route: local_cpu\n"
        f"        {WHEN_FIT}\n",
        FIRST + 4,
    ),
    (
        ROUTES,
        f"plans:\n  - id: ours\n    {WHEN_FIT}\n    effect: plan\n    runtime: vllm\n"
        f"    text: {BOTH}\n    source: ours\n",
        FIRST + 2,
    ),
    (
        ADAPTATION,
        "rules:\n  - id: adaptation.lora_allowed\n    when:\n      needs_fine_tuning: [true]\n"
        "      gated: [true]\n",
        FIRST + 4,
    ),
    (
        LICENSES,
        f"licenses:\n  - id: mit\n    conditions:\n      - text: {BOTH}\n        {WHEN_FIT}\n",
        FIRST + 4,
    ),
    (
        CONFLICTS,
        "rules:\n  - id: service.on_free_colab\n    alternatives:\n      - route: local_gpu\n"
        f"        {WHEN_FIT}\n",
        FIRST + 4,
    ),
    (
        CONFLICTS,
        "rules:\n  - id: rent.stop_plan\n    fix:\n      - field: session_hours\n"
        f"        {WHEN_FIT}\n",
        FIRST + 4,
    ),
]


@pytest.mark.parametrize(("name", "text", "line"), EARLY)
def test_what_is_asked_before_a_choice_cannot_be_asked_about_it(
    tmp_path: Path, name: str, text: str, line: int
) -> None:
    problems = refused(with_overlay(tmp_path, {name: text}))
    assert any(p.startswith(f"{name}:{line}: ") and "model is chosen" in p for p in problems), (
        problems
    )


def test_a_rule_about_the_choice_may_ask_about_it_in_its_fix(tmp_path: Path) -> None:
    text = (
        "rules:\n  - id: memory.does_not_fit\n    fix:\n"
        "      - {field: model_repo, when: {fit: [does_not_fit]}}\n      - context_tokens\n"
    )
    used = with_overlay(tmp_path, {CONFLICTS: text}).overlay
    assert used is not None
    assert used.problems == ()


RULE = """\
rules:
  - id: ours.rule
    when: {when}
    effect: warn
    code: RENT_NOT_JUSTIFIED
    text: {{en: 'Mind {{{hole}}}.', zh: '注意。'}}
    change: {{en: 'Mind it.', zh: '注意。'}}
    source: ours
"""
UNFILLED = [
    ("{route: [free_colab]}", "why"),
    ("{route: [free_colab]}", "runtime"),
    ("{route: [free_colab]}", "native"),
    ("{gated: [true, false]}", "need"),
    ("{fit: [fits, tight]}", "capacity"),
    ("{pin: [pinned, card]}", "files"),
    ("{gated: [true]}", "offer"),
    ("{gated: [true]}", "why"),
    ("{price: [fresh, stale]}", "price"),
    ("{price: [expired]}", "gap"),
    ("{price: [stale], route: [rented_gpu]}", "hours"),
    ("{budget: [within, month_missed]}", "asked"),
]


@pytest.mark.parametrize(("when", "hole"), UNFILLED)
def test_a_sentence_holds_only_what_its_rule_is_sure_of(
    tmp_path: Path, when: str, hole: str
) -> None:
    data = with_overlay(tmp_path, {CONFLICTS: RULE.format(when=when, hole=hole)})
    (problem,) = refused(data)
    assert problem.startswith(f"{CONFLICTS}:{FIRST + 5}: ")
    assert f"{{{hole}}}" in problem


def test_the_second_language_is_held_to_it_too(tmp_path: Path) -> None:
    text = RULE.format(when="{route: [free_colab]}", hole="model").replace("注意。", "{need}", 1)
    (problem,) = refused(with_overlay(tmp_path, {CONFLICTS: text}))
    assert "{need}" in problem


FILLED = [
    ("{candidate: [none]}", "why"),
    ("{context: [extended]}", "native"),
    ("{hardware_runs: [false]}", "runtime"),
    ("{fit: [tight, does_not_fit]}", "need"),
    ("{calibrated: [false]}", "machine"),
    ("{gated: [true]}", "files"),
    ("{pin: [card]}", "expected"),
    ("{price: [stale]}", "age"),
    ("{budget: [month_missed]}", "hours"),
    ("{route: [free_colab]}", "model"),
]


@pytest.mark.parametrize(("when", "hole"), FILLED)
def test_what_a_rule_is_sure_of_may_be_said(tmp_path: Path, when: str, hole: str) -> None:
    used = with_overlay(tmp_path, {CONFLICTS: RULE.format(when=when, hole=hole)}).overlay
    assert used is not None
    assert used.problems == ()


HOLES = [
    (CONFLICTS, RULE.format(when="{route: [free_colab]}", hole="model:d"), FIRST + 5, "braces"),
    (CONFLICTS, RULE.format(when="{route: [free_colab]}", hole="model!r"), FIRST + 5, "braces"),
    (
        FAMILIES,
        "rejections:\n  - code: privacy\n    text: {en: '{gap} above', zh: '{gap}'}\n",
        FIRST + 2,
        "{gap}",
    ),
    (
        "rules/2026.11/budget.yaml",
        "words:\n  egress: {en: '{download}', zh: '{download}'}\n",
        FIRST + 1,
        "{download}",
    ),
]


@pytest.mark.parametrize(("name", "text", "line", "complaint"), HOLES)
def test_a_sentence_elsewhere_holds_only_what_the_built_in_one_holds(
    tmp_path: Path, name: str, text: str, line: int, complaint: str
) -> None:
    problems = refused(with_overlay(tmp_path, {name: text}))
    assert problems[0].startswith(f"{name}:{line}: ")
    assert complaint in problems[0]


REFUSAL = """\
rules:
  - id: ours.refusal
    when: {route: [free_colab]}
    effect: refuse
    code: BUDGET_ROUTE_CONFLICT
    reject: does_not_fit
    alternatives: [local_cpu]
    text: {en: 'No.', zh: '不。'}
    change: {en: 'No.', zh: '不。'}
    source: ours
"""


def test_a_refusal_rejects_with_words_that_need_no_numbers(tmp_path: Path) -> None:
    (problem,) = refused(with_overlay(tmp_path, {CONFLICTS: REFUSAL}))
    assert problem.startswith(f"{CONFLICTS}:{FIRST + 5}: ")
    assert "does_not_fit" in problem


def test_a_value_that_passes_is_worked_out_only_where_it_can_be(tmp_path: Path) -> None:
    text = "rules:\n  - {id: memory.does_not_fit, passing: [model_repo, session_hours]}\n"
    (problem,) = refused(with_overlay(tmp_path, {CONFLICTS: text}))
    assert problem.startswith(f"{CONFLICTS}:{FIRST + 1}: ")
    assert "session_hours" in problem


def test_the_gpu_of_a_free_notebook_cannot_be_removed(tmp_path: Path) -> None:
    text = "hardware:\n  - {gpu_id: t4, disabled: true}\n"
    (problem,) = refused(with_overlay(tmp_path, {HARDWARE: text}))
    assert problem == f"{HARDWARE}:{FIRST + 1}: t4 cannot be removed: some plan needs it."


def test_data_with_which_a_card_cannot_be_decided_do_not_serve(tmp_path: Path) -> None:
    family = DATA.rules[Lang.en].families.on(Route.free_colab)[0]
    text = f"families:\n  - {{id: {family.id}, only_when_named: does_not_fit}}\n"
    data = with_overlay(tmp_path, {FAMILIES: text, OURS: MODEL})
    (problem,) = refused(data)
    assert OURS in problem
    assert FAMILIES in problem
    assert "cannot be decided" in problem
    assert data.overlay is not None
    assert not data.overlay.findings[0].said(Lang.zh).isascii()


def test_a_request_that_no_shell_could_read_does_not_serve(tmp_path: Path) -> None:
    text = 'runtimes:\n  - {id: vllm, first_request: "curl \'open"}\n'
    (problem,) = refused(with_overlay(tmp_path, {RUNTIMES: text}))
    assert RUNTIMES in problem


def test_what_is_applied_decides_every_card_and_compares_it(tmp_path: Path) -> None:
    text = RULE.format(when="{fit: [tight, does_not_fit]}", hole="need")
    data = with_overlay(tmp_path, {CONFLICTS: text, OURS: MODEL})
    assert data.overlay is not None
    assert data.overlay.problems == ()
    for asked in SCENARIOS.values():
        assert decide(asked, data, Lang.zh).inputs.overlay is not None
        assert len(compare(asked, data)) == 5
    ours = card(available_route="local_gpu", hardware=L4, model_repo="ours/small-7b")
    assert decide(ours, data, today=TODAY).model is not None


@pytest.mark.parametrize(
    "field",
    ["usable_gib: 0", 'usable_gib: "-1"', "nominal_gb: 0", "nominal_gb: -8", 'capability: "0"'],
)
def test_a_gpu_has_memory_and_a_capability_above_zero(tmp_path: Path, field: str) -> None:
    text = f"hardware:\n  - gpu_id: l4\n    {field}\n"
    problems = refused(with_overlay(tmp_path, {HARDWARE: text}))
    assert problems[0].startswith(f"{HARDWARE}:{FIRST + 2}: {field.partition(':')[0]}")
