"""The reply below a card: all that six lines cannot hold, as far as Slack can show it."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.cards import ids
from bot.cards.detail import BLOCKS, JSON_LIMIT, detail
from bot.domain.delivery import Message
from engine.contract import ConstraintCard, Rejected
from sandbox.limits.surfaces import message_problems
from tests.cards.made import (
    REFUSED,
    RENTED,
    UNHURRIED,
    checklist,
    decision,
    planned,
    priced,
    undecided,
)
from tests.engine.cards import any_card
from tests.forms.filling import experiment

CUT = "Shortened to what Slack can show"


def whole(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def fixes(message: Message) -> list[dict[str, Any]]:
    return [b["accessory"] for b in message.blocks if "accessory" in b]


@UNHURRIED
@given(of=any_card(), lang=st.sampled_from(["en", "zh_CN"]))
def test_every_rejected_family_is_named_with_its_code(of: ConstraintCard, lang: str) -> None:
    x = experiment(of, decision(of, lang))
    assert x.decision is not None
    message = detail(x, checklist(x), lang)
    assert message_problems(list(message.blocks)) == []
    for rejected in x.decision.rejected_families:
        assert f"*{rejected.id}*" in whole(message)
        assert f"`{rejected.code.value}`" in whole(message)


@UNHURRIED
@given(of=any_card())
def test_every_warning_that_can_be_mended_has_its_fix(of: ConstraintCard) -> None:
    x = experiment(of, decision(of))
    assert x.decision is not None
    wanted = [f"{ids.FIX}:{w.code.value}" for w in x.decision.warnings if w.fix]
    assert [f["action_id"] for f in fixes(detail(x, (), "en"))] == wanted


def test_before_a_decision_there_is_nothing_to_tell() -> None:
    assert detail(undecided(), (), "en").blocks == ()


def test_a_refused_plan_has_no_commands_but_keeps_its_evidence() -> None:
    x = planned(REFUSED)
    shown = whole(detail(x, checklist(x), "en"))
    assert "*Shutdown*" not in shown
    assert "reset note" in shown


def test_what_is_not_known_yet_is_said_once_and_not_as_null() -> None:
    shown = whole(detail(planned(RENTED), (), "en"))
    assert shown.count("not part of this decision yet") == 1
    assert "*Cost*" not in shown
    assert "not part of this decision yet" not in whole(detail(priced(), (), "en"))


def test_commands_run_as_printed() -> None:
    shown = whole(detail(priced(), (), "en"))
    assert (
        "export HF_HOME='/data/hugging face'\\nvllm --version\\nvllm serve Qwen/Qwen3-8B" in shown
    )


def test_retired_evidence_is_not_asked_for() -> None:
    x = planned()
    items = checklist(x)
    gone = replace(items[0], required=False)
    assert items[0].label in whole(detail(x, items, "en"))
    assert items[0].label not in whole(detail(x, (gone, *items[1:]), "en"))


def test_what_slack_cannot_show_is_left_out_from_the_end_and_said() -> None:
    x = planned(RENTED)
    assert x.decision is not None
    one = x.decision.rejected_families[0]
    many = tuple(_long(one, n) for n in range(60))
    found = x.decision.model_copy(update={"rejected_families": many})
    x = replace(x, current=replace(x.latest, decision=found))
    message = detail(x, checklist(x), "en")
    assert len(whole(message)) < JSON_LIMIT + 500
    assert len(message.blocks) <= BLOCKS + 2
    assert CUT in whole(message)
    assert "Constraints" in whole(message)
    assert "revision 3" in whole(message)
    assert CUT not in whole(detail(planned(RENTED), (), "en"))


def _long(rejected: Rejected, n: int) -> Rejected:
    return rejected.model_copy(update={"id": f"family_{n}", "reason": "too long " * 20})
