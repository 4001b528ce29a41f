"""What the rules say about facts alone: made once for equal facts, of which there are few."""

from functools import cached_property

from engine.conditions import ABOUT_THE_CHOICE, Facts, matches
from engine.contract import Adaptation, EvidenceItem, Route, Severity
from engine.rules import AdaptationRule, ConflictRule, PlanRule, Ruleset
from engine.shelf import Shelf


class Ruling:
    """The rules that match some facts on a route, and what they ask for."""

    def __init__(self, facts: Facts, route: Route, rules: Ruleset) -> None:
        self.facts = facts
        self._route = rules.routes.routes[route]
        self._rules = rules

    @cached_property
    def plan(self) -> PlanRule:
        """Why the route is taken, and with which runtime: the first that matches."""
        return next(p for p in self._rules.routes.plans if matches(p.when, self.facts))

    @cached_property
    def early(self) -> tuple[ConflictRule, ...]:
        """Rules that speak before anything is chosen."""
        return tuple(r for r in self._rules.conflicts.early if matches(r.when, self.facts))

    @cached_property
    def spoken(self) -> tuple[ConflictRule, ...]:
        """All rules that speak once something was chosen, in the order people read."""
        rules = self._rules.conflicts.rules.values()
        return tuple(r for r in rules if matches(r.when, self.facts))

    @cached_property
    def heard(self) -> tuple[ConflictRule, ...]:
        """The same without warnings about what a refusal takes away."""
        if all(rule.effect is not Severity.refuse for rule in self.spoken):
            return self.spoken
        return tuple(
            rule
            for rule in self.spoken
            if rule.effect is not Severity.warn or not rule.when.keys() & ABOUT_THE_CHOICE
        )

    @cached_property
    def adaptation_rule(self) -> AdaptationRule:
        """How far the model may be changed: the first rule that matches."""
        rules = self._rules.adaptation.rules.values()
        return next(rule for rule in rules if matches(rule.when, self.facts))

    @cached_property
    def adaptation(self) -> Adaptation:
        """The same as a decision card shows it."""
        rule = self.adaptation_rule
        return Adaptation(text=rule.text, gate=rule.gate, next_step=rule.next_step)

    @cached_property
    def evidence(self) -> tuple[EvidenceItem, ...]:
        """What must be written down."""
        rows = self._rules.evidence.items
        return tuple(row.item for row in rows if matches(row.when, self.facts))

    @cached_property
    def stop_when(self) -> tuple[str, ...]:
        """What must be in hand before a run is stopped."""
        signs = self._route.stop_when
        return tuple(sign.text for sign in signs if matches(sign.when, self.facts))

    @cached_property
    def fallback(self) -> Route | None:
        """Where to go when it fails."""
        options = self._route.fallback
        return next((o.route for o in options if matches(o.when, self.facts)), None)


def ruling(facts: Facts, route: Route, rules: Ruleset, shelf: Shelf) -> Ruling:
    """The ruling on some facts; equal facts have one."""
    key = ("ruling", rules.lang, route, *facts.values())
    return shelf.kept(key, lambda: Ruling(facts, route, rules))
