"""A choice as a decision card shows it: all that depends on nothing but what was chosen from.

Asking again with another task, name or stop is common: people type, press Fix, compare routes. So
what was chosen is kept by the fields that choosing reads, and each part of it is told once.
"""

from collections.abc import Hashable
from functools import cached_property
from typing import NamedTuple

from engine.candidate import Candidate, Standing
from engine.card_facts import facts_of_choice, facts_of_licence
from engine.choice import Choice, choose
from engine.commands import runtime_commands
from engine.conditions import Facts
from engine.contract import (
    ConstraintCard,
    CostEstimate,
    FamilyChoice,
    FitReport,
    ModelChoice,
    OfferChoice,
    OfferItem,
    Rejected,
    Route,
    RuntimeCommand,
    ShutdownCommand,
)
from engine.cost import estimate
from engine.families import rejected_families
from engine.rejected_offers import rejected_offers
from engine.report import fit_report
from engine.rules import PlanRule, Ruleset
from engine.runtimes import Provider
from engine.shelf import Shelf
from engine.shutdown import shutdown_commands

NOT_READ = frozenset(
    {
        "task",
        "access_rule",
        "machine_name",
        "review_date",
        "fallback_route",
        "distributes_model",
        "public_endpoint",
    }
)
"""Fields of the card that nobody looks at while choosing."""


class Commands(NamedTuple):
    """How a choice is started, and how it is switched off."""

    start: tuple[RuntimeCommand, ...]
    stop: tuple[ShutdownCommand, ...]


class Chosen:
    """What was chosen on a route, and the parts of a decision card it fills."""

    def __init__(
        self, card: ConstraintCard, route: Route, choice: Choice, rules: Ruleset, shelf: Shelf
    ) -> None:
        self.choice = choice
        self._card = card
        self._route = route
        self._rules = rules
        self._shelf = shelf
        self._named: str | None = None
        self._commands: Commands | None = None

    def commands(self, machine_name: str | None) -> Commands:
        """How it is started and stopped on a machine of this name."""
        if self._named != machine_name or self._commands is None:
            self._named, self._commands = machine_name, self._commanded(machine_name)
        return self._commands

    def _commanded(self, machine_name: str | None) -> Commands:
        card = self._card.model_copy(update={"machine_name": machine_name})
        runtimes = self._rules.runtimes
        run = self.planned.run if self.planned else None
        return Commands(
            start=runtime_commands(card, self._route, run, runtimes),
            stop=shutdown_commands(card, self._route, run, self.choice.search.runtime, runtimes),
        )

    @cached_property
    def facts(self) -> Facts:
        """What rules look at."""
        licence = facts_of_licence(self.choice.reading)
        return {**facts_of_choice(self._card, self.choice, self._shelf), **licence}

    @cached_property
    def planned(self) -> Candidate | None:
        """The candidate, if it can be run at all."""
        found = self.choice.candidate
        return found if found and found.standing is not Standing.too_big else None

    @cached_property
    def family(self) -> FamilyChoice | None:
        """The family that was taken."""
        if self.choice.chosen is None:
            return None
        family = self.choice.chosen.family
        return FamilyChoice(
            family_id=family.id, family=family.family, fit=family.fit, runtime=family.runtime
        )

    @cached_property
    def model(self) -> ModelChoice | None:
        """The model that was taken, or the named one that comes closest."""
        candidate = self.choice.candidate
        return _model(candidate) if candidate else None

    @cached_property
    def fit(self) -> FitReport | None:
        """Its memory report."""
        candidate, load = self.choice.candidate, self.choice.search.load
        return fit_report(candidate, load, self._rules.fit, self._shelf) if candidate else None

    @cached_property
    def offer(self) -> OfferChoice | None:
        """The machine it is rented on."""
        offer = self.planned.place.offer if self.planned else None
        return _offer(offer, self._rules.runtimes.provider(offer.provider)) if offer else None

    @cached_property
    def cost(self) -> CostEstimate | None:
        """What that costs, where the price counts."""
        found = self.planned
        if found is None or found.bill is None or found.place.offer is None:
            return None
        return estimate(found.bill, found.place.offer, self._rules.budget)

    @cached_property
    def rejected_families(self) -> tuple[Rejected, ...]:
        """Every other family, with the reason."""
        return rejected_families(self._card, self._route, self.choice, None, self._rules)

    @cached_property
    def rejected_offers(self) -> tuple[Rejected, ...]:
        """The cheapest of the other machines, with the reason."""
        return rejected_offers(self.choice, self._rules)


def chosen(
    card: ConstraintCard, route: Route, plan: PlanRule, rules: Ruleset, shelf: Shelf
) -> Chosen:
    """What is chosen on a route; kept, so that an equal question is answered at once."""
    runtime = rules.runtimes.runtimes[plan.runtime]

    def made() -> Chosen:
        return Chosen(card, route, choose(card, route, runtime, rules, shelf), rules, shelf)

    return shelf.kept((rules.lang, route, plan.runtime, *_question(card)), made)


def _question(card: ConstraintCard) -> tuple[Hashable, ...]:
    """Amounts that come back in the answer also as they were typed: 0.5 is 0.50, but reads so."""
    values = (value for name, value in card.__dict__.items() if name not in NOT_READ)
    seen = card.price_seen.hourly if card.price_seen else None
    return (*values, str(card.max_hourly), str(card.max_monthly), str(seen))


def _model(candidate: Candidate) -> ModelChoice:
    run = candidate.run
    model, shape = run.model, run.model.architecture
    return ModelChoice(
        repo=model.repo,
        revision=model.revision,
        weights=run.weights,
        params_total=shape.params_total,
        params_active=shape.params_active,
        scheme=run.weights.scheme,
        license_id=model.license_id,
        gated=model.gated,
        native_context=shape.native_context,
    )


def _offer(offer: OfferItem, provider: Provider) -> OfferChoice:
    return OfferChoice(
        offer_id=offer.offer_id,
        provider=offer.provider,
        gpu_id=offer.gpu_id,
        gpu_count=offer.gpu_count,
        vram_gb_per_gpu=offer.vram_gb_per_gpu,
        hourly=offer.usd_per_hour,
        region=offer.region,
        tier=offer.tier,
        as_of=offer.as_of,
        source_url=offer.source_url,
        console_url=provider.console,
    )
