"""Judging a card on one route: the facts, the rules that match them, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.catalog import Catalog
from engine.conditions import Facts, matches, spelled
from engine.contract import (
    Conflict,
    ConstraintCard,
    Route,
    Severity,
    Status,
    Tenancy,
)
from engine.families import Pick, pick_family, route_names
from engine.rules import Caps, ConflictRule, Ruleset

_GUARDED_HOSTS = frozenset({Tenancy.secure, Tenancy.dedicated})


@dataclass(frozen=True, slots=True)
class Judgement:
    """A card on one route: the family it would take, and all rules that spoke, in their order."""

    card: ConstraintCard
    route: Route
    facts: Facts
    pick: Pick
    spoken: tuple[ConflictRule, ...]

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


def judge(card: ConstraintCard, route: Route, rules: Ruleset, catalog: Catalog) -> Judgement:
    """Collect every rule that speaks, not only the first; the card's own route is not read."""
    pick = pick_family(card, route, rules, catalog)
    facts = _facts(card, route, pick, rules, catalog)
    spoken = (rule for rule in rules.conflicts.rules.values() if matches(rule.when, facts))
    return Judgement(card, route, facts, pick, tuple(spoken))


def conflicts(
    judgement: Judgement, rules: Ruleset, catalog: Catalog, *effects: Severity
) -> tuple[Conflict, ...]:
    """What the rules of these effects say about this card."""
    return tuple(_say(rule, judgement, rules, catalog) for rule in judgement.of(*effects))


def _say(rule: ConflictRule, judgement: Judgement, rules: Ruleset, catalog: Catalog) -> Conflict:
    words = _words(judgement, rules)
    return Conflict(
        code=rule.code,
        severity=rule.effect,
        rule_id=rule.id,
        text=rule.text.format_map(words),
        change=rule.change.format_map(words),
        fix=tuple(fix.field for fix in rule.fix if matches(fix.when, judgement.facts)),
        alternatives=tuple(
            option.route
            for option in rule.alternatives
            if matches(option.when, judgement.facts)
            and judge(judgement.card, option.route, rules, catalog).refusal is None
        ),
    )


def _words(judgement: Judgement, rules: Ruleset) -> Mapping[str, str]:
    named = judgement.pick.named
    return {
        "model": judgement.card.model_repo or "",
        "route": rules.routes.routes[judgement.route].name,
        "family": named.family if named else "",
        "routes": route_names(named, rules) if named else "",
    }


def _facts(
    card: ConstraintCard, route: Route, pick: Pick, rules: Ruleset, catalog: Catalog
) -> Facts:
    caps = rules.budget.classes[card.budget_level]
    approved = set(card.regulated_providers)
    if card.providers_allowed:
        approved &= set(card.providers_allowed)
    single: Mapping[str, object] = {
        "privacy": card.privacy,
        "route": route,
        "needs_service_api": card.needs_service_api,
        "needs_fine_tuning": card.needs_fine_tuning,
        "budget_level": card.budget_level,
        "eval_failures_recorded": card.eval_failures_recorded,
        "public_endpoint": card.public_endpoint,
        "hardware_named": catalog.knows(card.hardware),
        "regulated_provider": "qualified" if approved else "none",
        "candidate": pick.hindrance or "chosen",
    }
    facts = {field: frozenset((spelled(value),)) for field, value in single.items()}
    return facts | {"missing": _missing(card, caps, catalog)}


def _missing(card: ConstraintCard, caps: Caps, catalog: Catalog) -> frozenset[str]:
    """Card fields without which something cannot be promised; rules say where that matters."""
    asked = {
        "session_hours": card.session_hours is None and not card.always_on,
        "review_date": card.always_on and not _review_ahead(card),
        "max_monthly": not _capped(card, caps),
        "access_rule": card.access_rule is None,
        "tenancy": card.tenancy not in _GUARDED_HOSTS,
        "hardware": not catalog.knows(card.hardware),
        "revision": card.model_repo is not None and card.revision is None,
    }
    return frozenset(field for field, is_missing in asked.items() if is_missing)


def _review_ahead(card: ConstraintCard) -> bool:
    if card.review_date is None:
        return False
    return card.as_of is None or card.review_date >= card.as_of


def _capped(card: ConstraintCard, caps: Caps) -> bool:
    """A session needs any cap, the card's or its class's; what is always on a monthly one."""
    monthly = card.max_monthly is not None or caps.max_monthly is not None
    hourly = card.max_hourly is not None or caps.max_hourly is not None
    return monthly or (hourly and not card.always_on)
