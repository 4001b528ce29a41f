"""Deciding known cards with an overlay: whether all can be, and what it would change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated

import yaml

from engine.contract import ConstraintCard, DecisionCard, Lang, Route, Status, Wire
from engine.datafile import DataFile, by_key
from engine.decide import compare, decide
from engine.load import EngineData

_COMPARED = frozenset({"undecided", "private_documents"})
"""Scenarios that are tried on every route besides."""

_RENTED = "large_budget"
_REFUSED = "private_on_colab"
_ASKING = {"needs_service_api": True, "needs_fine_tuning": True, "model_repo": "ours/unheard-of"}
"""Laid on a card that is refused for what it says, so that more speaks at once."""


class Scenario(Wire):
    """A card that means something to people."""

    id: str
    name: dict[Lang, str]
    card: ConstraintCard


class ScenariosFile(DataFile):
    """scenarios.yaml."""

    scenarios: Annotated[dict[str, Scenario], by_key("id")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a team notices first of a decision."""

    status: Status
    route: Route
    model: str | None
    scheme: str | None
    offer: str | None


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A scenario decided twice."""

    scenario: Scenario
    before: Outcome
    after: Outcome

    @property
    def changed(self) -> bool:
        """Whether the overlay makes a difference to it."""
        return self.before != self.after


def rehearse(before: EngineData, after: EngineData, today: date) -> tuple[Rehearsed, ...]:
    """Every scenario, on this day, with two sets of data."""
    return tuple(
        Rehearsed(
            scenario,
            outcome(decide(scenario.card, before, today=today)),
            outcome(decide(scenario.card, after, today=today)),
        )
        for scenario in scenarios().values()
    )


def outcome(decision: DecisionCard) -> Outcome:
    """The few values of a decision that are compared."""
    model, offer = decision.model, decision.offer
    return Outcome(
        status=decision.status,
        route=decision.route.route,
        model=model.repo if model else None,
        scheme=model.scheme if model else None,
        offer=offer.offer_id if offer else None,
    )


def stumble(data: EngineData) -> tuple[str, str] | None:
    """The first known card on which deciding breaks off, and why; None if all have an answer."""
    for name, card in _cards(data):
        try:
            for lang in Lang:
                decide(card, data, lang, today=data.catalog.priced_on)
            if name in _COMPARED:
                compare(card, data, today=data.catalog.priced_on)
        except Exception as error:  # noqa: BLE001  # whatever it is, a team's data brought it about
            return name, f"{type(error).__name__}: {error}"
    return None


def _cards(data: EngineData) -> Iterator[tuple[str, ConstraintCard]]:
    """Every scenario, one that is refused before a choice, and every model on a rented machine."""
    cards = {name: scenario.card for name, scenario in scenarios().items()}
    yield from cards.items()
    yield "refused early", cards[_REFUSED].model_copy(update=_ASKING)
    for repo in data.catalog.models.models:
        yield repo, cards[_RENTED].model_copy(update={"model_repo": repo})


@cache
def scenarios() -> Mapping[str, Scenario]:
    """The scenarios by id, in their order."""
    text = resources.files("engine").joinpath("data", "scenarios.yaml").read_bytes()
    return ScenariosFile.model_validate(yaml.safe_load(text)).scenarios
