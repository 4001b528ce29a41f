"""Deciding known cards with and without an overlay, to see what it would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated

import yaml

from engine.contract import ConstraintCard, DecisionCard, Lang, Route, Status, Wire
from engine.datafile import DataFile, by_key
from engine.decide import decide
from engine.load import EngineData


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


@cache
def scenarios() -> Mapping[str, Scenario]:
    """The scenarios by id, in their order."""
    text = resources.files("engine").joinpath("data", "scenarios.yaml").read_bytes()
    return ScenariosFile.model_validate(yaml.safe_load(text)).scenarios
