"""Cards to decide on: a plain default, the scenarios of the lesson, and cards of any kind."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from engine.contract import (
    AvailableRoute,
    BudgetLevel,
    ConstraintCard,
    HardwareSpec,
    Privacy,
    Tenancy,
)
from engine.load import EngineData, load_data

DATA: EngineData = load_data()
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


def any_card(**fixed: Any) -> st.SearchStrategy[ConstraintCard]:
    """Every combination of what rules look at, with `fixed` values where the caller says so."""
    repos = ["Qwen/Qwen3-4B", "Qwen/Qwen3-8B", "openai/gpt-oss-20b", "someone/unheard-of"]
    fields: dict[str, st.SearchStrategy[Any]] = {
        "privacy": st.sampled_from(Privacy),
        "available_route": st.sampled_from(AvailableRoute),
        "needs_service_api": st.booleans(),
        "needs_fine_tuning": st.booleans(),
        "budget_level": st.sampled_from(BudgetLevel),
        "model_repo": st.sampled_from([None, None, *repos]),
        "revision": st.sampled_from([None, REVISION]),
        "hardware": st.sampled_from([None, L4, HardwareSpec(gpu_id="made-up")]),
        "session_hours": st.sampled_from([None, Decimal(2), Decimal("744")]),
        "always_on": st.booleans(),
        "review_date": st.sampled_from(
            [None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=7)]
        ),
        "max_hourly": st.sampled_from([None, Decimal("0.5")]),
        "max_monthly": st.sampled_from([None, Decimal(40)]),
        "providers_allowed": st.sampled_from([(), ("runpod",), ("gcp", "vast")]),
        "regulated_providers": st.sampled_from([(), ("runpod",), ("aws",)]),
        "eval_failures_recorded": st.booleans(),
        "access_rule": st.sampled_from([None, "the course team"]),
        "tenancy": st.sampled_from([None, *Tenancy]),
        "public_endpoint": st.booleans(),
    }
    strategies = fields | {name: st.just(value) for name, value in fixed.items()}
    return st.fixed_dictionaries(strategies).map(lambda values: card(**values))
