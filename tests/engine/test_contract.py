"""What a constraint card takes and what it turns away."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.accuracy.check import catalogued
from engine.contract import ConstraintCard, FitRequest
from tests.engine.cards import any_card, card

HOSTILE = [
    "<!channel> now",
    "&lt;b&gt;",
    "{{7*7}} {0}",
    "😀 emoji task",
    "مهمة من اليمين إلى اليسار",
    "私有文档问答",
]


@pytest.mark.parametrize("task", HOSTILE)
def test_odd_tasks_are_kept_literally(task: str) -> None:
    assert card(task=task).task == task


def test_a_task_is_one_line_without_control_characters() -> None:
    assert card(task="  two\nlines\tand \x00\x1bmore ").task == "two lines and more"


@pytest.mark.parametrize(
    "task", ["", "ab", "   a b\n".replace(" ", ""), "\x00\x01\x02ab", "x" * 301]
)
def test_tasks_too_short_or_too_long_are_turned_away(task: str) -> None:
    with pytest.raises(ValidationError):
        card(task=task)


BAD: list[tuple[str, Any]] = [
    *(
        ("session_hours", v)
        for v in ["0", "-1", "NaN", "1e309", "1,5", "１２", "745", "1_0", "", 1.5]
    ),
    *(("max_hourly", v) for v in ["-0.01", "Infinity", "$3", True, float("inf")]),
    *(("context_tokens", v) for v in [0, -1, 16_777_217, "8192", 8192.0, True]),
    *(("concurrency", v) for v in [0, 4097]),
    *(("days_per_month", v) for v in [0, 32]),
    *(("review_date", v) for v in ["2026-02-30", "tomorrow", 1, "2026-11-24T00:00:00"]),
    *(
        ("model_repo", v)
        for v in ["llama", "a/b/c", "a/../b", "a b/c", "a/b@main", "a/b\n", ";rm/x"]
    ),
    *(("revision", v) for v in ["main", "0" * 39, "G" * 40, "A" * 40]),
    *(("machine_name", v) for v in ["OW-12", "a b", "x" * 41, ""]),
    *(("hardware", v) for v in [{"gpu_count": 0}, {"gpu_count": 65}, {"gpu_id": "L4; rm"}]),
    *(("providers_allowed", v) for v in [["Run Pod"], "runpod", [""]]),
    ("needs_service_api", "yes"),
    ("needs_service_api", 1),
    ("available_route", "rented-gpu"),
    ("fallback_route", "undecided"),
    ("favourite_colour", "blue"),
]


@pytest.mark.parametrize(("field", "value"), BAD)
def test_bad_values_are_turned_away(field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        card(**{field: value})


@pytest.mark.parametrize("field", ["task", "privacy", "needs_service_api", "budget_level"])
def test_the_lessons_six_fields_are_required(field: str) -> None:
    values = card().model_dump()
    del values[field]
    with pytest.raises(ValidationError):
        ConstraintCard.model_validate(values)


def test_decimals_travel_as_strings_and_providers_as_a_set() -> None:
    made = card(max_monthly="49.90", providers_allowed=["vast", "aws", "vast"])
    wire = made.model_dump(mode="json")
    assert wire["max_monthly"] == "49.90"
    assert wire["providers_allowed"] == ["aws", "vast"]
    assert made.max_monthly == Decimal("49.90")


@given(any_card())
def test_a_card_survives_the_wire(made: ConstraintCard) -> None:
    assert ConstraintCard.model_validate_json(made.model_dump_json()) == made


@given(st.text())
def test_any_text_ends_in_a_clean_line_or_a_refusal(text: str) -> None:
    try:
        task = card(task=text).task
    except ValidationError:
        return
    assert task == card(task=task).task, "cleaning twice changes nothing"
    assert task.encode("utf-8").decode("utf-8").isprintable() or not task.isascii()


FIT: dict[str, Any] = {
    "scheme": "BF16",
    "runtime": "vllm",
    "context_tokens": 1,
    "model_repo": "Qwen/Qwen3-8B",
}


def test_a_fit_request_describes_exactly_one_model_and_at_most_one_capacity() -> None:
    assert FitRequest.model_validate(FIT).concurrency == 1
    shape = catalogued()["Qwen/Qwen3-8B"]
    asked = FitRequest.model_validate(FIT | {"model_repo": None, "architecture": shape})
    assert asked.architecture == shape
    for wrong in (
        {"model_repo": None},
        {"architecture": shape},
        {"hardware": {"gpu_id": "l4"}, "capacity_bytes": 1},
    ):
        with pytest.raises(ValidationError):
            FitRequest.model_validate(FIT | wrong)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("context_tokens", v) for v in [0, -1, 10**12, "8192", None]),
        *(("concurrency", v) for v in [0, 4097]),
        *(("prefill_tokens", v) for v in [0, 2**53]),
        *(("capacity_bytes", v) for v in [0, -1, 2**53, 10**400]),
        *(("utilization", v) for v in ["0", "1.01", 0.9]),
        *(("hardware", v) for v in [{"gpu_count": -1}, {"gpu_count": 65}, {"ram_gib": "0"}]),
        *(("model_repo", v) for v in ["Qwen3-8B", "Qwen/Qwen3-8B@main"]),
        ("phase", "cold"),
        ("speed", 1),
    ],
)
def test_absurd_fit_requests_are_turned_away(field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        FitRequest.model_validate(FIT | {field: value})
