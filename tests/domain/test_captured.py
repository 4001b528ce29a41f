"""What a capture says about each item, and what of it is whole."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.capture import parse_capture
from bot.domain.capture_form import Capture
from bot.domain.captured import entries_of, is_baseline
from bot.domain.evidence import Entry, Source
from bot.domain.evidence_fields import bares, lacks
from bot.domain.ids import UserId

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
ROWS = [
    {"case_id": f"c{n}", "pass": n != 2, "seconds": 0.5, "prompt": "zebra?", "output": "zebu"}
    for n in range(1, 6)
]


def capture(rows: list[dict[str, Any]] | None = None, **more: Any) -> Capture:
    """A capture of a GPU machine that serves; None takes a part away."""
    rows = ROWS if rows is None else rows
    verdicts = [r["pass"] for r in rows]
    found: dict[str, Any] = {
        "v": 1, "experiment": "OW-12", "private": False, "at": "2026-11-24T09:00:00Z",
        "endpoint": "http://127.0.0.1:8000/v1",
        "runtime": {"name": "vllm", "version": "0.11.0", "command": "vllm serve Qwen/Qwen3-8B"},
        "first": {"prompt": "zebra?", "output": "zebu", "seconds": 1.2345678},
        "latency": {"p50": 0.5, "p95": 0.75},
        "memory": {"gpu_mib": 14541, "rss_mib": 900},
        "disk_gib": 15.264,
        "environment": {"gpu": "2 x L4", "driver": "550.54", "cuda": "12.4", "python": "3.11"},
        "cases": {
            "total": len(rows), "passed": verdicts.count(True), "failed": verdicts.count(False),
            "unjudged": verdicts.count(None), "sha256": "a" * 64, "rows": rows,
        },
        **more,
    }  # fmt: skip
    parsed = parse_capture(
        json.loads(json.dumps({k: v for k, v in found.items() if v is not None}))
    )
    assert isinstance(parsed, Capture), parsed
    return parsed


def entries(of: Capture, *, private: bool = False) -> dict[str, Entry]:
    made = entries_of(of, key="V1", by=UserId("U1"), at=AT, private=private)
    return {e.item: e for e in made}


def test_all_eight_items() -> None:
    found = entries(capture())
    assert list(found) == [
        "runtime_command", "first_prompt_output", "five_case_eval", "latency_memory_note",
        "endpoint", "request_response", "runtime_type", "environment_report",
    ]  # fmt: skip
    assert {e.source for e in found.values()} == {Source.CAPTURED}
    assert found["runtime_command"].content["version"] == "vllm 0.11.0"
    assert found["first_prompt_output"].content["seconds"] == "1.234568 s"
    assert found["latency_memory_note"].content == {
        "latency": "0.5 s", "memory": "14.2 GiB", "disk": "15.26 GiB",
    }  # fmt: skip
    assert found["environment_report"].content["runtime"] == "vllm 0.11.0"
    for item in ("runtime_command", "first_prompt_output", "endpoint", "runtime_type"):
        assert not lacks(item, found[item].content, private=False)
    assert lacks("latency_memory_note", found["latency_memory_note"].content, private=False) == (
        "cost",
    )


def test_what_the_script_could_not_read_is_left_out() -> None:
    bare = capture(
        endpoint=None, runtime=None, memory=None, environment=None, disk_gib=None, cases=None
    )
    assert list(entries(bare)) == ["first_prompt_output", "latency_memory_note"]
    assert entries(capture(memory={"rss_mib": 512}))["latency_memory_note"].content["memory"] == (
        "0.5 GiB"
    )


def test_an_endpoint_that_is_open_to_the_world_is_no_evidence() -> None:
    found = entries(capture(endpoint="http://203.0.113.9:8000/v1"))
    assert not {"endpoint", "request_response"} & set(found)


@pytest.mark.parametrize(
    ("rows", "whole"),
    [
        (ROWS, True),
        (ROWS[:4], False),
        ([*ROWS[:4], {"case_id": "c9", "pass": None}], False),
    ],
)
def test_a_baseline_needs_five_judged_cases(rows: list[dict[str, Any]], whole: bool) -> None:
    found = entries(capture(rows))["five_case_eval"]
    assert found.whole is whole
    assert is_baseline(found.content) is whole
    assert found.content["total"] == len(rows)


def test_a_private_experiment_keeps_no_word_of_an_open_capture() -> None:
    found = entries(capture(), private=True)
    assert "zeb" not in repr(found)
    for entry in found.values():
        assert not bares(entry.item, entry.content)
        if entry.item in ("first_prompt_output", "request_response"):
            assert not lacks(entry.item, entry.content, private=True)
