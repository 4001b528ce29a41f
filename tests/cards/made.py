"""Experiments to show: decided by the real engine, in any state, in both languages."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import settings

from bot.domain.evidence import Evidence, EvidenceState
from bot.domain.plans import Conclusion, Experiment, State
from bot.domain.replanning import reconciled
from bot.services.reading import LessonRun, lesson_cards
from engine.contract import ConstraintCard, DataVersion, DecisionCard, Lang
from engine.lesson import lesson_json
from tests.forms.filling import DATA, NOW, TODAY, card, decided, experiment

UNHURRIED = settings(deadline=None)
"""For properties that ask the engine: a busy machine is slow, not wrong."""

ENGINE_LANG = {"en": Lang.en, "zh_CN": Lang.zh}

PLAIN: dict[str, str] = {}
RENTED = {"privacy": "private_docs", "available_route": "rented_gpu", "needs_service_api": "yes"}
STOPPED = {"stop_after": "4", "access_rule": "course staff, by SSH key", "tenancy": "secure"}
ALWAYS = {
    **STOPPED, "stop_after": "always", "review_date": "2026-12-01",
    "budget_level": "medium", "max_monthly": "400",
}  # fmt: skip
COLAB = {"available_route": "free_colab"}
REFUSED = {"available_route": "free_colab", "privacy": "private_docs", "needs_service_api": "yes"}
LLAMA = {
    "available_route": "rented_gpu",
    "stop_after": "4",
    "model": "meta-llama/Llama-3.3-70B-Instruct",
}
"""More than a small budget pays for."""
RESEARCH_ONLY = {"model": "Qwen/Qwen2.5-3B-Instruct"}
TOO_BIG = {"available_route": "local_gpu", "hardware": "2 x rtx4090", "model": LLAMA["model"]}
LARGEST = {
    **ALWAYS,
    "privacy": "private_docs",
    "available_route": "rented_gpu",
    "needs_fine_tuning": "yes",
    "budget_level": "medium",
    "max_monthly": "300",
    "providers_allowed": "aws",
    "region": "us-east",
}
"""The longest commands: Transformers with its script, AWS with its keys; always on, private."""
UNSURE = {"available_route": "undecided", "needs_service_api": "yes", "stop_after": "4"}


def decision(of: ConstraintCard, lang: str = "en") -> DecisionCard:
    """The engine's answer to a card with the machine's name, as the bot asks.

    Its id does not move when the engine's data do.
    """
    named = of.model_copy(update={"machine_name": "ow-12-ada"})
    return decided(named, ENGINE_LANG[lang]).model_copy(update={"plan_id": "0a1b2c3d4e5f" * 5})


def planned(
    fields: Mapping[str, str] = PLAIN, lang: str = "en", state: State | None = None
) -> Experiment:
    """OW-12 with the card of these form fields, decided; refused where the engine refuses."""
    of = card(**fields)
    found = decision(of, lang)
    implied = State.REFUSED if found.status == "refused" else State.PLANNED
    return replace(experiment(of, found), state=state or implied)


def concluded(x: Experiment, conclusion: Conclusion) -> Experiment:
    """The experiment, decided by its owner."""
    return x.concluded(conclusion, by=x.owner, at=NOW)


def described() -> ConstraintCard:
    """A card with the shape of a model that the catalogue does not have."""
    of = card(available_route="local_gpu", hardware="l4", model="acme-labs/quiet-owl-7b")
    shape = DATA.catalog.models.models["Qwen/Qwen3-8B"].architecture
    return of.model_copy(update={"architecture": shape})


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
    return planned(RENTED | STOPPED | {"model": "Qwen/Qwen3-8B"}, lang)


def overlaid(x: Experiment) -> Experiment:
    """The experiment, decided with a team's own data."""
    assert x.decision is not None
    own = DataVersion(version="models/ours.yaml, offers/prices.csv", sha256="0" * 64)
    inputs = x.decision.inputs.model_copy(update={"overlay": own})
    revision = replace(x.latest, decision=x.decision.model_copy(update={"inputs": inputs}))
    return replace(x, latest=revision, current=revision)


def lesson_runs(lang: str = "en") -> list[LessonRun]:
    """The lesson's three runs."""
    cards = [c.model_copy(update={"as_of": TODAY}) for c in lesson_cards()]
    return [
        LessonRun(c, lesson_json(c.model_dump(mode="json"), DATA.lesson), decision(c, lang))
        for c in cards
    ]
