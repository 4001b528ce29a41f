"""Five routes side by side: the table on every rung, the best next step, and where to go on."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import compare, ids
from bot.cards.ids import PlanRef
from bot.cards.tables import Rung
from bot.domain.compare import next_step
from bot.domain.delivery import Message
from bot.domain.plans import State
from engine.contract import ConstraintCard, DataVersion, DecisionCard, Route, Status
from sandbox.limits.surfaces import message_problems
from tests.cards.comparing import compared, comparison
from tests.cards.made import REFUSED, RENTED, STOPPED, UNHURRIED, UNSURE, planned, priced, undecided
from tests.engine.cards import any_card
from tests.forms.filling import card, experiment

NAMES = ["Local CPU", "Local GPU", "Private GPU", "Free Colab", "Rented GPU"]


def rows(message: Message) -> dict[str, list[str]]:
    found = next(b for b in message.blocks if b["type"] in ("data_table", "table"))
    texts = [[cell["text"] for cell in row] for row in found["rows"]]
    return {row[0]: row[1:] for row in texts}


def buttons(message: Message) -> list[dict[str, Any]]:
    return [e for b in message.blocks if b["type"] == "actions" for e in b["elements"]]


def labels(message: Message) -> list[str]:
    return [b["text"]["text"] for b in buttons(message)]


def best(message: Message) -> str:
    return next(line for line in message.text.splitlines() if "Best next step" in line)


@pytest.mark.parametrize("rung", [Rung.DATA_TABLE, Rung.TABLE])
def test_a_row_per_route_with_its_numbers(rung: Rung) -> None:
    shown = rows(comparison(priced(), rung=rung))
    assert list(shown) == ["Route", *NAMES]
    assert shown["Route"][-1] == "What it takes"
    assert shown["Rented GPU"] == [
        "✓ Go", "Qwen3-8B, BF16", "16.9–18.1 of 20.2", "0.44", "27.82", "nothing blocks it",
    ]  # fmt: skip
    assert shown["Free Colab"][0] == "✗ Refused"
    assert shown["Free Colab"][1:5] == ["–"] * 4
    assert shown["Local CPU"][3:5] == ["no rent", "no rent"]


def test_on_the_last_rung_every_cell_is_there_as_well() -> None:
    table = rows(comparison(priced()))
    message = comparison(priced(), rung=Rung.FIELDS)
    sections = [b for b in message.blocks if "fields" in b]
    assert [s["text"]["text"] for s in sections] == [f"*{name}*" for name in NAMES]
    for shown, name in zip(sections, NAMES, strict=True):
        values = [f["text"].partition("\n")[2] for f in shown["fields"]]
        assert values == table[name]


@pytest.mark.parametrize("rung", Rung)
def test_all_of_it_can_be_read_without_the_table(rung: Rung) -> None:
    message = comparison(priced(), rung=rung)
    for name, cells in rows(comparison(priced())).items():
        if name == "Route":
            continue
        line = next(found for found in message.text.splitlines() if found.startswith(name))
        assert all(cell in line for cell in cells if cell != "–")
    assert "Best next step" in message.text


@pytest.mark.parametrize("rung", Rung)
@pytest.mark.parametrize("lang", ["en", "zh_CN"])
@UNHURRIED
@given(of=any_card(), long=st.booleans())
def test_slack_takes_it_whatever_is_on_the_card(
    rung: Rung, lang: str, of: ConstraintCard, *, long: bool
) -> None:
    if long:
        of = of.model_copy(update={"task": "課" * 300})
    x = experiment(of)
    message = comparison(x, lang, rung)
    assert message_problems(json.loads(json.dumps(message.blocks))) == []
    assert len(json.dumps(message.blocks, ensure_ascii=False)) < 10_000
    assert len(message.text) <= 4_000


def test_every_other_route_that_is_not_refused_can_be_planned_on() -> None:
    x = planned(RENTED)
    message = comparison(x)
    open_to = {p.route.route for p in compared(x) if p.status is not Status.refused}
    wanted = {f"{ids.ALTERNATIVE}:{r.value}" for r in open_to - {Route.rented_gpu}}
    assert {b["action_id"] for b in buttons(message)} == wanted | {ids.REPLAN}
    assert "Plan it on Free Colab" not in labels(message)
    for found in buttons(message)[:-1]:
        ref = PlanRef.read(found["value"])
        assert ref == PlanRef(e=x.id, r=x.latest.number, choice=ids.COMPARE)
        assert x.label in found["accessibility_label"]


def test_the_best_route_is_the_one_that_stands_out() -> None:
    x = planned(REFUSED)
    primary = [b for b in buttons(comparison(x)) if b.get("style") == "primary"]
    step = next_step(compared(x), Route.free_colab)
    assert [b["action_id"] for b in primary] == [f"{ids.ALTERNATIVE}:{step.route.value}"]


@pytest.mark.parametrize("state", [State.ARCHIVED, State.DROPPED, State.DECIDED])
def test_what_is_over_has_no_buttons(state: State) -> None:
    assert buttons(comparison(planned(RENTED, state=state))) == []


def test_an_undecided_card_may_be_planned_on_every_route_that_is_open() -> None:
    x = undecided(card(**UNSURE))
    assert x.route is None
    shown = comparison(x)
    assert {"Plan it on Rented GPU", "Plan it on Local GPU"} <= set(labels(shown))
    assert best(shown).startswith("*Best next step:* Plan it on Rented GPU: it is Go (")


def test_a_teams_own_data_are_named_where_they_set_the_prices() -> None:
    own = DataVersion(version="models/ours.yaml, offers/prices.csv", sha256="0" * 64)
    plans = [
        p.model_copy(update={"inputs": p.inputs.model_copy(update={"overlay": own})})
        for p in compared(priced())
    ]
    message = compare.comparison(priced(), plans, Rung.DATA_TABLE, "en")
    said = [e["text"] for b in message.blocks if b["type"] == "context" for e in b["elements"]]
    assert "With your team's own data: models/ours.yaml, offers/prices.csv" in said
    assert "own data" not in str(comparison(priced()).blocks)
    many = own.model_copy(update={"version": ", ".join(f"models/{n}.yaml" for n in range(999))})
    plans = [
        p.model_copy(update={"inputs": p.inputs.model_copy(update={"overlay": many})})
        for p in plans
    ]
    message = compare.comparison(priced(), plans, Rung.DATA_TABLE, "en")
    assert message_problems(json.loads(json.dumps(message.blocks))) == []
    assert len(str(message.blocks)) < 10_000


def test_dearer_than_nothing_is_said_with_both_prices() -> None:
    x = priced()
    plans = [
        p.model_copy(update={"status": Status.ok, "conflicts": ()})
        if p.route.route is Route.local_gpu
        else p
        for p in compared(x)
    ]
    said = compare.advice(next_step(plans, x.route), plans, "en")
    assert (
        said == "Plan it on Local GPU: it is Go (no rent); so is Rented GPU (27.82 USD per month)."
    )


def test_the_only_route_that_is_go_is_kept_at_its_price() -> None:
    x = priced()
    plans = [p for p in compared(x) if p.status is not Status.ok or p.cost]
    said = compare.advice(next_step(plans, x.route), plans, "en")
    assert said == "Keep Rented GPU: it is the only route that is Go (27.82 USD per month)."


def test_another_currency_and_an_old_price_are_named() -> None:
    plans = [_priced_in_euro(p) for p in compared(priced())]
    message = compare.comparison(priced(), plans, Rung.DATA_TABLE, "en")
    assert rows(message)["Rented GPU"][3:5] == ["0.44 EUR", "27.82 EUR"]
    assert "Prices as of 2026-10-01 or newer." in str(message.blocks)


def test_several_things_in_the_way_are_counted() -> None:
    x = planned(RENTED)
    many = next(p for p in compared(x) if len(p.conflicts) > 1 and p.status is not Status.ok)
    name = NAMES[list(Route).index(many.route.route)]
    assert "more)" in rows(comparison(x))[name][-1]


def test_a_changed_card_is_what_is_compared() -> None:
    x = planned(RENTED | STOPPED)
    x = replace(x, latest=replace(x.latest, number=4, card=card(), decision=None))
    assert x.route is Route.local_cpu
    assert "Plan it on Local CPU" not in labels(comparison(x))


def _priced_in_euro(plan: DecisionCard) -> DecisionCard:
    if plan.cost is None:
        return plan
    cost = plan.cost.model_copy(update={"currency": "EUR", "as_of": date(2026, 10, 1)})
    return plan.model_copy(update={"cost": cost})
