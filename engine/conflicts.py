"""Judging a card on one route: the facts, the choice, the rules that match, and what they say."""

from dataclasses import dataclass

from engine.card_facts import facts_of_card, facts_of_licence
from engine.choice import Choice, named_reading
from engine.chosen import Chosen, chosen
from engine.conditions import Facts, matches
from engine.contract import ConstraintCard, Route, Severity, Status
from engine.licenses import Reading
from engine.rules import ConflictRule, PlanRule, Ruleset
from engine.shelf import Shelf

FIXES = 2
"""Inputs of a Fix."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A card on one route: its plan rule, what was chosen, and all rules that spoke, in order.

    A card that is refused for what it says chooses nothing: `chosen` is None.
    """

    card: ConstraintCard
    route: Route
    plan: PlanRule
    facts: Facts
    reading: Reading | None
    chosen: Chosen | None
    spoken: tuple[ConflictRule, ...]

    @property
    def choice(self) -> Choice | None:
        """What was chosen from, and what."""
        return self.chosen.choice if self.chosen else None

    @property
    def refusal(self) -> ConflictRule | None:
        """The first rule that refuses, if any."""
        return next(iter(self.of(Severity.refuse)), None)

    @property
    def status(self) -> Status:
        """Refused by any refusal, else held back by any change, else ok."""
        if self.refusal:
            return Status.refused
        return Status.needs_changes if self.of(Severity.change) else Status.ok

    def of(self, *effects: Severity) -> tuple[ConflictRule, ...]:
        """The rules that spoke with one of these effects."""
        return tuple(rule for rule in self.spoken if rule.effect in effects)


def judge(card: ConstraintCard, route: Route, rules: Ruleset, shelf: Shelf) -> Judgement:
    """Collect every rule that speaks, not only the first; the card's own route is not read.

    Refusals by what the card says come first: a model is chosen only where there is none.
    """
    reading = named_reading(card, shelf)
    said = facts_of_card(card, route, rules, shelf.catalog)
    early = {**said, **facts_of_licence(reading)}
    plan = next(p for p in rules.routes.plans if matches(p.when, early))
    spoken = tuple(r for r in rules.conflicts.early if matches(r.when, early))
    if any(rule.effect is Severity.refuse for rule in spoken):
        return Judgement(card, route, plan, early, reading, None, spoken)
    found = chosen(card, route, plan, rules, shelf)
    facts = {**early, **found.facts}
    spoken = tuple(r for r in rules.conflicts.rules.values() if matches(r.when, facts))
    return Judgement(card, route, plan, facts, found.choice.reading, found, spoken)
