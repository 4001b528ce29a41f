"""The record: the same state gives the same bytes, all that is known is in it, and nothing else."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from bot.domain.evidence import EvidenceState, Source
from bot.domain.evidence_fields import FIELDS
from bot.domain.plans import Conclusion
from bot.domain.record import record_of, to_json
from bot.domain.record_model import NINE, Record, Withheld
from bot.domain.record_schema import PLACE, schema
from engine.contract import EvidenceCheck, Lang
from engine.load import load_data
from engine.records import check_record
from tests.cards.made import COLAB, LARGEST, PLAIN, RENTED, STOPPED, UNHURRIED, planned
from tests.domain.recorded import ADA, AT, SECRET, given, having

SENTENCES = load_data().rules[Lang.en].evidence.record
KINDS = {
    "laptop": PLAIN,
    "colab": COLAB,
    "service": {**STOPPED, "available_route": "rented_gpu", "needs_service_api": "yes"},
    "private": RENTED | STOPPED,
    "tuning": LARGEST,
}


def checked(record: Record) -> EvidenceCheck:
    return check_record(record.nine, SENTENCES)


def complete(kind: str) -> Record:
    x = planned(KINDS[kind])
    items, entries = given(x)
    return record_of(x.concluded(Conclusion.KEEP, by=ADA, at=AT), items, entries)


@pytest.mark.parametrize("kind", KINDS)
def test_a_checklist_that_is_given_makes_a_record_that_the_engine_accepts(kind: str) -> None:
    record = complete(kind)
    assert checked(record) == EvidenceCheck(valid=True, errors=(), missing=())
    assert record.missing == ()
    assert record.decision is Conclusion.KEEP
    assert record.conclusion is not None
    assert (record.conclusion.by, record.conclusion.at) == (ADA, AT)


@pytest.mark.parametrize("kind", KINDS)
def test_every_item_is_in_it_with_what_stands_and_who_put_it_down(kind: str) -> None:
    x = planned(KINDS[kind])
    items, entries = given(x)
    record = record_of(x, items, entries)
    assert [e.item for e in record.evidence] == [e.item for e in items]
    for found, entry in zip(record.evidence, entries, strict=True):
        assert (found.source, found.by, found.at) == (Source.TYPED, ADA, entry.at)
        assert [p.at for p in found.put_down] == [entry.at]
        if not record.withheld:
            assert found.content == dict(entry.content)


@pytest.mark.parametrize("kind", KINDS)
def test_two_exports_of_one_state_are_equal_in_bytes(kind: str) -> None:
    assert to_json(complete(kind)) == to_json(complete(kind))
    x = planned(KINDS[kind])
    items, entries = given(x)
    turned = [replace(e, content=dict(reversed(list(e.content.items())))) for e in items]
    assert to_json(record_of(x, turned, entries)) == to_json(record_of(x, items, entries))


def test_the_nine_fields_say_what_was_put_down() -> None:
    record = complete("laptop")
    assert record.model_name == "Qwen/Qwen3-8B@9f1d3c" + "0" * 34
    assert record.license_note == "a line: a line"
    assert record.runtime is not None
    assert record.runtime.command == "first line\nsecond line"
    assert record.first_run is not None
    assert record.first_run.seconds == "1.25 s"
    assert [c.passed for c in record.eval] == [True, False, True, True, True]
    assert record.resource_note is not None
    assert record.resource_note.memory == "14.2 GiB"
    assert list(json.loads(to_json(record))) == sorted(json.loads(to_json(record)))


def test_what_is_not_there_is_missing_and_named() -> None:
    x = planned(PLAIN)
    record = record_of(x, given(x)[0][:0], [])
    assert set(checked(record).missing) == set(NINE) - {"route"}
    items, entries = given(x)
    without = [
        replace(e, state=EvidenceState.MISSING, content={}) if e.item == "five_case_eval" else e
        for e in items
    ]
    record = record_of(x, without, entries)
    assert record.missing == ("five_case_eval",)
    assert record.eval == ()


@pytest.mark.parametrize("state", [EvidenceState.CLAIMED, EvidenceState.REJECTED])
def test_what_nobody_accepted_is_evidence_but_no_field(state: EvidenceState) -> None:
    x = planned(PLAIN)
    items, entries = given(x)
    doubtful = tuple(replace(e, state=state, reason="cut off") for e in items)
    record = record_of(x, doubtful, entries)
    assert set(checked(record).missing) == set(NINE) - {"route"}
    assert all(e.content and e.state is state and e.reason == "cut off" for e in record.evidence)


def test_a_waived_item_keeps_its_reason() -> None:
    x = planned(PLAIN)
    items = tuple(e.waived("no second machine", by=ADA, at=AT) for e in given(x)[0])
    record = record_of(x, items, [])
    assert {e.reason for e in record.evidence} == {"no second machine"}
    assert record.missing == ()


PRIVATE = sorted((i, f.name) for i, fields in FIELDS.items() for f in fields if f.private)


@pytest.mark.parametrize(("item", "name"), PRIVATE)
@pytest.mark.parametrize("kept", [SECRET, [SECRET], {"sha256": "cd" * 32, "chars": 43}])
def test_no_private_text_is_in_the_record_of_guarded_data(item: str, name: str, kept: Any) -> None:
    x = planned(RENTED | STOPPED)
    items = having(given(x)[0], item, **{name: kept})
    record = record_of(x, items, [])
    assert record.withheld
    assert SECRET not in to_json(record)
    found = next(e for e in record.evidence if e.item == item).content[name]
    assert isinstance(found, dict)
    assert found["withheld"] is True
    assert set(found) == {"withheld", "sha256", "chars"}


def test_words_of_private_cases_are_withheld_and_count_as_given() -> None:
    x = planned(RENTED | STOPPED)
    cases = [
        {"case_id": str(n), "pass": False, "prompt": SECRET, "expected": SECRET, "output": SECRET}
        for n in range(6)
    ]
    items = having(given(x)[0], "five_case_eval", cases=cases, total=6, failed=6)
    record = record_of(x, items, [])
    assert SECRET not in to_json(record)
    assert isinstance(record.eval[0].prompt, Withheld)
    assert record.eval[0].prompt.chars == len(SECRET)
    assert record.eval_counts == {"total": 6, "failed": 6}
    assert "eval" not in [p.pointer for p in checked(record).errors]


def test_a_hash_and_a_length_typed_apart_are_one_withheld_text() -> None:
    record = complete("private")
    assert record.first_run is not None
    assert record.first_run.prompt == Withheld(sha256="ab" * 32, chars=43)
    assert record.nine.first_run == {
        "prompt": {"withheld": True, "sha256": "ab" * 32, "chars": 43},
        "output": {"withheld": True, "sha256": "ab" * 32, "chars": 43},
        "seconds": "1.25 s",
    }


def test_the_gpu_plan_and_the_versions_stand_beside_the_nine_fields() -> None:
    record = complete("service")
    assert record.gpu_plan is not None
    assert set(record.gpu_plan) == {f.name for f in FIELDS["gpu_plan"]}
    assert record.plan is not None
    assert record.plan.plan_id == "0a1b2c3d4e5f" * 5
    assert record.plan.offers is not None
    assert complete("laptop").gpu_plan is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELD = st.sampled_from(sorted({f.name for fields in FIELDS.values() for f in fields}))


@any_of(st.sampled_from(sorted(KINDS)), st.sampled_from(sorted(FIELDS)), FIELD, JSON)
@UNHURRIED
def test_any_content_makes_a_record(kind: str, item: str, name: str, value: Any) -> None:
    x = planned(KINDS[kind])
    record = record_of(x, having(given(x)[0], item, **{name: value}), [])
    text = to_json(record)
    assert Record.model_validate_json(text) == record
    checked(record)


def test_half_a_character_does_not_keep_a_record_from_being_written() -> None:
    x = planned(PLAIN)
    items = having(given(x)[0], "runtime_command", command="a\ud800b\r\nc", version="1")
    record = record_of(x, items, [])
    assert record.runtime is not None
    assert record.runtime.command == "a\ufffdb\nc"
    to_json(record).encode()


def test_the_published_schema_is_current() -> None:
    assert PLACE.read_text("utf-8") == schema(), "run python -m bot.domain.record_schema"
