"""The decision table, one story per rule."""

from datetime import timedelta
from typing import Any

import pytest

from engine.contract import (
    BudgetLevel,
    ConflictCode,
    Gate,
    RejectionCode,
    Route,
    Severity,
    Status,
)
from tests.engine.cards import DATA, GUARDED, L4, REVISION, STOPS, TODAY
from tests.engine.plans import evidence, family, only_conflict, plan, rejection, warned


def test_rule_1_a_cpu_proves_the_pipeline_with_a_small_model() -> None:
    decision = plan()
    assert decision.status is Status.ok
    assert family(decision) == "small_instruct"
    assert decision.route.goal == "prove the pipeline with a small quantized model"
    assert decision.conflicts == ()
    assert warned(decision) == {ConflictCode.HARDWARE_ASSUMED, ConflictCode.FIT_UNCALIBRATED}
    assert [e.lesson_index for e in decision.evidence] == [0, 1, 2, 3, 4, 5]


def test_rule_2_a_service_on_a_cpu_is_a_demo_only() -> None:
    decision = plan(needs_service_api=True)
    conflict = only_conflict(decision)
    assert decision.status is Status.needs_changes
    assert conflict.code == "ROUTE_CANNOT_PROVE_SERVICE"
    assert conflict.fix == ("available_route", "needs_service_api")
    assert decision.shutdown_commands[0].argv[:2] == ("ollama", "stop")


def test_rule_3_a_public_notebook_experiment_owes_its_reset_notes() -> None:
    decision = plan(available_route="free_colab")
    assert decision.status is Status.ok
    assert family(decision) == "small_instruct"
    assert {"notebook_link", "runtime_type", "reset_note"} <= evidence(decision)
    assert warned(decision) == set()


def test_rule_3_internal_data_in_a_notebook_is_a_warning() -> None:
    decision = plan(available_route="free_colab", privacy="internal")
    assert decision.status is Status.ok
    assert warned(decision) == {ConflictCode.INTERNAL_ON_COLAB}


def test_rule_4_no_service_on_free_colab() -> None:
    decision = plan(available_route="free_colab", needs_service_api=True)
    conflict = only_conflict(decision)
    assert decision.status is Status.refused
    assert conflict.code == "COLAB_SERVICE_FORBIDDEN"
    assert conflict.alternatives == (
        Route.rented_gpu,
        Route.local_gpu,
        Route.private_gpu,
        Route.local_cpu,
    )
    assert rejection(decision, "small_instruct") is RejectionCode.runtime_not_serving


@pytest.mark.parametrize("privacy", ["private_docs", "regulated"])
def test_rule_5_private_data_never_enters_free_colab(privacy: str) -> None:
    decision = plan(available_route="free_colab", privacy=privacy)
    conflict = only_conflict(decision)
    assert decision.status is Status.refused
    assert conflict.code == "PRIVACY_ROUTE_CONFLICT"
    assert conflict.alternatives == (Route.local_gpu, Route.local_cpu, Route.private_gpu)
    assert {r.code for r in decision.rejected_families} == {RejectionCode.privacy}


def test_rule_6_private_documents_on_a_rented_gpu_need_controls() -> None:
    decision = plan(**STOPS, privacy="private_docs", needs_service_api=True)
    conflict = only_conflict(decision)
    assert conflict.code == "PRIVATE_ON_RENTED_NEEDS_CONTROLS"
    assert conflict.fix == ("access_rule", "tenancy")
    fixed = plan(**STOPS, **GUARDED, needs_service_api=True)
    assert fixed.status is Status.ok
    assert family(fixed) == "qwen_llama"
    assert fixed.adaptation.gate is Gate.rag_first
    assert {"access_rule", "source_trace", "no_leak_note"} <= evidence(fixed)


def test_rule_6_a_community_host_is_no_control() -> None:
    decision = plan(**(STOPS | GUARDED | {"tenancy": "community"}), needs_service_api=True)
    assert only_conflict(decision).fix == ("tenancy",)


