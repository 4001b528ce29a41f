"""What stays below a capture: what no capture can say, and no other model's figures."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.evidence import (
    ELSEWHERE,
    PLAN_CHANGED,
    Content,
    Entry,
    Evidence,
    EvidenceState,
    Source,
)
from bot.domain.ids import UserId

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
NOTE: Content = {"latency": "1 s", "memory": "2 GiB", "disk": "3 GiB", "cost": "0 USD"}
CARD: Content = {"repo": "o/A", "revision": "a" * 40, "license_id": "mit", "allowed_use": "any"}


def an_item(name: str, content: Content, state: EvidenceState, reason: str = "") -> Evidence:
    source = None if state is EvidenceState.MISSING else Source.CAPTURED
    made = Evidence(name, name, "base", True, state, AT, content=content, source=source)
    return replace(made, reason=reason or None)


def said(item: Evidence, content: Content, source: Source = Source.CAPTURED) -> Entry:
    return Entry("k", item.item, source, content, AT, by=UserId("U1"))


def test_below_what_was_rejected_stays_what_no_capture_can_say() -> None:
    note = an_item("latency_memory_note", NOTE, EvidenceState.REJECTED, "too slow")
    assert note.basis(said(note, {"latency": "2 s"})) == {"cost": "0 USD"}
    card = an_item("model_card_license", CARD, EvidenceState.REJECTED, "old")
    again = said(card, {"repo": "o/A", "revision": "b" * 40})
    assert card.with_entry(again).content == {**CARD, "revision": "b" * 40}


def test_a_licence_stays_below_its_own_repository_only() -> None:
    card = an_item("model_card_license", CARD, EvidenceState.CLAIMED, PLAN_CHANGED)
    assert card.basis(said(card, {"repo": "o/B", "revision": "b" * 40})) == {}


def test_no_figure_of_another_model_stays_below_a_capture() -> None:
    doubted = an_item("latency_memory_note", NOTE, EvidenceState.CLAIMED, PLAN_CHANGED)
    assert doubted.basis(said(doubted, {"latency": "2 s"})) == {"cost": "0 USD"}
    other = {**NOTE, ELSEWHERE: "o/B"}
    for state in (EvidenceState.MISSING, EvidenceState.CLAIMED, EvidenceState.GIVEN):
        there = an_item("latency_memory_note", other, state)
        assert there.basis(said(there, {"latency": "2 s"})) == {"cost": "0 USD"}
        same = said(there, {"latency": "2 s", ELSEWHERE: "o/B"})
        assert {**there.basis(same), ELSEWHERE: ""} == {**NOTE, ELSEWHERE: ""}
    ours = an_item("latency_memory_note", NOTE, EvidenceState.CLAIMED)
    assert ours.basis(said(ours, {"latency": "2 s", ELSEWHERE: "o/B"})) == {"cost": "0 USD"}


def test_what_owroute_knew_stays_below_a_part_from_elsewhere() -> None:
    part = an_item("runtime_command", {"command": "serve"}, EvidenceState.MISSING)
    entry = said(part, {"version": "1", ELSEWHERE: "o/B"})
    assert part.basis(entry) == {"command": "serve"}


@pytest.mark.parametrize("source", [Source.TYPED, Source.DERIVED])
def test_a_part_from_elsewhere_goes_on_saying_so(source: Source) -> None:
    figures: Content = {"latency": "1 s", ELSEWHERE: "o/B"}
    part = an_item("latency_memory_note", figures, EvidenceState.MISSING)
    more = replace(said(part, {"cost": "0 USD"}, source), whole=False)
    assert part.with_entry(more).content[ELSEWHERE] == "o/B"
    again = replace(more, content={"latency": "1 s", "cost": "0 USD"})
    assert part.with_entry(again).content[ELSEWHERE] == "o/B"
    own = replace(more, content={"latency": "9 s"})
    assert ELSEWHERE not in part.with_entry(own).content
