"""Every Fix: at most two inputs, prefilled with what would pass, and nothing else retyped."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from bot.cards import forms
from bot.cards.ids import PlanRef
from engine.contract import (
    Architecture,
    Conflict,
    ConflictCode,
    ConstraintCard,
    DecisionCard,
    ModelChoice,
    OfferChoice,
    Route,
    Severity,
)
from tests.forms.filling import (
    COMMIT,
    TODAY,
    block_ids,
    card,
    conflicts,
    decided,
    experiment,
    payload,
    sound,
)

RENTED = {"available_route": "rented_gpu", "needs_service_api": "yes"}

CONFIG = {
    "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
    "hidden_size": 4096, "intermediate_size": 12288, "vocab_size": 151936,
    "max_position_embeddings": 40960, "tie_word_embeddings": False,
}  # fmt: skip


def conflict(code: str, *fix: str) -> Conflict:
    """A conflict whose rule waits for data the engine does not hold yet."""
    return Conflict(
        code=ConflictCode(code),
        severity=Severity.change,
        rule_id="made.up",
        text="Something is in the way.",
        change="Change it.",
        fix=fix,
        alternatives=(),
    )


def fixing(of: ConstraintCard, what: str | Conflict, decision: DecisionCard | None = None) -> Any:
    """The Fix of a conflict, by its code where the real engine finds it."""
    found = what if isinstance(what, Conflict) else conflicts(decided(of))[what]
    x = experiment(of, decision)
    return sound(forms.fix_modal(x, found, "en", today=TODAY))


def fixed(of: ConstraintCard, view: Any, **typed: str | None) -> ConstraintCard:
    done = forms.parse_fix(payload(view, **typed), of, today=TODAY)
    assert isinstance(done, ConstraintCard), done
    return done


def said(of: ConstraintCard, view: Any, **typed: str | None) -> dict[str, str]:
    wrong = forms.parse_fix(payload(view, **typed), of, today=TODAY)
    assert isinstance(wrong, forms.FieldErrors), wrong
    return wrong.by_block("en")


def shown(view: Any) -> dict[str, object]:
    """What the inputs of a view hold at first."""
    found = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            first = element.get("initial_value") or element.get("initial_date")
            option = element.get("initial_option")
            found[block["block_id"]] = option["value"] if option else first
    return found


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
        now = fixed(now, fixing(now, open_now[0]))
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
    assert (after.hardware.gpu_id, after.hardware.gpu_count) == ("l4", 2)
    assert after.hardware.ram_gib == Decimal(64)
    assert "HARDWARE_REQUIRED" not in conflicts(decided(after))


def test_a_revision_is_pinned_by_a_commit_only() -> None:
    before = card(model="Qwen/Qwen3-4B")
    view = fixing(before, "REVISION_NOT_PINNED")
    assert said(before, view, revision="main")["revision"].startswith('"main" is not a fixed')
    assert said(before, view, revision=None) == {"revision": "Please fill this in."}
    after = fixed(before, view, revision=COMMIT)
    assert after == before.model_copy(update={"revision": COMMIT})


@pytest.mark.parametrize(
    ("values", "route"),
    [
        ({"model": "openai/gpt-oss-20b"}, "rented_gpu"),
        ({"model": "openai/gpt-oss-20b", "budget_level": "zero"}, "local_gpu"),
        ({"model": "openai/gpt-oss-20b", "privacy": "regulated"}, "local_gpu"),
        ({"model": "openai/gpt-oss-20b", "hardware": "2 x l4"}, "local_gpu"),
        ({"model": "Qwen/Qwen3-4B", "available_route": "rented_gpu"}, "local_cpu"),
    ],
)
def test_a_model_is_offered_a_route_where_it_runs(values: dict[str, str], route: str) -> None:
    before = card(**values)
    view = fixing(before, "NO_CANDIDATE")
    assert len(block_ids(view)) <= 2
    assert shown(view)["available_route"] == route
    after = fixed(before, view)
    assert "NO_CANDIDATE" not in conflicts(decided(after))


def test_ram_in_place_of_an_assumption() -> None:
    before = card(available_route="local_cpu")
    view = fixing(before, conflict("HARDWARE_ASSUMED", "hardware"))
    assert shown(view) == {"ram_gib": "16"}
    after = fixed(before, view, ram_gib="32")
    assert after.hardware is not None
    assert (after.hardware.gpu_id, after.hardware.ram_gib) == (None, Decimal(32))


def test_days_and_hours_for_a_budget_that_is_exceeded() -> None:
    before = card(**RENTED, stop_after="office", max_monthly="40")
    view = fixing(before, conflict("BUDGET_EXCEEDED", "session_hours", "days_per_month"))
    assert shown(view) == {"stop_after": "office", "days_per_month": "22"}
    after = fixed(before, view, stop_after="2", days_per_month="10")
    assert (after.session_hours, after.days_per_month) == (Decimal(2), 10)
    assert said(before, view, days_per_month="32").keys() == {"days_per_month"}


def test_context_that_fits_is_proposed() -> None:
    before = card(model="Qwen/Qwen3-4B", context_tokens="65536")
    known = ModelChoice(
        repo="Qwen/Qwen3-4B", revision=None, params_total=1, params_active=None, scheme="BF16",
        license_id="apache-2.0", gated=False, native_context=40960,
    )  # fmt: skip
    decision = decided(before).model_copy(update={"model": known})
    needs = conflict("CONTEXT_EXCEEDS_NATIVE", "model_repo", "context_tokens")
    view = fixing(before, needs, decision)
    assert shown(view) == {"model": "Qwen/Qwen3-4B", "context_tokens": "40960"}
    assert fixed(before, view).context_tokens == 40960


def test_a_licence_is_named_or_reviewed() -> None:
    before = card(model="a/b")
    view = fixing(before, conflict("LICENSE_UNKNOWN", "license_id", "license_review"))
    assert said(before, view) == {"license_id": "Fill in one of the two."}
    assert fixed(before, view, license_id="mit").license_id == "mit"
    reviewed = fixed(before, view, license_review="Ada: internal use allowed")
    assert (reviewed.license_id, reviewed.license_review) == (None, "Ada: internal use allowed")


def test_the_price_seen_today_belongs_to_the_offer_that_was_shown() -> None:
    before = card(**RENTED, stop_after="2")
    offer = OfferChoice(
        offer_id="runpod:l4:eu:secure", provider="runpod", gpu_id="l4", gpu_count=1,
        vram_gb_per_gpu=24, hourly=Decimal("1.10"), region="eu", tier="secure", as_of=TODAY,
        source_url="https://example.com",
    )  # fmt: skip
    decision = decided(before).model_copy(update={"offer": offer})
    view = fixing(before, conflict("PRICE_EXPIRED", "price_seen", "model_repo"), decision)
    after = fixed(before, view, price_seen="1.20")
    assert after.price_seen is not None
    assert (after.price_seen.offer_id, after.price_seen.hourly) == (
        "runpod:l4:eu:secure", Decimal("1.20"),
    )  # fmt: skip
    assert said(before, view, price_seen="1,20")["price_seen"].startswith("Type 1.20,")


def test_facts_about_a_model_do_not_follow_to_another() -> None:
    before = card(model="a/b", license_id="mit")
    view = fixing(before, conflict("DOES_NOT_FIT", "model_repo", "context_tokens"))
    after = fixed(before, view, model="c/d")
    assert (after.model_repo, after.license_id) == ("c/d", None)
    assert fixed(before, view).license_id == "mit"
    assert fixed(before, view, model=None).model_repo is None


ARCHITECTURE = conflict("ARCH_UNSUPPORTED", "architecture", "model_repo")


def test_a_config_describes_a_model_outside_the_catalogue() -> None:
    before = card(model="a/b")
    view = fixing(before, ARCHITECTURE)
    assert block_ids(view) == ["config_json", "params_billion"]
    after = fixed(before, view, config_json=json.dumps(CONFIG, indent=2), params_billion="8.19")
    assert after.architecture == Architecture(
        attention="gqa", layers=36, kv_heads=8, head_dim=128, d_model=4096, intermediate=12288,
        vocab=151936, tied=False, native_context=40960, params_total=8_190_000_000,
    )  # fmt: skip
    assert block_ids(fixing(after, ARCHITECTURE)) == ["model"]


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
    before = card(model="a/b")
    config = json.dumps({**CONFIG, **extra})
    after = fixed(before, fixing(before, ARCHITECTURE), config_json=config, params_billion="8")
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
    before = card(model="a/b")
    view = fixing(before, ARCHITECTURE)
    assert says in said(before, view, config_json=config, params_billion="8")["config_json"]


@pytest.mark.parametrize("text", ["8B", "NaN", "0", "-3", "1e9", "８"])
def test_parameters_are_a_number_of_billions(text: str) -> None:
    before = card(model="a/b")
    view = fixing(before, ARCHITECTURE)
    wrong = said(before, view, config_json=json.dumps(CONFIG), params_billion=text)
    assert wrong.keys() == {"params_billion"}


def test_a_fix_carries_what_it_was_opened_for() -> None:
    view = fixing(card(**RENTED), "NO_STOP_PLAN")
    assert PlanRef.read(view["private_metadata"]) == PlanRef(e=7, r=3, code="NO_STOP_PLAN")
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
    own = forms.apply_alternative(rented, Route.local_cpu)
    assert (own.always_on, own.review_date, own.days_per_month) == (False, None, 12)
    assert own.tenancy is None
    assert own.hardware is not None
    assert (own.hardware.gpu_id, own.hardware.ram_gib) == (None, Decimal(64))
    assert forms.apply_alternative(rented, Route.free_colab).hardware is None
    assert forms.apply_alternative(rented, Route.private_gpu).hardware == rented.hardware


def test_a_stop_time_does_not_take_back_the_days_somebody_gave() -> None:
    of = card(**RENTED, days_per_month="20")
    view = fixing(of, "NO_STOP_PLAN")
    assert fixed(of, view).days_per_month == 20