@pytest.mark.parametrize(
    ("approved", "allowed", "refused"),
    [
        ([], [], True),
        (["aws"], [], False),
        (["aws"], ["aws", "runpod"], False),
        (["aws"], ["runpod"], True),
    ],
)
def test_rule_7_regulated_data_needs_an_approved_provider(
    approved: list[str], allowed: list[str], refused: bool
) -> None:
    decision = plan(
        **(STOPS | GUARDED | {"privacy": "regulated"}),
        needs_service_api=True,
        regulated_providers=approved,
        providers_allowed=allowed,
    )
    assert (decision.status is Status.refused) is refused
    if refused:
        conflict = only_conflict(decision)
        assert conflict.code == "REGULATED_PROVIDER"
        assert conflict.alternatives == (Route.private_gpu, Route.local_gpu)


@pytest.mark.parametrize("route", ["local_gpu", "private_gpu"])
def test_rule_8_private_documents_stay_at_home_with_rag_first(route: str) -> None:
    decision = plan(available_route=route, hardware=L4, privacy="private_docs")
    assert decision.status is Status.ok
    assert decision.adaptation.gate is Gate.rag_first
    assert {"access_rule", "source_trace", "no_leak_note"} <= evidence(decision)
    assert "RAG" in decision.route.why


def test_rule_9_renting_without_a_reason_is_advised_against() -> None:
    decision = plan(**STOPS)
    assert decision.status is Status.ok
    assert warned(decision) == {ConflictCode.RENT_NOT_JUSTIFIED, ConflictCode.PRICE_STALE}


def test_rule_10_zero_budget_rents_nothing() -> None:
    decision = plan(**STOPS, needs_service_api=True, budget_level="zero")
    conflict = only_conflict(decision)
    assert decision.status is Status.refused
    assert conflict.code == "BUDGET_ROUTE_CONFLICT"
    assert Route.free_colab not in conflict.alternatives, "a service cannot go there either"
    assert {r.code for r in decision.rejected_families} == {RejectionCode.over_budget}


def test_rule_10_offers_the_notebook_to_public_experiments_only() -> None:
    def alternatives(privacy: str) -> tuple[Route, ...]:
        decision = plan(**STOPS, budget_level="zero", privacy=privacy)
        return decision.conflicts[0].alternatives

    assert Route.free_colab in alternatives("public")
    assert Route.free_colab not in alternatives("internal")


def test_rule_12_lora_opens_after_recorded_failures() -> None:
    decision = plan(
        available_route="local_gpu",
        hardware=L4,
        needs_fine_tuning=True,
        eval_failures_recorded=True,
    )
    assert decision.status is Status.ok
    assert decision.adaptation.gate is Gate.lora_allowed
    assert decision.adaptation.text == "prepare LoRA after baseline eval"
    assert ConflictCode.LORA_GATE in warned(decision)
    tuning = {e.id: e.required for e in decision.evidence if e.kind == "tuning"}
    assert tuning == {"lora_gate": True, "before_after_eval": False, "adapter_artifact": False}


def test_rule_13_tuning_needs_a_gpu() -> None:
    decision = plan(needs_fine_tuning=True)
    conflict = only_conflict(decision)
    assert conflict.code == "TUNE_NEEDS_GPU"
    assert conflict.fix == ("available_route", "needs_fine_tuning")


def test_rule_14_without_an_evaluation_lora_stays_locked() -> None:
    decision = plan(available_route="local_gpu", hardware=L4, needs_fine_tuning=True)
    assert decision.status is Status.ok
    assert decision.adaptation.gate is Gate.baseline_required
    assert ConflictCode.LORA_WITHOUT_EVAL in warned(decision)


def test_rule_19_no_public_port_on_a_rented_machine() -> None:
    decision = plan(**STOPS, needs_service_api=True, public_endpoint=True)
    conflict = only_conflict(decision)
    assert decision.status is Status.refused
    assert conflict.code == "PUBLIC_PORT"
    assert {r.code for r in decision.rejected_families} == {RejectionCode.route_refused}


NEXT_WEEK = TODAY + timedelta(days=7)
ALWAYS = {"always_on": True, "budget_level": "medium"}
"""The small class's cap pays for no month without an end."""


