"""The gate and the record agree: what may be kept makes a record that the engine accepts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from bot.cards.derived import derived
from bot.domain.evidence import Entry, Evidence, EvidenceState, Source, changed
from bot.domain.evidence_fields import fields_of, lacks
from bot.domain.gate import barred
from bot.domain.plans import Conclusion, Experiment
from bot.domain.privacy import is_private
from bot.domain.record import record_of
from bot.domain.record_model import Runtime
from bot.domain.record_waived import FEEDS, excused
from bot.domain.replanning import rederived
from bot.services.evidence import attached
from engine.contract import Lang
from engine.load import load_data
from engine.records import check_record
from tests.cards.made import COLAB, PLAIN, RENTED, STOPPED, checklist, planned
from tests.domain.recorded import ADA, AT, content_of, minute, value_of

SENTENCES = load_data().rules[Lang.en].evidence.record
KINDS = {
    "laptop": planned(PLAIN),
    "colab": planned(COLAB),
    "service": planned(STOPPED | {"available_route": "rented_gpu", "needs_service_api": "yes"}),
    "private": planned(RENTED | STOPPED),
}
FED = tuple(FEEDS)
"""The items that the nine fields are made of."""


def begun(x: Experiment) -> tuple[Evidence, ...]:
    """The checklist with what owroute fills in itself."""
    assert x.decision is not None
    return rederived(checklist(x), derived(x, x.decision, "en", AT), {}, AT)


def put(
    x: Experiment, items: Sequence[Evidence], item: str, source: Source, n: int, **content: Any
) -> tuple[Evidence, ...]:
    """The checklist after something was put down."""
    entry = Entry(f"k{n}", item, source, content, minute(n), ADA)
    return changed(items, attached(x, tuple(items), [entry], by=ADA).items)


def agree(x: Experiment, items: Sequence[Evidence]) -> bool:
    """Whether the gate is open; then the record has to be whole."""
    private = is_private(x)
    stands = [e for e in items if e.state in (EvidenceState.GIVEN, EvidenceState.CLAIMED)]
    assert not [(e.item, n) for e in stands for n in lacks(e.item, e.content, private=private)]
    if barred(Conclusion.KEEP, items):
        return False
    record = record_of(x.concluded(Conclusion.KEEP, by=ADA, at=AT), items, [])
    check = excused(check_record(record.nine, SENTENCES), record.waived)
    waived = {n for e in items if e.state is EvidenceState.WAIVED for n in FEEDS.get(e.item, ())}
    assert record.waived.keys() <= waived
    assert check.valid, (check.errors, check.missing)
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_machine_adds_to_what_owroute_knew_is_whole_with_it(kind: str) -> None:
    x = KINDS[kind]
    items = put(x, begun(x), "runtime_command", Source.CAPTURED, 1, version="vllm 0.11.0")
    (found,) = (e for e in items if e.item == "runtime_command")
    assert found.state is EvidenceState.CLAIMED
    accepted = found.accepted(by=ADA, at=AT)
    assert (accepted.content["version"], bool(accepted.content["command"])) == ("vllm 0.11.0", True)
    again = put(x, changed(items, [accepted]), "runtime_command", Source.CAPTURED, 2, version="9")
    (newer,) = (e for e in again if e.item == "runtime_command")
    replaced = newer.accepted(by=ADA, at=AT)
    assert replaced.content == {**accepted.content, "version": "9"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("item", FED)
def test_one_field_that_is_nowhere_keeps_the_gate_shut(kind: str, item: str) -> None:
    x, private = KINDS[kind], is_private(KINDS[kind])
    others = tuple(
        replace(e, state=EvidenceState.GIVEN, content=content_of(e.item, private=private))
        for e in checklist(x)
        if e.item != item
    )
    (missing,) = (e for e in checklist(x) if e.item == item)
    for field in fields_of(item, private=private):
        content = {**content_of(item, private=private)}
        del content[field.name]
        if content:
            after = put(x, (*others, missing), item, Source.CAPTURED, 1, **content)
            assert not agree(
                x, changed(after, [e.accepted(by=ADA, at=AT) for e in after if e.waits])
            )
    whole = put(x, (*others, missing), item, Source.TYPED, 1, **content_of(item, private=private))
    assert agree(x, whole)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("item", FED)
def test_a_waived_item_leaves_a_record_that_says_so_and_passes(kind: str, item: str) -> None:
    x, private = KINDS[kind], is_private(KINDS[kind])
    items = tuple(
        e.waived("a toy", by=ADA, at=AT)
        if e.item == item
        else replace(e, state=EvidenceState.GIVEN, content=content_of(e.item, private=private))
        for e in checklist(x)
    )
    assert agree(x, items)
    record = record_of(x.concluded(Conclusion.KEEP, by=ADA, at=AT), items, [])
    reviewed = "license_review" in {e.item for e in items}
    asked = [n for n in FEEDS[item] if n != "license_note" or not reviewed]
    assert record.waived == dict.fromkeys(asked, "a toy")
    told = {
        "license_note": "waived: a toy", "shutdown": "waived: a toy",
        "runtime": Runtime(command="waived: a toy", version="waived: a toy"),
    }  # fmt: skip
    assert all(getattr(record, n) == text for n, text in told.items() if n in record.waived)
    own = excused(check_record(record.nine, SENTENCES), ())
    assert own.valid == (not {"model_name", "eval", "resource_note"} & record.waived.keys())


def test_what_was_waived_and_is_there_all_the_same_is_not_called_waived() -> None:
    x = KINDS["laptop"]
    items = tuple(
        replace(
            e, state=EvidenceState.WAIVED, reason="a toy", content=content_of(e.item, private=False)
        )
        for e in checklist(x)
    )
    assert record_of(x, items, []).waived == {}


PRESSES = st.sampled_from(["nothing", "accept", "reject", "waive"])


@st.composite
def history(draw: st.DrawFn, x: Experiment) -> tuple[Evidence, ...]:
    """A checklist after people, machines and judgements, in any order."""
    items, private = begun(x), is_private(x)
    every = [e.item for e in items]
    steps = draw(st.lists(st.tuples(st.sampled_from(FED), st.booleans(), PRESSES), max_size=6))
    for n, (item, typed, press) in enumerate(steps):
        fields = fields_of(item, private=private)
        names = draw(st.sets(st.sampled_from([f.name for f in fields]), min_size=1))
        content = {f.name: value_of(f) for f in fields if f.name in names}
        source = Source.TYPED if typed else Source.CAPTURED
        items = put(x, items, item, source, n, **content)
        (found,) = (e for e in items if e.item == item)
        if press == "accept" and found.waits:
            items = changed(items, [found.accepted(by=ADA, at=AT)])
        if press == "reject" and found.can_be_rejected:
            items = changed(items, [found.rejected("old", by=ADA, at=AT)])
        if press == "waive" and not found.settled:
            items = changed(items, [found.waived("a toy", by=ADA, at=AT)])
    if draw(st.booleans()):  # the rest is put down, as far as it is missing
        left = [e for e in items if e.item in every and e.counts and not e.settled]
        for n, e in enumerate(left):
            kept = draw(st.sampled_from([Source.TYPED, Source.CAPTURED]))
            items = put(x, items, e.item, kept, 50 + n, **content_of(e.item, private=private))
            (found,) = (i for i in items if i.item == e.item)
            items = changed(items, [found.accepted(by=ADA, at=AT)] if found.waits else [])
    return items


@pytest.mark.parametrize("kind", KINDS)
@any_of(st.data())
@settings(deadline=None, max_examples=60)
def test_whatever_was_put_down_an_open_gate_means_a_whole_record(
    kind: str, data: st.DataObject
) -> None:
    x = KINDS[kind]
    agree(x, data.draw(history(x)))
