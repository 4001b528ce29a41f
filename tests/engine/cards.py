"""Cards to decide on: a plain default, the scenarios of the lesson, and cards of any kind."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from engine.contract import (
    Attention,
    AvailableRoute,
    BudgetLevel,
    ConstraintCard,
    HardwareSpec,
    KvDtype,
    PriceSeen,
    Privacy,
    Tenancy,
)
from engine.load import EngineData, load_data

DATA: EngineData = load_data()
UNHURRIED = settings(deadline=None)
"""For cards of any kind: a busy machine is slow now and then."""

TODAY = date(2026, 11, 24)
L4 = HardwareSpec(gpu_id="l4")
REVISION = "0123456789abcdef0123456789abcdef01234567"


def card(**changes: Any) -> ConstraintCard:
    """Public, local CPU, nothing special: a card that is ok unless the changes say otherwise."""
    plain: dict[str, Any] = {
        "task": "course Q&A assistant",
        "privacy": Privacy.public,
        "available_route": AvailableRoute.local_cpu,
        "needs_service_api": False,
        "needs_fine_tuning": False,
        "budget_level": BudgetLevel.small,
        "as_of": TODAY,
    }
    return ConstraintCard.model_validate(plain | changes)


STOPS: dict[str, Any] = {"available_route": "rented_gpu", "session_hours": "2"}
GUARDED: dict[str, Any] = {
    "privacy": "private_docs",
    "access_rule": "the course team",
    "tenancy": "secure",
}

SCENARIOS: dict[str, ConstraintCard] = {
    "laptop_only": card(),
    "temporary_experiment": card(available_route="free_colab"),
    "stable_service": card(**STOPS, needs_service_api=True, max_hourly="1.00"),
    "private_documents": card(
        **GUARDED, available_route="local_gpu", hardware=L4, model_repo="Qwen/Qwen3-8B"
    ),
    "domain_behaviour": card(
        available_route="private_gpu",
        hardware=L4,
        needs_fine_tuning=True,
        eval_failures_recorded=True,
    ),
    "lesson_card": card(
        privacy="private_docs", available_route="rented_gpu", needs_service_api=True
    ),
    "private_on_colab": card(
        privacy="private_docs", available_route="free_colab", needs_service_api=True
    ),
    "undecided": card(
        available_route="undecided", needs_service_api=True, session_hours="4", hardware=L4
    ),
}


REPOS = (
    "Qwen/Qwen3-4B",
    "Qwen/Qwen2.5-3B-Instruct",  # qwen-research: not for commercial use
    "meta-llama/Llama-3.2-3B-Instruct",  # gated; the EU clause speaks of its larger sisters
    "Qwen/Qwen3-8B",
    "Qwen/Qwen2.5-72B-Instruct",  # qwen: 100 million users
    "Qwen/Qwen3-30B-A3B",  # a mixture of experts
    "meta-llama/Llama-3.1-405B-Instruct",  # larger than any machine
    "meta-llama/Llama-4-Scout-17B-16E-Instruct",  # llama4, context 10,485,760
    "openai/gpt-oss-20b",
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",  # mit over llama3.1
    "deepseek-ai/DeepSeek-R1",  # latent attention
    "mistralai/Mistral-Medium-3.5-128B",  # modified-mit: to be reviewed
    "google/gemma-3-27b-it",
    "someone/unheard-of",
)
"""A model of every kind of family, licence, attention and access, and one that nobody knows."""

MACHINES = (
    L4,
    HardwareSpec(ram_gib=Decimal(4)),
    HardwareSpec(ram_gib=Decimal(512)),
    HardwareSpec(gpu_id="t4"),
    HardwareSpec(gpu_id="v100-16gb"),
    HardwareSpec(gpu_id="rtx3060"),
    HardwareSpec(gpu_id="h100-80gb", gpu_count=2),
    HardwareSpec(gpu_id="h100-80gb", gpu_count=3),
    HardwareSpec(gpu_id="h100-80gb", gpu_count=8),
    HardwareSpec(gpu_id="mi300x-192gb"),
    HardwareSpec(gpu_id="made-up"),
)

OFFERS = (
    "runpod:rtx-a5000:any:community",
    "vast:l4:any:community",
    "aws:p5.48xlarge:us-east-1:on-demand",
    "nobody:gpu:any:any",
)

SHAPE = DATA.catalog.models.models["Qwen/Qwen3-8B"].architecture
UNKNOWN_SHAPE = SHAPE.model_copy(update={"attention": Attention.unknown})
VAST_SHAPE = SHAPE.model_copy(update={"params_total": 2 * 10**12, "layers": 10**4})


def any_card(**fixed: Any) -> st.SearchStrategy[ConstraintCard]:
    """Every combination of what rules look at, with `fixed` values where the caller says so."""
    chosen = _asked() | _model() | _machine() | _stopping() | _use()
    strategies = chosen | {name: st.just(value) for name, value in fixed.items()}
    return st.fixed_dictionaries(strategies).map(lambda values: card(**values))


Fields = dict[str, st.SearchStrategy[Any]]


def _asked() -> Fields:
    return {
        "privacy": st.sampled_from(Privacy),
        "available_route": st.sampled_from(AvailableRoute),
        "needs_service_api": st.booleans(),
        "needs_fine_tuning": st.booleans(),
        "budget_level": st.sampled_from(BudgetLevel),
        "eval_failures_recorded": st.booleans(),
        "public_endpoint": st.sampled_from([False, False, True]),
        "context_tokens": st.sampled_from(
            [8192, 8192, 1, 32_768, 40_961, 131_072, 200_000, 10**7, 16_777_216]
        ),
        "concurrency": st.sampled_from([1, 1, 8, 4096]),
        "kv_dtype": st.sampled_from(KvDtype),
    }


def _model() -> Fields:
    return {
        "model_repo": st.sampled_from([None] * len(REPOS) + [*REPOS]),
        "revision": st.sampled_from([None, REVISION]),
        "architecture": st.sampled_from([None, None, SHAPE, UNKNOWN_SHAPE, VAST_SHAPE]),
        "license_id": st.sampled_from([None, "MIT License", "llama2", "mrl", "other"]),
        "license_review": st.sampled_from([None, None, "read it: fine for this use"]),
    }


def _machine() -> Fields:
    return {
        "hardware": st.sampled_from([None] * len(MACHINES) + [*MACHINES]),
        "region": st.sampled_from([None, None, "us-east", "US", "mars"]),
        "providers_allowed": st.sampled_from(
            [(), (), ("runpod",), ("gcp", "vast"), ("hyperstack", "skypilot")]
        ),
        "regulated_providers": st.sampled_from([(), ("runpod",), ("aws", "nobody")]),
        "tenancy": st.sampled_from([None, *Tenancy]),
        "price_seen": st.sampled_from(
            [None, None, None] + [PriceSeen(offer_id=i, hourly=Decimal("0.20")) for i in OFFERS]
        ),
    }


def _stopping() -> Fields:
    return {
        "session_hours": st.sampled_from([None, Decimal(2), Decimal("0.1"), Decimal("744")]),
        "hours_per_day": st.sampled_from([None, None, Decimal("0.5"), Decimal(24)]),
        "days_per_month": st.sampled_from([12, 1, 31]),
        "always_on": st.booleans(),
        "review_date": st.sampled_from(
            [None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=7)]
        ),
        "max_hourly": st.sampled_from([None, None, Decimal("0.5"), Decimal(0)]),
        "max_monthly": st.sampled_from([None, None, Decimal(40), Decimal(0), Decimal(10**6)]),
    }


def _use() -> Fields:
    return {
        "access_rule": st.sampled_from([None, "the course team"]),
        "commercial_use": st.booleans(),
        "monthly_active_users": st.sampled_from([None, 0, 10**8, 10**8 + 1, 7 * 10**8 + 1]),
        "eu_entity": st.sampled_from([None, True, False]),
        "distributes_model": st.booleans(),
        "as_of": st.sampled_from([TODAY, TODAY, None, date(2026, 9, 7), date(2028, 1, 1)]),
    }
