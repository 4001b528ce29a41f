"""Every Fix: at most two inputs, prefilled with what would pass, and nothing else retyped."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.cards import forms, plan
from bot.cards.ids import PlanRef
from bot.domain.ids import UserId
from engine.contract import (
    Architecture,
    ConstraintCard,
    PriceSeen,
    Route,
    Severity,
)
from tests.forms.filling import (
    COMMIT,
    CONFIG,
    NOW,
    TODAY,
    block_ids,
    card,
    conflicts,
    decided,
    experiment,
    payload,
    shown,
    sound,
    text_of,
)

RENTED = {"available_route": "rented_gpu", "needs_service_api": "yes"}
OWN = {"available_route": "local_gpu"}
ON_L4 = {**OWN, "hardware": "l4"}
LONG_AFTER = date(2028, 1, 1)
"""When every price of the data has expired."""


def fixing(of: ConstraintCard, code: str, today: date = TODAY) -> Any:
    """The Fix of a conflict that the real engine finds."""
    decision = decided(of, today=today)
    x = experiment(of, decision)
    return sound(forms.fix_modal(x, conflicts(decision)[code], "en", today=today))


def fixed(of: ConstraintCard, view: Any, **typed: str | None) -> ConstraintCard:
    done = forms.parse_fix(payload(view, **typed), of, today=TODAY)
    assert isinstance(done, ConstraintCard), done
    return done


def said(of: ConstraintCard, view: Any, **typed: str | None) -> dict[str, str]:
    wrong = forms.parse_fix(payload(view, **typed), of, today=TODAY)
    assert isinstance(wrong, forms.FieldErrors), wrong
    return wrong.by_block("en")


@pytest.mark.parametrize(
    ("code", "values", "inputs"),
    [
        ("NO_STOP_PLAN", RENTED, {"stop_after": "4"}),
        (
            "NO_STOP_PLAN",
            {**RENTED, "budget_level": "large"},
            {"stop_after": "4", "max_monthly": "1000"},
        ),
        (
            "NO_STOP_PLAN",
            {**RENTED, "budget_level": "large", "stop_after": "always"},
            {"max_monthly": "1000"},
        ),
        (
            "PRIVATE_ON_RENTED_NEEDS_CONTROLS",
            {**RENTED, "privacy": "private_docs", "stop_after": "2"},
            {"access_rule": "only the owner of this experiment", "tenancy": "secure"},
        ),
        (
            "PRIVATE_ON_RENTED_NEEDS_CONTROLS",
            {**RENTED, "privacy": "private_docs", "stop_after": "2", "tenancy": "community",
             "access_rule": "course staff"},
            {"tenancy": "secure"},
        ),
        (
            "ROUTE_CANNOT_PROVE_SERVICE",
            {"needs_service_api": "yes"},
            {"available_route": "local_cpu", "needs_service_api": "no"},
        ),
        (
            "TUNE_NEEDS_GPU",
            {"needs_fine_tuning": "yes"},
            {"available_route": "local_cpu", "needs_fine_tuning": "no"},
        ),
    ],
)  # fmt: skip
def test_a_fix_submitted_as_it_opens_ends_its_conflict(
    code: str, values: dict[str, str], inputs: dict[str, str]
) -> None:
    before = card(**values)
    view = fixing(before, code)
    assert shown(view) == inputs
    after = fixed(before, view)
    assert code not in conflicts(decided(after))
    assert after.model_copy(update=_only(before, after)) == before


def _only(before: ConstraintCard, after: ConstraintCard) -> dict[str, Any]:
    """The fields that a fix changed, as they were: at most those of its inputs."""
    names = {n for n in ConstraintCard.model_fields if getattr(before, n) != getattr(after, n)}
    assert len(names) <= 2
    return {n: getattr(before, n) for n in names}


def test_private_documents_come_to_go_on_a_rented_gpu_by_fix_alone() -> None:
    now = card(**RENTED, privacy="private_docs")
    for _ in range(4):
        open_now = decided(now).conflicts
        if not open_now:
            break
        now = fixed(now, fixing(now, open_now[0].code.value))
    assert decided(now).status == "ok"
    assert now.task == "course Q&A assistant"


def test_a_community_host_is_not_offered_for_private_documents() -> None:
    view = fixing(card(**RENTED, privacy="private_docs"), "PRIVATE_ON_RENTED_NEEDS_CONTROLS")
    options = view["blocks"][2]["element"]["options"]
    assert [o["value"] for o in options] == ["secure", "dedicated"]


def test_missing_hardware_must_be_named_and_a_model_may_be() -> None:
    before = card(available_route="local_gpu", ram_gib="64")
    view = fixing(before, "HARDWARE_REQUIRED")
    assert block_ids(view) == ["hardware", "model"]
    assert said(before, view, model="a/b").keys() == {"hardware"}
    after = fixed(before, view, hardware="2 x L4")
    assert after.hardware is not None
    assert (after.hardware.gpu_id, after.hardware.gpu_count) == ("L4", 2)
    assert after.hardware.ram_gib == Decimal(64)
    assert "HARDWARE_REQUIRED" not in conflicts(decided(after))


def test_a_revision_is_pinned_by_a_commit_only() -> None:
    before = card(**ON_L4, model="ibm-granite/granite-3.3-8b-instruct")
    view = fixing(before, "REVISION_NOT_PINNED")
    assert said(before, view, revision="main")["revision"].startswith('"main" is not a fixed')
    assert said(before, view, revision=None) == {"revision": "Please fill this in."}
    after = fixed(before, view, revision=COMMIT)
    assert after == before.model_copy(update={"revision": COMMIT})


@pytest.mark.parametrize(
    ("values", "model"),
    [
        ({"model": "openai/gpt-oss-20b"}, "Qwen/Qwen3-4B"),
        ({"model": "openai/gpt-oss-20b", "privacy": "regulated"}, "Qwen/Qwen3-4B"),
        (
            {"model": "Qwen/Qwen3-4B", "available_route": "rented_gpu"},
            "Qwen/Qwen2.5-14B-Instruct",
        ),
    ],
)
def test_a_route_is_offered_a_model_that_it_runs(values: dict[str, str], model: str) -> None:
    before = card(**values)
    view = fixing(before, "NO_CANDIDATE")
    assert shown(view) == {"model": model, "available_route": before.available_route.value}
    after = fixed(before, view)
    assert "NO_CANDIDATE" not in conflicts(decided(after))


def test_ram_in_place_of_an_assumption() -> None:
    before = card(available_route="local_cpu")
    view = fixing(before, "HARDWARE_ASSUMED")
    assert shown(view) == {"ram_gib": "16"}
    after = fixed(before, view, ram_gib="32")
    assert after.hardware is not None
    assert (after.hardware.gpu_id, after.hardware.ram_gib) == (None, Decimal(32))


@pytest.mark.parametrize(
    ("stop", "cap", "proposed"),
    [
        ("office", "20", {"stop_after": "8", "days_per_month": "11"}),
        ("8", "10", {"stop_after": "8", "days_per_month": "3"}),
        ("always", "50", {"stop_after": "8", "days_per_month": "31"}),
        ("8", "6.3", {"stop_after": "4", "days_per_month": "1"}),
    ],
)
def test_days_and_hours_for_a_budget_that_is_exceeded(
    stop: str, cap: str, proposed: dict[str, str]
) -> None:
    before = card(**RENTED, stop_after=stop, max_monthly=cap)
    view = fixing(before, "BUDGET_EXCEEDED")
    assert shown(view) == proposed
    after = fixed(before, view)
    assert decided(after).status == "ok"
    assert (str(after.session_hours), str(after.days_per_month)) == tuple(proposed.values())
    less = fixed(before, view, stop_after="2", days_per_month="1")
    assert (less.session_hours, less.days_per_month) == (Decimal(2), 1)
    assert said(before, view, days_per_month="32").keys() == {"days_per_month"}


def test_a_context_is_proposed_that_the_model_and_the_memory_hold() -> None:
    beyond = card(**OWN, hardware="h100-80gb", model="Qwen/Qwen3-4B", context_tokens="200000")
    view = fixing(beyond, "CONTEXT_EXCEEDS_NATIVE")
    assert shown(view) == {"context_tokens": "40960", "model": "Qwen/Qwen3-4B"}
    after = fixed(beyond, view)
    assert (after.context_tokens, after.model_repo) == (40_960, "Qwen/Qwen3-4B")
    assert decided(after).status == "ok"


def test_a_model_that_fits_is_proposed() -> None:
    before = card(**ON_L4, model="meta-llama/Llama-3.3-70B-Instruct")
    view = fixing(before, "DOES_NOT_FIT")
    assert shown(view) == {"model": "Qwen/Qwen2.5-14B-Instruct", "context_tokens": "8192"}
    after = decided(fixed(before, view))
    assert (after.status, after.model and after.model.repo) == ("ok", "Qwen/Qwen2.5-14B-Instruct")


def test_a_licence_is_named_or_reviewed() -> None:
    before = card(**ON_L4, model="a/b")
    view = fixing(before, "LICENSE_UNKNOWN")
    assert said(before, view) == {"license_id": "Fill in one of the two."}
    assert fixed(before, view, license_id="mit").license_id == "mit"
    reviewed = fixed(before, view, license_review="Ada: internal use allowed")
    assert (reviewed.license_id, reviewed.license_review) == (None, "Ada: internal use allowed")


def test_the_price_seen_today_belongs_to_the_offer_that_was_shown() -> None:
    before = card(**RENTED, stop_after="2")
    offer = decided(before, today=LONG_AFTER).offer
    assert offer is not None
    view = fixing(before, "PRICE_EXPIRED", LONG_AFTER)
    after = fixed(before, view, price_seen="0.20")
    assert after.price_seen == PriceSeen(offer_id=offer.offer_id, hourly=Decimal("0.20"))
    assert said(before, view, price_seen="1,20")["price_seen"].startswith("Type 1.20,")


def test_facts_about_a_model_do_not_follow_to_another() -> None:
    large = {"num_hidden_layers": 80, "hidden_size": 8192, "intermediate_size": 28672}
    shape = {"config_json": json.dumps(CONFIG | large), "params_billion": "72"}
    unknown = card(**ON_L4, model="a/b", license_id="mit")
    before = fixed(unknown, fixing(unknown, "ARCH_UNSUPPORTED"), **shape)
    view = fixing(before, "DOES_NOT_FIT")
    after = fixed(before, view, model="c/d")
    assert (after.model_repo, after.license_id, after.architecture) == ("c/d", None, None)
    kept = fixed(before, view, model="a/b")
    assert (kept.license_id, kept.architecture) == ("mit", before.architecture)
    assert fixed(before, view, model=None).model_repo is None


STRANGER = card(**ON_L4, model="a/b")


def test_a_config_describes_a_model_outside_the_catalogue() -> None:
    view = fixing(STRANGER, "ARCH_UNSUPPORTED")
    assert block_ids(view) == ["model", "config_json", "params_billion"]
    assert not any(b["optional"] is False for b in view["blocks"] if b["type"] == "input")
    after = fixed(STRANGER, view, config_json=json.dumps(CONFIG, indent=2), params_billion="8.19")
    assert after.architecture == Architecture(
        attention="gqa", layers=36, kv_heads=8, head_dim=128, d_model=4096, intermediate=12288,
        vocab=151936, tied=False, native_context=40960, params_total=8_190_000_000,
    )  # fmt: skip
    assert "ARCH_UNSUPPORTED" not in conflicts(decided(after))


def test_a_model_outside_the_catalogue_may_be_replaced() -> None:
    view = fixing(STRANGER, "ARCH_UNSUPPORTED")
    assert shown(view) == {"model": "a/b", "config_json": None, "params_billion": None}
    after = fixed(STRANGER, view, model="Qwen/Qwen2.5-14B-Instruct")
    assert (after.model_repo, after.architecture) == ("Qwen/Qwen2.5-14B-Instruct", None)
    assert decided(after).status == "ok"
    assert fixed(STRANGER, view, model=None).model_repo is None


def test_a_shape_may_come_with_another_name() -> None:
    view = fixing(STRANGER, "ARCH_UNSUPPORTED")
    shape = {"config_json": json.dumps(CONFIG), "params_billion": "8.19"}
    after = fixed(STRANGER, view, model="c/d", **shape)
    assert (after.model_repo, after.architecture is None) == ("c/d", False)


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({}, "model", "Name another model, or paste this one's config.json"),
        ({"model": f"a/b@{COMMIT}"}, "model", "Name another model"),
        ({"config_json": json.dumps(CONFIG)}, "params_billion", "Please fill this in."),
        ({"params_billion": "8"}, "config_json", "Please fill this in."),
        ({"model": "c/d", "params_billion": "8"}, "config_json", "Please fill this in."),
    ],
)
def test_a_model_left_as_unknown_as_it_was_is_answered_beside_its_field(
    typed: dict[str, str], field: str, says: str
) -> None:
    answer = said(STRANGER, fixing(STRANGER, "ARCH_UNSUPPORTED"), **typed)
    assert answer.keys() == {field}
    assert answer[field].startswith(says)


def test_a_config_that_does_not_help_is_not_asked_for_again() -> None:
    linear = json.dumps({**CONFIG, "layer_types": ["linear_attention", "full_attention"]})
    view = fixing(STRANGER, "ARCH_UNSUPPORTED")
    after = fixed(STRANGER, view, config_json=linear, params_billion="8.19")
    again = fixing(after, "ARCH_UNSUPPORTED")
    assert shown(again) == {"model": "Qwen/Qwen2.5-14B-Instruct"}
    assert decided(fixed(after, again)).status == "ok"


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"kv_lora_rank": 512, "qk_rope_head_dim": 64}, {"attention": "mla"}),
        ({"num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768},
         {"moe": {"experts": 128, "active": 8, "expert_intermediate": 768}}),
        ({"sliding_window": 128, "layer_types": ["sliding_attention", "full_attention"] * 18},
         {"sliding": {"window": 128, "layers": 18}}),
        ({"layer_types": ["linear_attention", "full_attention"]}, {"attention": "unknown"}),
        ({"head_dim": None}, {"head_dim": 128}),
    ],
)  # fmt: skip
def test_shapes_of_many_kinds(extra: dict[str, Any], expected: dict[str, Any]) -> None:
    view = fixing(STRANGER, "ARCH_UNSUPPORTED")
    config, count = json.dumps({**CONFIG, **extra}), "30" if "num_experts" in extra else "8"
    after = fixed(STRANGER, view, config_json=config, params_billion=count)
    assert after.architecture is not None
    assert expected.items() <= after.architecture.model_dump(mode="json").items()


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("not json", "This is not a config.json"),
        ("[1, 2]", "This is not a config.json"),
        ("[" * 3000, "This is not a config.json"),
        ('{"hidden_size": 1e309}', "no number under num_hidden_layers"),
        (json.dumps({**CONFIG, "vocab_size": -5}), "no number under vocab_size"),
        (json.dumps({**CONFIG, "hidden_size": 1, "head_dim": None}), "make no model"),
    ],
)
def test_a_config_that_is_none_says_so(config: str, says: str) -> None:
    view = fixing(STRANGER, "ARCH_UNSUPPORTED")
    assert says in said(STRANGER, view, config_json=config, params_billion="8")["config_json"]


@pytest.mark.parametrize("text", ["8B", "NaN", "0", "-3", "1e9", "８"])
def test_parameters_are_a_number_of_billions(text: str) -> None:
    view = fixing(STRANGER, "ARCH_UNSUPPORTED")
    wrong = said(STRANGER, view, config_json=json.dumps(CONFIG), params_billion=text)
    assert wrong.keys() == {"params_billion"}


@pytest.mark.parametrize("text", ["8190", "0.0082", "24.6"])
def test_a_count_the_config_cannot_make_is_answered_beside_its_field(text: str) -> None:
    view = fixing(STRANGER, "ARCH_UNSUPPORTED")
    wrong = said(STRANGER, view, config_json=json.dumps(CONFIG), params_billion=text)
    assert wrong.keys() == {"params_billion"}
    assert "This config.json makes about 8.19 billion parameters" in wrong["params_billion"]


def test_a_shape_the_engine_did_not_accept_is_asked_for_again() -> None:
    view = fixing(STRANGER, "ARCH_UNSUPPORTED")
    first = {"config_json": json.dumps(CONFIG), "params_billion": "8.19"}
    of = fixed(STRANGER, view, **first)
    x = experiment(STRANGER).replanned(of, by=UserId("U1"), at=NOW)
    x = x.undecidable("These shapes make another number.", at=NOW)
    conflict = plan.fixable(x, "ARCH_UNSUPPORTED", "en")
    assert conflict is not None
    again = sound(forms.fix_modal(x, conflict, "en", today=TODAY))
    assert shown(again) == {"model": "a/b", "config_json": None, "params_billion": None}
    assert "These shapes make another number." in text_of(again, "conflict")
    assert said(of, again).keys() == {"model"}
    assert fixed(of, again, **first | {"params_billion": "8"}).architecture != of.architecture
    assert fixed(of, again, model="c/d").architecture is None


def test_a_fix_carries_what_it_was_opened_for() -> None:
    view = fixing(card(**RENTED), "NO_STOP_PLAN")
    offer = decided(card(**RENTED)).offer
    assert offer is not None
    assert PlanRef.read(view["private_metadata"]) == PlanRef(
        e=7, r=3, code="NO_STOP_PLAN", choice=offer.offer_id
    )
    assert view["callback_id"] == "plan_fix"
    assert view["title"]["text"] == "Fix OW-12"


@pytest.mark.parametrize("view", [{}, {"state": {"values": {"nonsense": {"v": {"value": "x"}}}}}])
def test_an_odd_payload_changes_nothing(view: dict[str, Any]) -> None:
    assert forms.parse_fix(view, card(), today=TODAY) == card()


def _refusals() -> Sequence[ConstraintCard]:
    return [
        card(privacy="private_docs", available_route="free_colab"),
        card(available_route="free_colab", needs_service_api="yes"),
        card(available_route="rented_gpu", budget_level="zero"),
        card(privacy="regulated", available_route="rented_gpu"),
    ]


@pytest.mark.parametrize("refused", _refusals(), ids=lambda c: c.available_route)
def test_an_alternative_is_never_refused_for_the_same_reason(refused: ConstraintCard) -> None:
    found = decided(refused).conflicts[0]
    assert found.severity is Severity.refuse
    assert forms.fix_inputs(found, refused) == ()
    assert found.alternatives
    for route in found.alternatives:
        other = forms.apply_alternative(refused, route)
        assert other.available_route.value == route.value
        assert found.code.value not in conflicts(decided(other))
        assert other.task == refused.task


def test_leaving_a_rental_leaves_its_stop_plan() -> None:
    rented = card(**RENTED, stop_after="always", tenancy="secure", hardware="2 x l4", ram_gib="64")
    assert forms.apply_alternative(rented, Route.free_colab).hardware is None
    for route in (Route.local_cpu, Route.private_gpu):
        own = forms.apply_alternative(rented, route)
        assert (own.always_on, own.review_date, own.days_per_month) == (False, None, 12)
        assert own.tenancy is None
        assert own.hardware is not None
        assert (own.hardware.gpu_id, own.hardware.ram_gib) == (None, Decimal(64)), "not their GPU"


def test_a_service_that_no_model_can_give_is_proposed_to_be_left_out() -> None:
    of = card(available_route="private_gpu", hardware="V100 32 GB", needs_service_api="yes")
    view = fixing(of, "NO_CANDIDATE")
    assert shown(view)["needs_service_api"] == "no"
    assert "NO_CANDIDATE" not in conflicts(decided(fixed(of, view)))


def test_a_stop_time_does_not_take_back_the_days_somebody_gave() -> None:
    of = card(**RENTED, days_per_month="20")
    view = fixing(of, "NO_STOP_PLAN")
    assert fixed(of, view).days_per_month == 20
