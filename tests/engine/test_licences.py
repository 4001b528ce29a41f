"""Licences: what each verdict does to a plan, at the limits exactly."""

from typing import Any

import pytest

from engine.contract import DecisionCard, LicenseDecision, RejectionCode, Status
from engine.decide import decide
from tests.engine.cards import DATA, L4, REVISION, SHAPE, card
from tests.engine.markets import market, model, row
from tests.engine.plans import (
    conflict,
    entered,
    evidence,
    in_the_way,
    plan,
    ran,
    rejected,
    rejection,
)

H100S = {"gpu_id": "h100-80gb", "gpu_count": 8}
LARGE: dict[str, Any] = {
    "available_route": "local_gpu",
    "hardware": H100S,
    "budget_level": "large",
}
SCOUT = "meta-llama/Llama-4-Scout-17B-16E-Instruct"
UNHEARD: dict[str, Any] = {
    "available_route": "local_gpu",
    "hardware": L4,
    "model_repo": "someone/unheard-of",
    "architecture": SHAPE,
    "revision": REVISION,
}


def verdict(decision: DecisionCard) -> str:
    assert decision.license is not None
    return decision.license.verdict.value


def on_h100s(repo: str, **changes: Any) -> DecisionCard:
    return plan(**LARGE, model_repo=repo, **changes)


def assert_another_model_passes(decision: DecisionCard, code: str) -> None:
    said = conflict(decision, code)
    assert said.severity == "refuse"
    assert said.fix == ()
    fixed = decide(entered(decision.inputs.card, dict(said.passing)), DATA)
    assert said.passing["model_repo"] == ran(fixed)[0]
    assert in_the_way(fixed) == []


@pytest.mark.parametrize(
    "repo", ["Qwen/Qwen2.5-3B-Instruct", "mistralai/Mistral-Large-Instruct-2407"]
)
def test_a_licence_without_commercial_use_refuses_a_company_and_nobody_else(repo: str) -> None:
    company = on_h100s(repo)
    assert company.status is Status.refused
    assert in_the_way(company) == ["LICENSE_COMMERCIAL"]
    assert repo in conflict(company, "LICENSE_COMMERCIAL").text
    assert {r.code for r in company.rejected_families} == {RejectionCode.license}
    assert_another_model_passes(company, "LICENSE_COMMERCIAL")
    school = on_h100s(repo, commercial_use=False)
    assert school.status is Status.ok
    assert verdict(school) == "allow_with_conditions"


@pytest.mark.parametrize(
    ("repo", "limit"),
    [
        ("meta-llama/Llama-3.3-70B-Instruct", 700_000_000),
        (SCOUT, 700_000_000),
        ("Qwen/Qwen2.5-72B-Instruct", 100_000_000),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", 700_000_000),
    ],
)
def test_users_are_refused_above_the_limit_and_not_at_it(repo: str, limit: int) -> None:
    assert on_h100s(repo, monthly_active_users=limit).status is Status.ok
    above = on_h100s(repo, monthly_active_users=limit + 1)
    assert in_the_way(above) == ["LICENSE_MAU"]
    said = conflict(above, "LICENSE_MAU").text
    assert f"{limit:,}" in said
    assert_another_model_passes(above, "LICENSE_MAU")


def test_unknown_users_are_a_condition_not_a_refusal() -> None:
    unknown, few = on_h100s(SCOUT), on_h100s(SCOUT, monthly_active_users=10)
    assert unknown.license is not None
    assert few.license is not None
    assert any("700 million" in text for text in unknown.license.conditions)
    assert not any("700 million" in text for text in few.license.conditions)


@pytest.mark.parametrize(
    ("repo", "europe", "status"),
    [
        (SCOUT, True, Status.refused),
        (SCOUT, False, Status.ok),
        (SCOUT, None, Status.ok),
        ("meta-llama/Llama-3.2-3B-Instruct", True, Status.ok),
        ("meta-llama/Llama-3.1-8B-Instruct", True, Status.ok),
    ],
)
def test_the_eu_clause_binds_models_that_read_images(
    repo: str, europe: bool | None, status: Status
) -> None:
    decision = on_h100s(repo, eu_entity=europe)
    assert decision.status is status
    if status is Status.refused:
        assert in_the_way(decision) == ["LICENSE_EU"]
        assert_another_model_passes(decision, "LICENSE_EU")


def test_a_distilled_model_inherits_the_licence_of_its_base_and_both_are_named() -> None:
    distilled = "deepseek-ai/DeepSeek-R1-Distill-Llama-8B"
    decision = on_h100s(distilled, monthly_active_users=700_000_001)
    assert "mit, llama3.1" in conflict(decision, "LICENSE_MAU").text
    plain = on_h100s("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", monthly_active_users=10**10)
    assert verdict(plain) == "allow"


def test_more_budget_never_buys_a_licence() -> None:
    for budget in ("small", "medium", "large"):
        refused = plan(**(LARGE | {"budget_level": budget}), model_repo=SCOUT, eu_entity=True)
        assert in_the_way(refused) == ["LICENSE_EU"]


