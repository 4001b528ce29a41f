"""Evidence items: how they stand after each thing that can happen to them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.evidence import (
    Content,
    Entry,
    Evidence,
    EvidenceState,
    Source,
    changed,
    missing,
    progress,
)
from bot.domain.gate import barred, has_failures
from bot.domain.ids import UserId
from bot.domain.plans import Conclusion
from bot.domain.replanning import reconciled
from bot.domain.seen import seen_as
from engine.contract import EvidenceItem

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
ADA = UserId("U1")


def need(item: str, *, required: bool = True) -> EvidenceItem:
    return EvidenceItem.model_validate(
        {
            "id": item, "label": item, "kind": "base", "required": required, "template": "t",
            "lesson_index": None,
        }
    )  # fmt: skip


def an_item(item: str = "runtime_command") -> Evidence:
    return reconciled((), [need(item)], AT)[0]


def entry(source: Source, content: Content, *, whole: bool = True) -> Entry:
    by = None if source is Source.DERIVED else ADA
    return Entry("k", "runtime_command", source, content, LATER, by=by, whole=whole)


@pytest.mark.parametrize(
    ("source", "state"),
    [
        (Source.TYPED, EvidenceState.GIVEN),
        (Source.PROVEN, EvidenceState.GIVEN),
        (Source.DERIVED, EvidenceState.GIVEN),
        (Source.CAPTURED, EvidenceState.CLAIMED),
    ],
)
def test_what_is_captured_waits_for_somebody(source: Source, state: EvidenceState) -> None:
    found = an_item().with_entry(entry(source, {"command": "x", "version": "1"}))
    assert (found.state, found.source, found.changed_at) == (state, source, LATER)


def test_what_owroute_derives_never_replaces_what_people_put_down() -> None:
    typed = an_item().with_entry(entry(Source.TYPED, {"command": "mine", "version": "1"}))
    assert typed.with_entry(entry(Source.DERIVED, {"command": "ours"})) == typed
    waived = an_item().waived("no need", by=ADA, at=LATER)
    assert waived.with_entry(entry(Source.DERIVED, {"command": "ours", "version": "1"})) == waived


def test_a_part_fills_in_and_stays_missing() -> None:
    partly = an_item().with_entry(entry(Source.DERIVED, {"command": "x"}, whole=False))
    assert (partly.state, partly.content) == (EvidenceState.MISSING, {"command": "x"})
    whole = partly.with_entry(entry(Source.TYPED, {"version": "1"}))
    assert whole.content == {"command": "x", "version": "1"}


def test_a_rejected_claim_stays_to_be_read_and_a_new_one_clears_the_reason() -> None:
    claim = an_item().with_entry(entry(Source.CAPTURED, {"command": "x", "version": "1"}))
    no = claim.rejected("too old", by=ADA, at=LATER)
    assert (no.state, no.reason, no.content["version"]) == (EvidenceState.REJECTED, "too old", "1")
    assert not no.settled
    again = no.with_entry(entry(Source.TYPED, {"version": "2", "command": "x"}))
    assert (again.state, again.reason) == (EvidenceState.GIVEN, None)


def test_a_capture_never_undoes_what_is_settled_and_accept_takes_it() -> None:
    typed = an_item().with_entry(entry(Source.TYPED, {"command": "mine", "version": "1"}))
    claim = entry(Source.CAPTURED, {"command": "theirs", "version": "2"})
    for settled in (typed, typed.waived("known", by=ADA, at=LATER)):
        waits = settled.with_entry(claim)
        assert (waits.state, waits.content, waits.newer) == (settled.state, typed.content, claim)
        assert waits.settled
        assert waits.waits
        taken = waits.accepted(by=ADA, at=LATER)
        assert (taken.state, taken.source, taken.newer) == (
            EvidenceState.GIVEN, Source.CAPTURED, None,
        )  # fmt: skip
        assert taken.content == claim.content
        assert waits.rejected("no", by=ADA, at=LATER) == settled
    assert typed.with_entry(entry(Source.CAPTURED, {"version": "1"})) == typed, "nothing new"
    assert typed.with_entry(claim).with_entry(entry(Source.TYPED, {"command": "c"})).newer is None


@pytest.mark.parametrize("state", [s for s in EvidenceState if s is not EvidenceState.MISSING])
def test_a_part_changes_nothing_but_what_is_missing(state: EvidenceState) -> None:
    known = {"command": "mine", "version": "1"}
    item = replace(an_item(), state=state, source=Source.TYPED, content=known)
    for source in (Source.CAPTURED, Source.TYPED):
        assert item.with_entry(entry(source, {"version": "2"}, whole=False)) == item


def test_a_second_capture_keeps_what_a_machine_cannot_know() -> None:
    part = an_item().with_entry(entry(Source.DERIVED, {"command": "x"}, whole=False))
    claim = part.with_entry(entry(Source.CAPTURED, {"version": "1"}))
    again = claim.with_entry(entry(Source.CAPTURED, {"version": "2"}))
    assert again.content == {"command": "x", "version": "2"}
    rejected = claim.rejected("no", by=ADA, at=LATER)
    assert rejected.basis(entry(Source.CAPTURED, {"version": "2"})) == {}


def test_a_table_is_replaced_as_a_whole() -> None:
    counts: Content = {"total": 9, "passed": 3, "failed": 6, "unjudged": 0, "sha256": "a" * 64}
    item = an_item("five_case_eval")
    part = item.with_entry(entry(Source.CAPTURED, {"cases": [], **counts}, whole=False))
    rows = [{"case_id": f"c{n}", "pass": True} for n in range(5)]
    typed = part.with_entry(entry(Source.TYPED, {"cases": rows}))  # type: ignore[dict-item]  # rows are JSON
    assert typed.content == {"cases": rows}
    assert not has_failures([typed])
    left = typed.with_entry(entry(Source.TYPED, {}))
    assert left.content == {"cases": rows}, "an empty field keeps the table"


def test_counts_count_where_not_all_is_listed() -> None:
    rows = [{"case_id": "c", "pass": True}]

    def standing(**counts: int) -> Evidence:
        content: Content = {"cases": rows, **counts}  # type: ignore[dict-item]  # rows are JSON
        return replace(an_item("five_case_eval"), state=EvidenceState.GIVEN, content=content)

    assert has_failures([standing(total=9, failed=1)])
    assert not has_failures([standing(total=1, failed=1)])
    assert not has_failures([standing(total=9, failed=0)])


def test_what_was_judged_stays_so_when_it_comes_back() -> None:
    claim = an_item().with_entry(entry(Source.CAPTURED, {"command": "x", "version": "1"}))
    for judged in (
        claim.rejected("too: old; really", by=ADA, at=AT),
        an_item().waived("known", by=ADA, at=AT),
    ):
        away = reconciled([judged], [need("b")], LATER)
        gone = next(e for e in away if e.item == judged.item)
        assert gone.state is EvidenceState.RETIRED
        back = reconciled(away, [need(judged.item)], LATER)[0]
        assert (back.state, back.reason) == (judged.state, judged.reason)
    again = reconciled(reconciled([claim], [], LATER), [need(claim.item)], LATER)[0]
    assert (again.state, again.reason) == (EvidenceState.CLAIMED, None)


def test_what_is_seen_is_told_apart() -> None:
    claim = an_item().with_entry(entry(Source.CAPTURED, {"version": "1"}))
    given = claim.accepted(by=ADA, at=LATER)
    later = replace(claim, changed_at=LATER + timedelta(seconds=1))
    other = claim.with_entry(entry(Source.CAPTURED, {"version": "2"}))
    newer = given.with_entry(entry(Source.CAPTURED, {"version": "2"}))
    assert len({seen_as([e]) for e in (claim, given, later, other, newer)}) == 5
    assert seen_as([claim, an_item("b")]) == seen_as([an_item("b"), claim])
    assert seen_as([claim]) != seen_as([claim, an_item("b")])


def test_a_replan_keeps_adds_and_retires_with_a_reason() -> None:
    have = reconciled((), [need("a"), need("b")], AT)
    given = changed(have, [have[0].waived("known", by=ADA, at=AT)])
    after = reconciled(given, [need("a"), need("c")], LATER)
    assert [(e.item, e.state.value, e.reason) for e in after] == [
        ("a", "waived", "known"), ("c", "missing", None), ("b", "retired", "replanned"),
    ]  # fmt: skip
    back = reconciled(after, [need("b")], LATER)
    assert (back[0].item, back[0].state) == ("b", EvidenceState.MISSING)
    assert not back[1].can_be_given


def test_the_count_leaves_out_what_nobody_is_asked_for() -> None:
    items = [
        an_item("a").accepted(by=ADA, at=AT),
        an_item("b").with_entry(entry(Source.CAPTURED, {"x": "y"})),
        *reconciled((), [need("c", required=False)], AT),
    ]
    assert (progress(items).given, progress(items).total, progress(items).open) == (1, 2, 1)
    assert [e.item for e in missing(items)] == ["b"]


def evaluated(*verdicts: bool) -> Evidence:
    rows = [{"case_id": f"c{n}", "pass": v} for n, v in enumerate(verdicts)]
    return an_item("five_case_eval").with_entry(
        Entry("k", "five_case_eval", Source.TYPED, {"cases": rows}, AT, by=ADA)  # type: ignore[dict-item]  # rows are JSON
    )


def test_the_gate() -> None:
    good, bad = evaluated(True, True), evaluated(True, False)
    owed = barred(Conclusion.KEEP, [good, an_item("a")])
    assert owed is not None
    assert [e.item for e in owed.missing] == ["a"]
    assert barred(Conclusion.KEEP, [good]) is None
    assert barred(Conclusion.STOP, [an_item("a")]) is None
    without = barred(Conclusion.LORA, [good])
    assert without is not None
    assert without.no_failures
    assert barred(Conclusion.LORA, [bad]) is None
    assert has_failures([bad])
    assert not has_failures([bad.rejected("old", by=ADA, at=AT)])


@pytest.mark.parametrize("state", [EvidenceState.CLAIMED, EvidenceState.REJECTED])
def test_a_waiver_vouches_for_no_claim(state: EvidenceState) -> None:
    claim = entry(Source.CAPTURED, {"command": "x", "version": "1"})
    item = replace(an_item().with_entry(claim), state=state, link="https://a.example")
    gone = item.waived("a toy", by=ADA, at=LATER)
    assert (gone.content, gone.source, gone.link) == ({}, None, None)
    part = an_item().with_entry(replace(claim, content={"version": "1"}, whole=False))
    assert part.waived("a toy", by=ADA, at=LATER).content == {}
    given = item.accepted(by=ADA, at=LATER)
    assert given.waived("a toy", by=ADA, at=LATER).content == claim.content
