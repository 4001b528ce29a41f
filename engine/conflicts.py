"""Judging a card on one route: the facts, the choice, the rules that match, and what they say."""

from dataclasses import dataclass

from engine.card_facts import facts_of_card, facts_of_licence
from engine.choice import Choice, named_reading
from engine.chosen import Chosen, chosen
from engine.conditions import Facts
from engine.contract import ConstraintCard, Route, Severity, Status
from engine.licenses import Reading
from engine.rules import ConflictRule, Ruleset
from engine.ruling import Ruling, ruling
from engine.shelf import Shelf

FIXES = 2
"""Inputs of a Fix."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A card on one route: what the rules say of its facts, and what was chosen.

    A card that is refused for what it says chooses nothing: `chosen` is None.
    """

    card: ConstraintCard
    route: Route
    ruling: Ruling
    reading: Reading | None
    chosen: Chosen | None

    @property
    def facts(self) -> Facts:
        """What rules look at."""
        return self.ruling.facts

    @property
    def spoken(self) -> tuple[ConflictRule, ...]:
        """All rules that spoke, in the order people read.

        What was chosen and then refused is warned of no more.
        """
        if self.chosen is None:
            return self.ruling.early
        return self.ruling.heard

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
    first = ruling(early, route, rules, shelf)
    if any(rule.effect is Severity.refuse for rule in first.early):
        return Judgement(card, route, first, reading, None)
    found = chosen(card, route, first.plan, rules, shelf)
    whole = ruling({**early, **found.facts}, route, rules, shelf)
    return Judgement(card, route, whole, found.choice.reading, found)