@pytest.mark.parametrize(
    ("changes", "fix"),
    [
        ({}, ("session_hours",)),
        ({"session_hours": "2"}, None),
        ({"session_hours": "2", "budget_level": "large"}, ("max_monthly",)),
        ({"budget_level": "large"}, ("session_hours", "max_monthly")),
        ({"session_hours": "2", "budget_level": "large", "max_hourly": "4"}, None),
        (ALWAYS, ("review_date",)),
        (ALWAYS | {"review_date": TODAY - timedelta(days=1)}, ("review_date",)),
        (ALWAYS | {"review_date": NEXT_WEEK}, None),
        (
            {"always_on": True, "budget_level": "large", "max_hourly": "4"},
            ("review_date", "max_monthly"),
        ),
        (
            {
                "always_on": True,
                "review_date": NEXT_WEEK,
                "budget_level": "large",
                "max_monthly": "900",
            },
            None,
        ),
    ],
)
def test_rule_20_a_rented_gpu_needs_a_stop_and_a_cap(
    changes: dict[str, Any], fix: tuple[str, ...] | None
) -> None:
    decision = plan(available_route="rented_gpu", needs_service_api=True, **changes)
    if fix is None:
        assert decision.status is Status.ok
    else:
        conflict = only_conflict(decision)
        assert (conflict.code, conflict.fix) == (ConflictCode.NO_STOP_PLAN, fix)


@pytest.mark.parametrize("hardware", [None, {"ram_gib": "64"}, {"gpu_id": "rtx9999"}])
def test_an_own_gpu_must_be_a_known_one(hardware: dict[str, str] | None) -> None:
    decision = plan(available_route="local_gpu", hardware=hardware)
    conflict = only_conflict(decision)
    assert (conflict.code, conflict.fix) == ("HARDWARE_REQUIRED", ("hardware", "model_repo"))


def test_a_named_model_without_a_known_revision_is_a_warning() -> None:
    named: dict[str, Any] = {
        "available_route": "local_gpu",
        "hardware": L4,
        "model_repo": "mistralai/Mistral-7B-Instruct-v0.2",
    }
    assert DATA.catalog.models.models["mistralai/Mistral-7B-Instruct-v0.2"].revision is None
    decision = plan(**named)
    assert ConflictCode.REVISION_NOT_PINNED in warned(decision)
    told = {w.code: w.fix for w in decision.warnings}
    assert told[ConflictCode.REVISION_NOT_PINNED] == ("revision",)
    pinned = plan(**named, revision=REVISION)
    assert ConflictCode.REVISION_NOT_PINNED not in warned(pinned)
    assert pinned.model is not None
    assert (pinned.model.revision, pinned.model.weights.revision) == (REVISION, REVISION)


def test_a_reviewed_revision_needs_no_typing() -> None:
    decision = plan(available_route="local_gpu", hardware=L4, model_repo="Qwen/Qwen3-8B")
    assert decision.model is not None
    assert decision.model.revision == DATA.catalog.models.models["Qwen/Qwen3-8B"].revision
    assert ConflictCode.REVISION_NOT_PINNED not in warned(decision)


def test_every_conflict_is_collected_not_only_the_first() -> None:
    decision = plan(
        available_route="rented_gpu",
        privacy="regulated",
        budget_level="zero",
        public_endpoint=True,
    )
    assert [c.code for c in decision.conflicts] == [
        "REGULATED_PROVIDER",
        "BUDGET_ROUTE_CONFLICT",
        "PUBLIC_PORT",
        "PRIVATE_ON_RENTED_NEEDS_CONTROLS",
        "NO_STOP_PLAN",
    ]
    assert {r.code for r in decision.rejected_families} == {RejectionCode.privacy}


def test_a_refused_plan_keeps_its_evidence_and_loses_everything_that_runs() -> None:
    decision = plan(available_route="free_colab", privacy="private_docs")
    assert decision.model_family is None
    assert (decision.runtime_commands, decision.shutdown_commands) == ((), ())
    assert len(decision.rejected_families) == 6
    assert {"access_rule", "reset_note"} <= evidence(decision)
    assert decision.route.why == decision.conflicts[0].text


