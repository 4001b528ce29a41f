"""What a card offers in each state: one thing to do next, and only what works."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import ids, plan
from bot.cards.ids import PlanRef
from bot.cards.steps import CLOSED
from bot.domain.delivery import Message
from bot.domain.evidence import Progress, progress
from bot.domain.plans import Conclusion, Experiment, State
from engine.contract import ConflictCode, ConstraintCard, Severity
from sandbox.limits.surfaces import message_problems
from tests.cards.made import (
    COLAB,
    LLAMA,
    REFUSED,
    RENTED,
    RESEARCH_ONLY,
    STOPPED,
    TOO_BIG,
    UNHURRIED,
    again,
    checklist,
    concluded,
    decision,
    described,
    planned,
    priced,
    undecided,
)
from tests.engine.cards import any_card
from tests.forms.filling import experiment


def show(x: Experiment, lang: str = "en") -> Message:
    return plan.decision_card(x, Progress(0, 6), lang)


def elements(message: Message) -> list[dict[str, Any]]:
    found = [e for b in message.blocks if b["type"] == "actions" for e in b["elements"]]
    return found + [b["accessory"] for b in message.blocks if "accessory" in b]


def labels(message: Message) -> list[str]:
    return [e["text"]["text"] for e in elements(message) if e["type"] == "button"]


def primary(message: Message) -> list[str]:
    return [e["text"]["text"] for e in elements(message) if e.get("style") == "primary"]


@pytest.mark.parametrize(
    ("x", "next_step"),
    [
        (planned(), ["I'm running it"]),
        (planned(COLAB), ["I'm running it"]),
        (planned(RENTED | STOPPED), ["GPU started"]),
        (planned(RENTED), ["Fix"]),
        (planned(REFUSED), ["Change the card"]),
        (planned(state=State.RUNNING), ["Attach evidence"]),
        (planned(RENTED, state=State.RUNNING), ["Attach evidence"]),
        (planned(state=State.COMPLETE), ["Decide"]),
        (planned(state=State.DECIDED), []),
        (planned(state=State.ARCHIVED), []),
        (planned(state=State.DROPPED), []),
        (again(planned(), COLAB), []),
    ],
)
def test_the_next_step_stands_out(x: Experiment, next_step: list[str]) -> None:
    assert primary(show(x)) == next_step


@pytest.mark.parametrize("state", [State.ARCHIVED, State.DROPPED])
def test_a_finished_card_cannot_be_pressed(state: State) -> None:
    assert elements(show(planned(RENTED, state=state))) == []


def test_a_finished_card_asks_for_nothing() -> None:
    text = show(planned(RENTED, state=State.ARCHIVED)).text
    assert "need you" not in text
    assert "Stops" not in text


def test_a_decided_card_says_what_and_offers_no_other_plan() -> None:
    x = concluded(planned(RENTED), Conclusion.KEEP)
    message = show(x)
    assert message.text.startswith("OW-12 · Decided: Keep · ")
    assert "*Decided* Keep, by <@U1>" in message.text
    assert labels(message) == []
    assert [e["type"] for e in elements(message)] == ["overflow"]


def test_after_lora_the_card_goes_on_and_says_so() -> None:
    text = show(concluded(planned(COLAB), Conclusion.LORA)).text
    assert text.startswith("OW-12 · Running · ")
    assert "*Decided* LoRA, by <@U1>" in text
    assert "Nothing blocks it" not in text
    blocked = concluded(planned(RENTED), Conclusion.LORA)
    assert "*Decided* LoRA, by <@U1>" in show(blocked).text


def test_what_ended_before_the_engine_answered_waits_for_nothing() -> None:
    x = concluded(undecided(), Conclusion.STOP)
    message = plan.decision_card(x, Progress(0, 0), "en")
    assert "saved" not in message.text
    assert "Decided: Stop" in message.text
    assert [e["type"] for e in elements(message)] == ["overflow"]


def test_what_waits_for_accept_is_counted_apart() -> None:
    def line(progress: Progress) -> str:
        return plan.decision_card(planned(), progress, "en").text.splitlines()[-1]

    assert "*Evidence* 3/6, 3 need you · owner" in line(Progress(3, 6))
    assert "5/6, 1 needs you · owner" in line(Progress(5, 6))
    assert "3 need you, 1 of them waits for Accept" in line(Progress(3, 6, claimed=1))
    assert "3 need you, 3 of them wait for Accept" in line(Progress(3, 6, claimed=3))
    claimed = progress(checklist(planned(), 3))
    assert (claimed.given, claimed.claimed, claimed.open) == (2, 1, 4)


def test_a_button_knows_the_revision_it_was_drawn_for() -> None:
    x = again(planned(RENTED), COLAB)
    buttons = [e for e in elements(show(x)) if e["type"] == "button"]
    refs = [PlanRef.read(e["value"]) for e in buttons]
    assert refs
    assert all(ref and (ref.e, ref.r) == (x.id, 4) for ref in refs)


def test_the_menu_compares_changes_the_owner_decides_and_archives() -> None:
    menu = next(e for e in elements(show(planned())) if e["type"] == "overflow")
    refs = [PlanRef.read(o["value"]) for o in menu["options"]]
    assert [ref and ref.choice for ref in refs] == [
        ids.COMPARE, ids.RECORD, ids.CHANGE_OWNER, ids.DECIDE_CHOICE, ids.ARCHIVE,
    ]  # fmt: skip
    assert all(len(o["value"]) <= 150 for o in menu["options"])


def test_a_refusal_offers_only_routes_that_none_of_its_reasons_forbids() -> None:
    x = planned(REFUSED)
    assert x.decision is not None
    routes = [e["action_id"] for e in elements(show(x)) if ids.ALTERNATIVE in e["action_id"]]
    assert routes == [f"{ids.ALTERNATIVE}:{r}" for r in ("local_cpu", "local_gpu", "private_gpu")]
    for conflict in x.decision.conflicts:
        assert {r.partition(":")[2] for r in routes} <= set(conflict.alternatives)


def test_a_refusal_offers_the_model_that_would_pass() -> None:
    x = planned(LLAMA)
    assert labels(show(x))[:3] == ["With Qwen2.5-14B-Instruct", "Local GPU", "Private GPU"]
    button = next(e for e in elements(show(x)) if e["action_id"] == ids.OTHER_MODEL)
    ref = PlanRef.read(button["value"])
    assert ref == PlanRef(e=x.id, r=x.latest.number, choice="Qwen/Qwen2.5-14B-Instruct")
    assert button["accessibility_label"].startswith("With Qwen2.5-14B-Instruct: OW-12")
    assert labels(show(planned(RESEARCH_ONLY)))[0] == "With Qwen3-4B"


def test_a_model_that_only_one_of_two_refusals_offers_is_no_way_out() -> None:
    on_colab = planned({**RESEARCH_ONLY, **REFUSED})
    assert on_colab.decision is not None
    assert {c.severity for c in on_colab.decision.conflicts} == {Severity.refuse}
    assert len(on_colab.decision.conflicts) > 1
    assert plan.other_model(on_colab) is None
    assert plan.other_model(planned(RENTED)) is None
    assert plan.other_model(undecided()) is None


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (
            RENTED | STOPPED | {"model": "Qwen/Qwen3-8B"},
            "*Rented GPU* · Qwen/Qwen3-8B BF16 · vLLM · 1 x L4 · 0.44 USD/h as of 2026-05-24"
            " · this session 1.86 USD",
        ),
        (
            TOO_BIG,
            "*Local GPU* · meta-llama/Llama-3.3-70B-Instruct BF16 · 2 x RTX 4090"
            " · no rent; electricity is not counted",
        ),
        (COLAB, "*Free Colab* · Qwen/Qwen3-4B FP16 · Transformers · free, and never guaranteed"),
        (REFUSED, "*Free Colab* · no model, nothing to start"),
    ],
)
def test_line_two_says_route_model_runtime_machine_and_price(
    fields: dict[str, str], line: str
) -> None:
    assert show(planned(fields)).text.splitlines()[1] == line


def test_a_price_that_is_not_stale_stands_without_its_date() -> None:
    x = priced()
    assert x.decision is not None
    fresh = tuple(w for w in x.decision.warnings if w.code is not ConflictCode.PRICE_STALE)
    assert len(fresh) < len(x.decision.warnings)
    revision = replace(x.latest, decision=x.decision.model_copy(update={"warnings": fresh}))
    line = show(replace(x, latest=revision, current=revision)).text.splitlines()[1]
    assert "0.44 USD/h · this session 1.86 USD" in line


def test_chinese_lines_have_no_blank_too_many() -> None:
    text = show(planned(RENTED, "zh_CN"), "zh_CN").text
    assert "*怎么改* 写明" in text
    assert "： " not in text
    stopped = show(planned(RENTED | STOPPED, "zh_CN"), "zh_CN").text
    assert "4 小时后停止，由 <@U1> 负责" in stopped


def test_what_line_three_says_is_not_said_again() -> None:
    text = show(planned(REFUSED)).text
    assert text.count("Private or regulated data must not enter a free hosted notebook.") == 1


def test_a_card_without_an_answer_says_that_it_is_safe() -> None:
    message = plan.waiting_card(undecided(), "en")
    assert message == plan.decision_card(undecided(), Progress(0, 0), "en")
    assert "saved" in message.text
    assert elements(message) == []


def test_a_card_that_is_not_accepted_can_be_changed_or_put_away() -> None:
    message = plan.problem_card(undecided(problem="`model` *unknown*"), "en")
    assert labels(message) == ["Change the card"]
    assert "`model` *unknown*" in str(message.blocks)
    assert "decision before it stands" not in message.text
    assert (
        "decision before it stands" in plan.problem_card(again(planned(), problem="no"), "en").text
    )


def test_a_shape_that_is_not_accepted_has_a_fix() -> None:
    x = undecided(described(), problem="These shapes make about 8 billion parameters.")
    assert plan.fixable(x, "NO_STOP_PLAN", "en") is None
    message = plan.problem_card(x, "en")
    assert labels(message) == ["Fix", "Change the card"]
    assert [e.get("style") for e in elements(message)[:2]] == ["primary", None]
    assert "Press Fix" in message.text
    assert "decision before it stands" not in message.text
    other = again(planned(), problem="no")
    other = replace(other, latest=replace(other.latest, card=described()))
    assert "decision before it stands" in plan.problem_card(other, "en").text
    assert "Press Fix" in plan.problem_card(other, "en").text


def test_what_is_complete_misses_nothing() -> None:
    x = planned()
    assert "6/6, nothing is missing" in plan.decision_card(x, Progress(6, 6), "en").text
    assert "*Owner* <@U1>" in plan.decision_card(x, Progress(0, 0), "en").text


def test_fix_finds_what_its_button_spoke_of() -> None:
    x = planned(RENTED)
    assert x.decision is not None
    for conflict in x.decision.conflicts:
        assert plan.fixable(x, conflict.code.value, "en") == conflict
    assert plan.fixable(x, "PUBLIC_PORT", "en") is None
    assert plan.fixable(x, None, "en") is None
    assert plan.fixable(undecided(), "NO_STOP_PLAN", "en") is None


def test_a_card_that_went_by_direct_message_is_whole() -> None:
    message = show(planned())
    for error, way_out in (("not_in_channel", "/invite"), ("is_archived", "open"), ("x", "`x`")):
        moved = plan.in_direct_message(message, planned().channel, error, "en")
        assert moved.blocks[1:] == message.blocks
        assert moved.text.endswith(message.text)
        assert way_out in moved.blocks[0]["text"]["text"]


@UNHURRIED
@given(of=any_card(), state=st.sampled_from(State), lang=st.sampled_from(["en", "zh_CN"]))
def test_any_decision_makes_a_card_that_slack_takes(
    of: ConstraintCard, state: State, lang: str
) -> None:
    found = decision(of, lang)
    x = replace(experiment(of, found), state=state)
    message = plan.decision_card(x, Progress(0, len(checklist(x))), lang)
    assert message_problems(list(message.blocks)) == []
    assert len(message.text) <= 4000
    assert len(primary(message)) <= 1
    changes = [c for c in found.conflicts if c.severity is Severity.change]
    fixes = [e for e in elements(message) if e.get("action_id", "").startswith(ids.FIX)]
    if state not in CLOSED:
        assert len(fixes) - (state is State.PLANNED and bool(changes)) == len(changes)