@pytest.mark.parametrize("license_id", [None, "other", "somebody-s-own", "modified-mit"])
def test_a_licence_that_nobody_has_read_waits_for_a_person(license_id: str | None) -> None:
    decision = plan(**UNHEARD, license_id=license_id)
    assert decision.status is Status.needs_changes
    assert in_the_way(decision) == ["LICENSE_UNKNOWN"]
    assert conflict(decision, "LICENSE_UNKNOWN").fix == ("license_id", "license_review")
    assert verdict(decision) == "needs_review"
    assert "license_review" in evidence(decision)
    read = plan(**UNHEARD, license_id=license_id, license_review="ours may use it, see the note")
    assert read.status is Status.ok
    assert verdict(read) == "allow_with_conditions"


@pytest.mark.parametrize("spelled", ["Apache 2.0", "apache-2.0", "APACHE_2.0", "  MIT License "])
def test_the_name_of_a_licence_may_be_spelled_as_people_do(spelled: str) -> None:
    decision = plan(**UNHEARD, license_id=spelled)
    assert (in_the_way(decision), verdict(decision)) == ([], "allow")
    assert decision.license is not None
    assert decision.license.license_id in {"apache-2.0", "mit"}


def test_a_review_never_opens_what_a_known_licence_forbids() -> None:
    reviewed = on_h100s(
        "mistralai/Mistral-Large-Instruct-2407", license_review="we think it is fine"
    )
    assert in_the_way(reviewed) == ["LICENSE_COMMERCIAL"]


def test_a_licence_that_needs_review_is_never_chosen_unasked() -> None:
    models = [model("a/reviewed", 7), model("b/unread", 13, license_id="modified-mit")]
    world = market(row("aws:g6:any:on-demand", "l40s", "0.5"), models=models)
    decision = plan(world, available_route="rented_gpu", session_hours="2")
    assert ran(decision)[0] == "a/reviewed"


def test_a_family_falls_to_its_licence_only_if_all_its_models_do() -> None:
    forbidden = [model(f"a/{n}", n, license_id="mrl") for n in (3, 7)]
    rows = (row("aws:g6:any:on-demand", "l40s", "0.5"),)
    rented: dict[str, Any] = {"available_route": "rented_gpu", "session_hours": "2"}
    free = model("c/free", 2)
    one = plan(market(*rows, models=[*forbidden, free]), **rented)
    assert ran(one)[0] == "c/free"
    other = model("d/other", 5, family_id="mistral")
    rest = [model("e/x", 5, family_id="open_other", license_id="mrl")]
    none = plan(market(*rows, models=[*forbidden, other, *rest]), **rented)
    assert ran(none)[0] == "d/other"
    assert rejected(none, "qwen_llama").numbers == {"license_id": "mrl"}
    assert rejection(none, "open_other") is RejectionCode.license


def test_where_every_licence_forbids_the_use_the_plan_is_refused() -> None:
    families = ("qwen_llama", "mistral", "open_other")
    models = [model(f"a/{f}", 7, family_id=f, license_id="mrl") for f in families]
    world = market(row("aws:g6:any:on-demand", "l40s", "0.5"), models=models)
    decision = plan(world, available_route="rented_gpu", session_hours="2")
    assert in_the_way(decision) == ["LICENSE_COMMERCIAL"]
    assert "a/qwen_llama" in conflict(decision, "LICENSE_COMMERCIAL").text
    assert decision.license is not None
    assert decision.license.verdict is LicenseDecision.refuse


@pytest.mark.parametrize(
    ("repo", "changes", "words"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", {"distributes_model": True}, "Built with Llama"),
        ("Qwen/Qwen2.5-72B-Instruct", {"distributes_model": True}, "Built with Qwen"),
        ("google/gemma-3-27b-it", {"needs_service_api": True}, "terms"),
        ("openai/gpt-oss-20b", {}, "usage policy"),
    ],
)
def test_conditions_are_printed_where_they_speak_to_the_card(
    repo: str, changes: dict[str, Any], words: str
) -> None:
    told = on_h100s(repo, **changes).license
    assert told is not None
    assert told.verdict is LicenseDecision.allow_with_conditions
    assert any(words in text for text in told.conditions), told.conditions
    assert told.source_url.startswith("https://")


def test_a_card_for_oneself_hears_nothing_of_attribution() -> None:
    told = plan(**LARGE, model_repo="meta-llama/Llama-3.1-8B-Instruct").license
    assert told is not None
    assert not any("Built with" in text for text in told.conditions)


def test_the_facts_of_a_card_do_not_stand_in_for_a_catalogued_licence() -> None:
    asked = card(**LARGE, model_repo="mistralai/Mistral-Large-Instruct-2407", license_id="mit")
    assert in_the_way(decide(asked, DATA)) == ["LICENSE_COMMERCIAL"]
