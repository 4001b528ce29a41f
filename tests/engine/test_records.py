"""The nine-field record: each single defect is refused, and named."""

from typing import Any

import pytest

from engine.contract import EvidenceRecord, Lang
from engine.records import check_record
from tests.engine.cards import DATA, REVISION

CASES: list[dict[str, Any]] = [{"case_id": f"case-{n}", "pass": n != 3} for n in range(5)]
GOOD: dict[str, Any] = {
    "model_name": f"Qwen/Qwen3-8B@{REVISION}",
    "license_note": "apache-2.0: internal use and redistribution allowed",
    "route": "local_gpu",
    "runtime": {"command": "vllm serve Qwen/Qwen3-8B", "version": "0.11.0"},
    "first_run": {"prompt": "What is RAG?", "output": "A way to ...", "seconds": 2.1},
    "eval": CASES,
    "resource_note": {
        "memory": "17.3 GiB",
        "latency": "210 ms",
        "disk": "16.4 GB",
        "cost": "0 USD",
    },
    "shutdown": "kill -INT 4242",
    "decision": "lora",
}
SENTENCES = DATA.rules[Lang.en].evidence.record


def check(**changes: Any) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    answer = check_record(EvidenceRecord.model_validate(GOOD | changes), SENTENCES)
    assert answer.valid == (not answer.errors and not answer.missing)
    return [(e.pointer, e.code) for e in answer.errors], answer.missing


def test_a_whole_record_is_valid() -> None:
    assert check() == ([], ())


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("empty", [None, "", "  ", [], {}])
def test_an_empty_field_is_named_as_missing(field: str, empty: Any) -> None:
    errors, missing = check(**{field: empty})
    assert missing == (field,)
    assert [e for e in errors if e[0] == f"/{field}"] == []


def without(field: str, part: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD[field].items() if name != part}


DEFECTS: list[tuple[str, Any, str]] = [
    ("model_name", "Qwen/Qwen3-8B", "model_name_not_exact"),
    ("model_name", "Qwen/Qwen3-8B@main", "model_name_not_exact"),
    ("model_name", 7, "model_name_not_exact"),
    ("license_note", {"id": "mit"}, "not_text"),
    ("route", "my laptop", "route_unknown"),
    ("route", ["local_cpu"], "route_unknown"),
    ("runtime", "vllm serve", "runtime_incomplete"),
    ("runtime", without("runtime", "version"), "runtime_incomplete"),
    ("first_run", without("first_run", "output"), "first_run_incomplete"),
    ("eval", "5 of 5", "eval_not_a_list"),
    ("eval", [*CASES[:4], {"case_id": "x"}], "eval_case_incomplete"),
    ("eval", [*CASES[:4], {"case_id": "x", "pass": "yes"}], "eval_case_incomplete"),
    ("eval", CASES[:4], "eval_too_few"),
    ("eval", [*CASES[:4], CASES[0]], "eval_ids_repeat"),
    ("resource_note", without("resource_note", "disk"), "resource_note_incomplete"),
    ("resource_note", GOOD["resource_note"] | {"cost": "free"}, "resource_note_incomplete"),
    ("resource_note", "17 GiB", "resource_note_incomplete"),
    ("shutdown", ["kill"], "not_text"),
    ("decision", "maybe", "decision_unknown"),
    ("decision", True, "decision_unknown"),
]


@pytest.mark.parametrize(("field", "value", "code"), DEFECTS)
def test_each_single_defect_is_named(field: str, value: Any, code: str) -> None:
    errors, missing = check(**({"decision": "keep"} | {field: value}))
    assert (errors, missing) == ([(f"/{field}", code)], ())


def test_lora_needs_a_recorded_failure() -> None:
    passed = [case | {"pass": True} for case in CASES]
    assert check(eval=passed) == ([("/decision", "lora_without_failures")], ())
    assert check(eval=passed, decision="rag") == ([], ())


@pytest.mark.parametrize("lang", Lang)
def test_every_defect_has_its_sentence(lang: Lang) -> None:
    used = {code for _, _, code in DEFECTS} | {"lora_without_failures"}
    assert used == set(DATA.rules[lang].evidence.record)