@pytest.mark.parametrize(
    ("route", "service", "chosen", "others"),
    [
        (
            "local_gpu",
            True,
            "qwen_llama",
            {"small_instruct": "runtime_not_serving", "mistral": "not_first_fit"},
        ),
        ("local_gpu", False, "qwen_llama", {"small_instruct": "not_first_fit"}),
        (
            "rented_gpu",
            True,
            "qwen_llama",
            {
                "small_instruct": "runtime_not_serving",
                "gpt_oss": "model_card_check_required",
                "reasoning": "needs_latency_check",
            },
        ),
        (
            "free_colab",
            False,
            "small_instruct",
            {"qwen_llama": "not_first_fit", "gpt_oss": "route_not_supported"},
        ),
    ],
)
def test_families_are_chosen_by_route_and_service(
    route: str, service: bool, chosen: str, others: dict[str, str]
) -> None:
    decision = plan(
        available_route=route, needs_service_api=service, session_hours="2", hardware=L4
    )
    assert family(decision) == chosen
    for family_id, code in others.items():
        assert rejection(decision, family_id) == code


def test_gpt_oss_is_taken_when_it_is_named() -> None:
    decision = plan(**STOPS, needs_service_api=True, model_repo="openai/gpt-oss-20b")
    assert family(decision) == "gpt_oss"
    assert "openai/gpt-oss-20b" in decision.rejected_families[1].reason


def test_a_model_outside_the_catalogue_is_of_the_other_family() -> None:
    decision = plan(**STOPS, needs_service_api=True, model_repo="someone/unheard-of")
    assert rejection(decision, "open_other") is RejectionCode.arch_unknown
    assert [c.code for c in decision.conflicts] == ["ARCH_UNSUPPORTED", "LICENSE_UNKNOWN"]


@pytest.mark.parametrize(
    ("changes", "fix", "code"),
    [
        (
            {"model_repo": "openai/gpt-oss-20b"},
            ("model_repo", "available_route"),
            "route_not_supported",
        ),
        (
            {
                "model_repo": "Qwen/Qwen3-4B",
                "available_route": "local_gpu",
                "hardware": L4,
                "needs_service_api": True,
            },
            ("needs_service_api", "model_repo"),
            "runtime_not_serving",
        ),
    ],
)
def test_a_named_model_that_cannot_run_here_leaves_no_candidate(
    changes: dict[str, Any], fix: tuple[str, ...], code: str
) -> None:
    decision = plan(**changes)
    conflict = only_conflict(decision)
    assert (conflict.code, conflict.severity) == (ConflictCode.NO_CANDIDATE, Severity.change)
    assert conflict.fix == fix
    assert "Nothing can be planned" in conflict.text
    assert decision.model_family is None
    assert len(decision.rejected_families) == 6
    assert code in {r.code for r in decision.rejected_families}


def test_undecided_takes_the_best_route_and_lists_what_it_considered() -> None:
    decision = plan(
        available_route="undecided", needs_service_api=True, session_hours="4", hardware=L4
    )
    assert decision.route.route is Route.local_gpu
    assert decision.status is Status.ok
    considered = {c.route: (c.status, c.codes) for c in decision.route.considered}
    assert list(considered) == list(Route)
    assert considered[Route.free_colab] == (Status.refused, ("COLAB_SERVICE_FORBIDDEN",))
    assert considered[Route.local_cpu][0] is Status.needs_changes


def test_undecided_without_a_gpu_of_ones_own_never_counts_on_one() -> None:
    decision = plan(available_route="undecided", needs_service_api=True, session_hours="4")
    routes = [c.route for c in decision.route.considered]
    assert routes == [Route.local_cpu, Route.free_colab, Route.rented_gpu]
    assert decision.route.route is Route.rented_gpu


def test_undecided_prefers_fewer_changes_then_the_order_of_routes() -> None:
    changes: dict[str, Any] = {"privacy": "private_docs", "needs_service_api": True}
    assert plan(available_route="undecided", **changes).route.route is Route.local_cpu
    plain = plan(available_route="undecided", budget_level=BudgetLevel.zero)
    assert plain.route.route is Route.local_cpu


def test_defaults_are_resolved_and_their_origin_told() -> None:
    inputs = plan(available_route="rented_gpu", session_hours="30", hardware=L4).inputs
    assert str(inputs.card.hours_per_day) == "24"
    assert inputs.card.fallback_route is Route.local_gpu
    assert inputs.origins["fallback_route"] == "derived"
    assert inputs.origins["session_hours"] == "card"
    assert inputs.origins["context_tokens"] == "default"
    assert set(inputs.origins) == set(type(inputs.card).model_fields)
