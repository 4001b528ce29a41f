"""The reply below a card: all that six lines cannot hold, as far as Slack can show it."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import ids
from bot.cards.blocks import MESSAGE
from bot.cards.detail import BLOCKS, detail
from bot.cards.i18n import words
from bot.domain.delivery import Message
from engine.contract import ConstraintCard, Rejected
from sandbox.limits.surfaces import message_problems
from tests.cards.made import (
    ALWAYS,
    COLAB,
    LARGEST,
    REFUSED,
    RENTED,
    TOO_BIG,
    UNHURRIED,
    UNSURE,
    checklist,
    decision,
    overlaid,
    planned,
    priced,
    undecided,
)
from tests.engine.cards import any_card
from tests.forms.filling import experiment

CUT = "Left out, because Slack shows no more"


def whole(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def texts(message: Message) -> list[str]:
    """What stands in small print."""
    return [e["text"] for b in message.blocks if b["type"] == "context" for e in b["elements"]]


def codes(message: Message) -> list[str]:
    """What stands in blocks to copy."""
    parts = [e for b in message.blocks if b["type"] == "rich_text" for e in b["elements"]]
    return [p["elements"][0]["text"] for p in parts if p["type"] == "rich_text_preformatted"]


def fixes(message: Message) -> list[dict[str, Any]]:
    return [b["accessory"] for b in message.blocks if "accessory" in b]


@UNHURRIED
@given(of=any_card(), lang=st.sampled_from(["en", "zh_CN"]))
def test_every_rejected_family_is_named_with_its_code(of: ConstraintCard, lang: str) -> None:
    x = experiment(of, decision(of, lang))
    assert x.decision is not None
    message = detail(x, checklist(x), lang)
    assert message_problems(list(message.blocks)) == []
    if any(str(words(lang).detail.rejected()) in text for text in texts(message)):
        assert len("".join(codes(message))) > 6_000, "left out only for very long commands"
        return
    for rejected in x.decision.rejected_families:
        assert rejected.label in whole(message)
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


def test_where_nothing_can_be_planned_nothing_is_started() -> None:
    shown = whole(detail(planned({"available_route": "local_gpu"}), (), "en"))
    for title in ("*Cost*", "*Memory*", "*Start*", "*Machine*", "*Model*"):
        assert title not in shown
    assert "None" not in shown


def test_a_rented_plan_tells_model_machine_memory_cost_and_licence() -> None:
    shown = whole(detail(priced(), (), "en"))
    for line in (
        "*Model* `Qwen/Qwen3-8B` · 8.2 billion parameters · BF16 · context of 40,960 tokens",
        "*Licence* <https://www.apache.org/licenses/LICENSE-2.0|apache-2.0>: this use is allowed",
        "*Machine* 1 x L4 at <https://jarvislabs.ai/pricing|jarvislabs> · 24 GB per GPU",
        "needs 16.4 to 18.1 GiB, expected 16.9 GiB, of 20.2 GiB usable",
        "*Cost* 0.44 USD/h · this session 1.86 USD · a month 27.82 USD",
        "Price of 2026-05-24",
    ):
        assert line in shown


def test_commands_run_as_printed_on_a_machine_named_after_experiment_and_owner() -> None:
    here, there, start = codes(detail(priced(), (), "en"))[:3]
    assert here.startswith("# rent:")
    assert there.startswith("# install:")
    script = "\n".join((here, there, start))
    lines = script.splitlines()
    kinds = ["# rent:", "# connect:", "# install:", "# download:", "# start:", "# is it up?"]
    begins = [next(i for i, line in enumerate(lines) if line.startswith(k)) for k in kinds]
    assert begins == sorted(begins)
    assert any("--name ow-12-ada" in line for line in lines)
    assert "--host 127.0.0.1" in script
    assert "0.0.0.0" not in script  # noqa: S104  # the address that must not be there


def test_a_script_is_written_by_the_shell_that_starts_it() -> None:
    script = codes(detail(planned(COLAB), (), "en"))[1]
    written, started = script.partition("\nEND_OF_FILE\n")[::2]
    assert "cat &gt; run_local_llm.py &lt;&lt;'END_OF_FILE'\n" in written
    assert "/python run_local_llm.py --model" in started.splitlines()[0]


def test_shutdown_has_three_levels_that_are_copied_one_by_one() -> None:
    levels = [code for code in codes(detail(priced(), (), "en")) if re.match("# [123][.] ", code)]
    assert [level.splitlines()[0] for level in levels] == [
        "# 1. The program", "# 2. The machine", "# 3. What is left and still costs",
    ]  # fmt: skip
    assert "pkill" in levels[0]
    assert "jl pause" in levels[1]
    assert "destroy" not in levels[0] + levels[1]
    assert all("# check: " in level for level in levels)


def test_data_of_the_team_are_named() -> None:
    assert "your team's own data" not in whole(detail(priced(), (), "en"))
    shown = whole(detail(overlaid(priced()), (), "en"))
    assert "your team's own data: models/ours.yaml, offers/prices.csv" in shown


def test_a_plan_that_left_its_route_open_says_what_was_compared() -> None:
    told = texts(detail(planned(UNSURE), (), "en"))
    compared = [line for line in told if line.startswith("Compared: Local CPU: Needs changes (")]
    assert len(compared) == 1
    assert not any("Compared:" in t for t in texts(detail(planned(RENTED), (), "en")))


def test_what_was_compared_is_never_left_out() -> None:
    x, unsure = overlaid(planned(LARGEST)), planned(UNSURE).decision
    assert x.decision is not None
    assert unsure is not None
    route = x.decision.route.model_copy(update={"considered": unsure.route.considered})
    revision = replace(x.latest, decision=x.decision.model_copy(update={"route": route}))
    x = replace(x, latest=revision, current=revision)
    told = texts(detail(x, checklist(x), "en"))
    assert any(t.startswith("Compared: Local CPU: Needs changes") for t in told)
    assert any(CUT in t for t in told)


def test_retired_evidence_is_not_asked_for() -> None:
    x = planned()
    items = checklist(x)
    gone = replace(items[0], required=False)
    assert items[0].label in whole(detail(x, items, "en"))
    assert items[0].label not in whole(detail(x, (gone, *items[1:]), "en"))


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
@pytest.mark.parametrize("fields", [RENTED, UNSURE, COLAB, LARGEST, RENTED | ALWAYS, TOO_BIG])
def test_it_stays_below_what_slack_takes(fields: dict[str, str], lang: str) -> None:
    x = overlaid(planned(fields, lang))
    message = detail(x, checklist(x), lang)
    assert message_problems(list(message.blocks)) == []
    assert len(whole(message)) <= MESSAGE
    assert len(message.blocks) <= BLOCKS


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
def test_what_is_left_out_is_never_how_to_start_and_stop(lang: str) -> None:
    x = overlaid(planned(LARGEST, lang))
    shown = "\n".join(codes(detail(x, checklist(x), lang)))
    for line in ("run-instances", "run_local_llm.py --model", "terminate-instances"):
        assert line in shown


def test_the_least_important_is_left_out_by_name() -> None:
    x = planned(LARGEST)
    message = detail(x, checklist(x), "en")
    cut = next(t for t in texts(message) if CUT in t)
    assert "Rejected offers" in cut
    assert not any(word in cut for word in ("Shutdown", "Cost", "Commands", "Model"))
    assert "*Rejected families*" in whole(message)
    assert CUT not in whole(detail(planned(RENTED), (), "en"))


def test_a_part_that_is_too_long_leaves_room_for_the_others() -> None:
    x = planned(RENTED)
    assert x.decision is not None
    one = x.decision.rejected_families[0]
    many = tuple(_long(one, n) for n in range(60))
    found = x.decision.model_copy(update={"rejected_families": many})
    x = replace(x, current=replace(x.latest, decision=found))
    message = detail(x, checklist(x), "en")
    assert len(whole(message)) <= MESSAGE
    assert f"{CUT} in one message: Rejected families." in whole(message)
    for part in ("Constraints", "*Shutdown*", "*Evidence*", "*Rejected offers*", "revision 3"):
        assert part in whole(message)


def _long(rejected: Rejected, n: int) -> Rejected:
    return rejected.model_copy(update={"reason": f"{n} times " + "too long " * 20})
