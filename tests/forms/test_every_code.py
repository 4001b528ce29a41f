"""Every rule that refuses a plan or holds it back, walked in Slack's own forms and buttons.

A Fix opens with at most two inputs that hold what would pass; submitted so, with nothing typed but
what nobody can guess, its conflict is gone. A refusal has no Fix: it offers routes or a model.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from bot.cards import forms, ids, plan
from bot.domain.evidence import Progress
from bot.domain.plans import State
from engine.contract import Conflict, ConflictCode, ConstraintCard, Lang, Route, Severity, Status
from engine.rules import ConflictRule
from tests.forms.filling import (
    CONFIG,
    DATA,
    TODAY,
    block_ids,
    card,
    decided,
    experiment,
    payload,
    shown,
    sound,
)

RULES: Mapping[str, ConflictRule] = DATA.rules[Lang.en].conflicts.rules
LONG_AFTER = date(2028, 1, 1)
RENTED = {"available_route": "rented_gpu", "needs_service_api": "yes"}
STOPPED = {**RENTED, "stop_after": "4"}
RICH = {**STOPPED, "budget_level": "large", "max_monthly": "9000"}
GUARDED = {"access_rule": "course staff, by SSH key", "tenancy": "secure"}
OWN = {"available_route": "local_gpu"}
ON_L4 = {**OWN, "hardware": "l4"}


@dataclass(frozen=True, slots=True)
class Held:
    """A card that a rule holds back, what its Fix proposes, and what only a person knows."""

    card: ConstraintCard
    proposed: Mapping[str, object]
    typed: Mapping[str, str] = field(default_factory=dict)
    today: date = TODAY


@dataclass(frozen=True, slots=True)
class Refused:
    """A card that a rule refuses, and the buttons that lead out."""

    card: ConstraintCard
    routes: tuple[Route, ...] = ()
    model: str | None = None


HELD: Mapping[str, Held] = {
    "service.on_local_cpu": Held(
        card(needs_service_api="yes"), {"available_route": "local_cpu", "needs_service_api": "no"}
    ),
    "privacy.controls_on_rented": Held(
        card(**STOPPED, privacy="private_docs"),
        {"access_rule": "only the owner of this experiment", "tenancy": "secure"},
    ),
    "rent.stop_plan": Held(
        card(**RENTED, budget_level="large"), {"stop_after": "4", "max_monthly": "1000"}
    ),
    "tuning.on_local_cpu": Held(
        card(needs_fine_tuning="yes"), {"available_route": "local_cpu", "needs_fine_tuning": "no"}
    ),
    "hardware.not_named": Held(card(**OWN), {"hardware": None, "model": None}, {"hardware": "l4"}),
    "hardware.unsupported": Held(
        card(**OWN, hardware="t4", model="openai/gpt-oss-20b", needs_service_api="yes"),
        {"model": "Qwen/Qwen2.5-14B-Instruct", "hardware": "t4"},
    ),
    "memory.does_not_fit": Held(
        card(**ON_L4, model="meta-llama/Llama-3.3-70B-Instruct"),
        {"model": "Qwen/Qwen2.5-14B-Instruct", "context_tokens": "8192"},
    ),
    "model.architecture_unknown": Held(
        card(**ON_L4, model="acme-labs/quiet-owl-7b", license_id="apache-2.0"),
        {"model": "acme-labs/quiet-owl-7b", "config_json": None, "params_billion": None},
        {"config_json": json.dumps(CONFIG), "params_billion": "8.19"},
    ),
    "licence.unknown": Held(
        card(**OWN, hardware="8 x h100-80gb", model="mistralai/Mistral-Medium-3.5-128B"),
        {"license_review": None, "model": "mistralai/Mistral-Medium-3.5-128B"},
        {"license_review": "Ada, legal: internal use allowed"},
    ),
    "model.context_beyond": Held(
        card(**OWN, hardware="h100-80gb", model="Qwen/Qwen3-4B", context_tokens="200000"),
        {"context_tokens": "40960", "model": "Qwen/Qwen3-4B"},
    ),
    "budget.month_missed": Held(
        card(**RENTED, stop_after="8", max_monthly="10"),
        {"stop_after": "8", "days_per_month": "3"},
    ),
    "price.expired": Held(
        card(**STOPPED, model="meta-llama/Llama-3.3-70B-Instruct"),
        {"price_seen": None, "model": "meta-llama/Llama-3.3-70B-Instruct"},
        {"price_seen": "0.90"},
        today=LONG_AFTER,
    ),
    "model.no_candidate": Held(
        card(**ON_L4, context_tokens="16777216"),
        {"context_tokens": "131072", "available_route": "local_gpu"},
    ),
}

REFUSED: Mapping[str, Refused] = {
    "privacy.private_docs_on_free_colab": Refused(
        card(available_route="free_colab", privacy="private_docs"),
        (Route.local_cpu, Route.local_gpu, Route.private_gpu),
    ),
    "service.on_free_colab": Refused(
        card(available_route="free_colab", needs_service_api="yes"),
        (Route.local_cpu, Route.local_gpu, Route.private_gpu, Route.rented_gpu),
    ),
    "privacy.regulated_provider": Refused(
        card(**STOPPED, **GUARDED, privacy="regulated"), (Route.local_gpu, Route.private_gpu)
    ),
    "budget.zero_on_rented": Refused(
        card(available_route="rented_gpu", stop_after="4", budget_level="zero"),
        (Route.local_cpu, Route.local_gpu, Route.private_gpu, Route.free_colab),
    ),
    "network.public_endpoint_on_rented": Refused(
        card(**STOPPED).model_copy(update={"public_endpoint": True}),
        (Route.local_cpu, Route.local_gpu, Route.private_gpu),
    ),
    "licence.no_commercial_use": Refused(
        card(model="Qwen/Qwen2.5-3B-Instruct"), model="Qwen/Qwen3-4B"
    ),
    "licence.too_many_users": Refused(
        card(**RICH, model="Qwen/Qwen2.5-72B-Instruct", monthly_active_users="200000000"),
        model="Qwen/Qwen2.5-32B-Instruct",
    ),
    "licence.not_in_the_eu": Refused(
        card(**RICH, model="meta-llama/Llama-4-Scout-17B-16E-Instruct", eu_entity="yes"),
        model="Qwen/Qwen2.5-72B-Instruct",
    ),
    "budget.hour_missed": Refused(
        card(**STOPPED, model="meta-llama/Llama-3.3-70B-Instruct"),
        (Route.local_gpu, Route.private_gpu),
        "Qwen/Qwen2.5-14B-Instruct",
    ),
}


def of_effect(*effects: Severity) -> set[str]:
    return {rule.id for rule in RULES.values() if rule.effect in effects}


def codes(of: ConstraintCard, today: date) -> set[ConflictCode]:
    """What refuses the card or holds it back; a warning does neither."""
    return {c.code for c in decided(of, today=today).conflicts}


def conflict(of: ConstraintCard, rule: str, today: date = TODAY) -> Conflict:
    return next(c for c in decided(of, today=today).conflicts if c.rule_id == rule)


def buttons(of: ConstraintCard) -> list[Any]:
    x = replace(experiment(of), state=State.REFUSED)
    drawn = plan.decision_card(x, Progress(0, 0), "en")
    return [
        element
        for block in drawn.blocks
        for element in (*block.get("elements", ()), block.get("accessory", {}))
        if element.get("type") == "button"
    ]


def test_every_rule_and_every_code_that_stands_in_the_way_is_walked() -> None:
    assert set(HELD) == of_effect(Severity.change)
    assert set(REFUSED) == of_effect(Severity.refuse)
    warnings = {r.code for r in RULES.values() if r.effect is Severity.warn}
    walked = {RULES[rule].code for rule in (*HELD, *REFUSED)}
    assert walked | warnings == set(ConflictCode)


@pytest.mark.parametrize("rule", HELD)
@pytest.mark.parametrize("lang", ["en", "zh_CN"])
def test_a_fix_submitted_as_it_opens_ends_its_conflict(rule: str, lang: str) -> None:
    held = HELD[rule]
    found = conflict(held.card, rule, held.today)
    decision = decided(held.card, today=held.today)
    x = experiment(held.card, decision)
    view = sound(forms.fix_modal(x, found, lang, today=held.today))
    shape_is_one = {"params_billion"}
    assert len(set(block_ids(view)) - shape_is_one) <= 2
    if lang == "en":
        assert shown(view) == held.proposed
    after = forms.parse_fix(payload(view, **held.typed), held.card, today=held.today)
    assert isinstance(after, ConstraintCard), after.by_block("en")
    assert found.code not in codes(after, held.today)
    assert after.task == held.card.task


@pytest.mark.parametrize("rule", HELD)
def test_the_card_has_a_fix_for_it(rule: str) -> None:
    held = HELD[rule]
    found = conflict(held.card, rule, held.today)
    x = experiment(held.card, decided(held.card, today=held.today))
    assert plan.fixable(x, found.code.value, "en") is not None


@pytest.mark.parametrize("rule", REFUSED)
def test_a_refusal_offers_buttons_that_lead_out_of_it(rule: str) -> None:
    refused = REFUSED[rule]
    found = conflict(refused.card, rule)
    assert decided(refused.card).status is Status.refused
    assert forms.fix_inputs(found, refused.card) == ()
    offered = buttons(refused.card)
    acts = [b["action_id"] for b in offered]
    assert not any(act.startswith(ids.FIX) for act in acts)
    assert [b["text"]["text"] for b in offered if b.get("style")] == ["Change the card"]
    routes = tuple(Route(a.partition(":")[2]) for a in acts if a.startswith(ids.ALTERNATIVE))
    assert routes == refused.routes
    for route in routes:
        assert found.code not in codes(forms.apply_alternative(refused.card, route), TODAY)
    model = plan.other_model(experiment(refused.card))
    assert (model, ids.OTHER_MODEL in acts) == (refused.model, refused.model is not None)
    if model:
        other = decided(forms.apply_model(refused.card, model))
        assert (other.status, other.model and other.model.repo) == (Status.ok, model)


def test_an_expired_price_may_be_looked_up_for_the_machine_that_was_shown() -> None:
    held = HELD["price.expired"]
    decision = decided(held.card, today=held.today)
    assert (decision.cost, decision.offer and decision.offer.provider) == (None, "runpod")
    found = conflict(held.card, "price.expired", held.today)
    view = forms.fix_modal(experiment(held.card, decision), found, "en", today=held.today)
    after = forms.parse_fix(payload(view, price_seen="0.90"), held.card, today=held.today)
    assert isinstance(after, ConstraintCard), after
    priced = decided(after, today=held.today)
    assert decision.offer is not None
    assert priced.offer is not None
    assert priced.offer.offer_id == decision.offer.offer_id
    assert priced.cost is not None
    assert priced.cost.hourly == priced.offer.hourly
    assert str(priced.cost.hourly) == "0.9000"
