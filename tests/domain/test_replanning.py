"""What still holds of a checklist once the plan runs something else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.evidence import PLAN_CHANGED, Content, Entry, Evidence, EvidenceState, Source
from bot.domain.ids import UserId
from bot.domain.replanning import BOUND, derivations, doubted, rederived, runs_elsewhere
from tests.cards.made import decision
from tests.forms.filling import NOW, card

ADA = UserId("U1")
LATER = NOW + timedelta(hours=1)
LOCAL = {"available_route": "local_gpu", "hardware": "rtx4090"}


def item(name: str = "runtime_command", **more: object) -> Evidence:
    made = Evidence(name, name, "base", True, EvidenceState.MISSING, NOW)
    return replace(made, **more)  # type: ignore[arg-type]  # names are checked by replace itself


def ours(content: Content, *, whole: bool, name: str = "runtime_command") -> Entry:
    return Entry("derived:2", name, Source.DERIVED, content, LATER, whole=whole)


def one(found: Evidence, entry: Entry | None, before: Content) -> Evidence:
    (after,) = rederived([found], [entry] if entry else [], {found.item: before}, LATER)
    return after


def test_what_owroute_knew_makes_way_for_what_it_knows() -> None:
    part = item(content={"command": "serve A", "version": "1"})
    after = one(part, ours({"command": "serve B"}, whole=False), {"command": "serve A"})
    assert after.content == {"command": "serve B", "version": "1"}, "the version is a capture's"
    assert one(part, None, {"command": "serve A"}).content == {"version": "1"}


def test_what_was_derived_whole_is_missing_where_the_new_plan_knows_less() -> None:
    old = {"repo": "o/A", "revision": "a" * 40}
    given = item(state=EvidenceState.GIVEN, source=Source.DERIVED, content=old)
    after = one(given, ours({"repo": "o/B"}, whole=False), old)
    assert (after.state, after.content, after.source) == (
        EvidenceState.MISSING, {"repo": "o/B"}, None,
    )  # fmt: skip
    assert one(given, None, old).state is EvidenceState.MISSING
    same = one(given, ours(old, whole=True), old)
    assert same == given, "nothing changed, and nobody sees another moment"
    new = {"repo": "o/B", "revision": "b" * 40}
    assert one(given, ours(new, whole=True), old).content == new


def test_what_people_gave_or_rejected_stays() -> None:
    said: Content = {"command": "mine"}
    for source in (Source.TYPED, Source.CAPTURED):
        typed = item(state=EvidenceState.GIVEN, source=source, content=said, by=ADA)
        assert one(typed, ours({"command": "ours"}, whole=True), {}) == typed
    no = item(state=EvidenceState.REJECTED, source=Source.DERIVED, content=said, reason="wrong")
    assert one(no, ours(said, whole=True), said) == no, "the same again does not do either"
    assert one(no, ours({"command": "b"}, whole=True), said).state is EvidenceState.GIVEN


@pytest.mark.parametrize("name", sorted(BOUND))
def test_what_was_given_for_another_model_is_a_claim_again(name: str) -> None:
    for source in (Source.TYPED, Source.CAPTURED, Source.PROVEN):
        given = item(name, state=EvidenceState.GIVEN, source=source, content={"x": "y"}, by=ADA)
        (after,) = doubted([given], LATER)
        assert (after.state, after.reason, after.content) == (
            EvidenceState.CLAIMED, PLAN_CHANGED, {"x": "y"},
        )  # fmt: skip
    (part,) = doubted([item(name, content={"x": "y"})], LATER)
    assert (part.state, part.content) == (EvidenceState.MISSING, {})
    for state in (EvidenceState.WAIVED, EvidenceState.REJECTED, EvidenceState.RETIRED):
        judged = item(name, state=state, source=Source.TYPED, reason="why")
        assert doubted([judged], LATER) == (judged,)


def test_what_holds_for_any_model_is_not_doubted() -> None:
    rule = item("access_rule", state=EvidenceState.GIVEN, source=Source.TYPED, by=ADA)
    assert doubted([rule], LATER) == (rule,)


def test_a_newer_capture_is_the_claim() -> None:
    newer = Entry("k", "runtime_command", Source.CAPTURED, {"command": "new"}, LATER, by=ADA)
    given = item(
        state=EvidenceState.GIVEN, source=Source.TYPED, content={"command": "old"}
    ).with_entry(newer)
    (after,) = doubted([given], LATER)
    assert (after.state, after.newer, after.content) == (
        EvidenceState.CLAIMED, None, {"command": "new"},
    )  # fmt: skip


def test_only_another_run_is_another_run() -> None:
    here = decision(card(**LOCAL, model="Qwen/Qwen3-8B"))
    same = decision(card(**LOCAL, model="Qwen/Qwen3-8B", task="another year"))
    assert not runs_elsewhere(None, here)
    assert not runs_elsewhere(here, same)
    assert runs_elsewhere(here, decision(card(**LOCAL, model="Qwen/Qwen3-4B")))
    assert runs_elsewhere(here, decision(card(model="Qwen/Qwen3-8B")))
    assert runs_elsewhere(
        here, decision(card(**{**LOCAL, "hardware": "2 x rtx4090"}, model="Qwen/Qwen3-8B"))
    )
    assert here.model is not None
    for change in (
        {"scheme": "other"},
        {"weights": here.model.weights.model_copy(update={"revision": "b" * 40})},
    ):
        moved = here.model_copy(update={"model": here.model.model_copy(update=change)})
        assert runs_elsewhere(here, moved), change
    other = here.runtime_commands[0].model_copy(update={"runtime": "other"})
    assert runs_elsewhere(here, here.model_copy(update={"runtime_commands": (other,)}))


def test_the_youngest_derivation_counts_and_a_person_s_is_none() -> None:
    mine = replace(ours({"command": "m"}, whole=True), by=ADA)
    entries = [ours({"command": "a"}, whole=True), ours({"command": "b"}, whole=False), mine]
    assert derivations(entries) == {"runtime_command": {"command": "b"}}


def test_what_was_waived_keeps_no_other_model_s_words() -> None:
    said = Entry("k", "runtime_command", Source.CAPTURED, {"command": "new"}, LATER, by=ADA)
    waived = item(
        state=EvidenceState.WAIVED, source=Source.TYPED, reason="a toy", content={"command": "A"},
        newer=said,
    )  # fmt: skip
    (after,) = doubted([waived], LATER)
    assert (after.state, after.reason) == (EvidenceState.WAIVED, "a toy")
    assert (after.content, after.newer) == ({}, None)
