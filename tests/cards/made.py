"""Experiments to show: decided by the real engine, in any state, in both languages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import settings

from bot.domain.evidence import Evidence, EvidenceState, reconciled
from bot.domain.plans import Experiment, State
from bot.services.reading import LessonRun, lesson_cards
from engine.contract import (
    Breakdown,
    ConstraintCard,
    CostEstimate,
    CostItem,
    DecisionCard,
    FitReport,
    FitVerdict,
    Lang,
    LicenseDecision,
    LicenseVerdict,
    ModelChoice,
    OfferChoice,
    Rejected,
    RejectionCode,
    RuntimeCommand,
)
from engine.lesson import lesson_json
from tests.forms.filling import COMMIT, DATA, NOW, TODAY, card, decided, experiment

UNHURRIED = settings(deadline=None)
"""For properties that ask the engine: a busy machine is slow, not wrong."""

ENGINE_LANG = {"en": Lang.en, "zh_CN": Lang.zh}
GIB = 2**30

PLAIN: dict[str, str] = {}
RENTED = {"privacy": "private_docs", "available_route": "rented_gpu", "needs_service_api": "yes"}
STOPPED = {"stop_after": "4", "access_rule": "course staff, by SSH key", "tenancy": "secure"}
ALWAYS = {**STOPPED, "stop_after": "always", "review_date": "2026-12-01", "max_monthly": "40"}
COLAB = {"available_route": "free_colab"}
REFUSED = {"available_route": "free_colab", "privacy": "private_docs", "needs_service_api": "yes"}
UNSURE = {"available_route": "undecided", "needs_service_api": "yes", "stop_after": "4"}


def decision(of: ConstraintCard, lang: str = "en") -> DecisionCard:
    """The engine's answer, with an id that does not move when the engine's data does."""
    return decided(of, ENGINE_LANG[lang]).model_copy(update={"plan_id": "0a1b2c3d4e5f" * 5})


def planned(
    fields: Mapping[str, str] = PLAIN, lang: str = "en", state: State | None = None
) -> Experiment:
    """OW-12 with the card of these form fields, decided; refused where the engine refuses."""
    of = card(**fields)
    found = decision(of, lang)
    implied = State.REFUSED if found.status == "refused" else State.PLANNED
    return replace(experiment(of, found), state=state or implied)


def undecided(of: ConstraintCard | None = None, problem: str | None = None) -> Experiment:
    """OW-12 before the engine answered, or after it found the card invalid."""
    x = experiment(of or card())
    latest = replace(x.latest, decision=None, problem=problem)
    return replace(x, latest=latest, current=None)


def again(
    x: Experiment, fields: Mapping[str, str] = PLAIN, problem: str | None = None
) -> Experiment:
    """The experiment with a new card that is not decided yet, or not accepted."""
    latest = replace(x.latest, number=4, card=card(**fields), decision=None, problem=problem)
    return replace(x, latest=latest)


def checklist(x: Experiment, given: int = 0) -> tuple[Evidence, ...]:
    """The evidence of an experiment, the first `given` items of it there."""
    assert x.decision is not None
    items = reconciled((), x.decision.evidence, NOW)
    states = (EvidenceState.GIVEN, EvidenceState.CLAIMED, EvidenceState.WAIVED)
    there = [replace(e, state=states[i % 3]) for i, e in enumerate(items[:given])]
    return (*there, *items[given:])


def priced(lang: str = "en") -> Experiment:
    """A rented experiment of which everything is known: model, offer, memory, commands, cost."""
    x = planned(RENTED | STOPPED, lang)
    assert x.decision is not None
    found = x.decision.model_copy(update=_RUN)
    revision = replace(x.latest, decision=found)
    return replace(x, latest=revision, current=revision)


def lesson_runs(lang: str = "en") -> list[LessonRun]:
    """The lesson's three runs."""
    cards = [c.model_copy(update={"as_of": TODAY}) for c in lesson_cards()]
    return [
        LessonRun(c, lesson_json(c.model_dump(mode="json"), DATA.lesson), decision(c, lang))
        for c in cards
    ]


_SERVE = ("vllm", "serve", "Qwen/Qwen3-8B", "--revision", COMMIT, "--host", "127.0.0.1")
_RUN: dict[str, Any] = {
    "model": ModelChoice(
        repo="Qwen/Qwen3-8B",
        revision=COMMIT,
        params_total=8_190_735_360,
        params_active=None,
        scheme="BF16",
        license_id="apache-2.0",
        gated=True,
        native_context=40_960,
    ),
    "offer": OfferChoice(
        offer_id="runpod-l4",
        provider="runpod",
        gpu_id="l4",
        gpu_count=1,
        vram_gb_per_gpu=Decimal(24),
        hourly=Decimal("0.4300"),
        region="eu-west",
        tier="secure",
        as_of=date(2026, 11, 20),
        source_url="https://example.com/pricing",
    ),
    "fit": FitReport(
        verdict=FitVerdict.tight,
        need_low=18 * GIB,
        need_expected=19 * GIB,
        need_high=21 * GIB,
        breakdown=Breakdown(weights=16 * GIB, kv=GIB, activation=GIB, runtime=GIB),
        kv_bytes_per_token=147_456,
        capacity=22 * GIB,
        capacity_note="L4, 90 % of 24 GB",
        max_context_tokens=20_000,
        max_concurrent=2,
        disk_bytes=17 * GIB,
        method="formula",
        calibrated=False,
        error_band_pct=Decimal(10),
        sources=("config.json",),
    ),
    "cost": CostEstimate(
        currency="USD",
        hourly=Decimal("0.4300"),
        session=Decimal("1.72"),
        monthly=Decimal("20.64"),
        always_on=Decimal("313.90"),
        items=(CostItem(id="gpu", label="1 x l4", amount=Decimal("0.43")),),
        assumptions=("4 h on 12 days a month",),
        as_of=date(2026, 11, 20),
        offer_id="runpod-l4",
    ),
    "runtime_commands": (
        RuntimeCommand(
            runtime="vLLM",
            argv=_SERVE,
            shell=" ".join(_SERVE),
            env={"HF_HOME": "/data/hugging face"},
            bind="127.0.0.1:8000",
            health_check="curl -f http://127.0.0.1:8000/health",
            first_request="curl http://127.0.0.1:8000/v1/models",
            version_command="vllm --version",
            prerequisites=("CUDA 12.8 or newer",),
        ),
    ),
    "license": LicenseVerdict(
        license_id="apache-2.0",
        verdict=LicenseDecision.allow_with_conditions,
        conditions=("Keep the notice.",),
        codes=(),
        source_url="https://www.apache.org/licenses/LICENSE-2.0",
    ),
    "rejected_offers": (
        Rejected(
            id="vast-3090",
            code=RejectionCode.privacy,
            reason="A community host may not hold private documents.",
            rule_id="privacy",
            numbers={},
        ),
    ),
}
