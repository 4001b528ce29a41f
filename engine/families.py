"""Choosing a family for a route, and saying of every other one why it was not taken."""

from dataclasses import dataclass

from engine.catalog import Catalog
from engine.contract import ConstraintCard, Rejected, RejectionCode, Route
from engine.rules import ConflictRule, Family, Ruleset


@dataclass(frozen=True, slots=True)
class Pick:
    """The family taken on a route; `named` is the family of the model on the card, if one is.

    A named family is the only candidate: where it cannot run, nothing is chosen and `hindrance`
    says why.
    """

    chosen: Family | None
    named: Family | None
    hindrance: RejectionCode | None


def pick_family(card: ConstraintCard, route: Route, rules: Ruleset, catalog: Catalog) -> Pick:
    """The first family of the route's order that can do the job, or the named model's."""
    if card.model_repo is None:
        first = (
            family
            for family in rules.families.on(route)
            if not family.only_when_named and _hindrance(card, route, family, rules) is None
        )
        return Pick(next(first, None), None, None)
    family_id = catalog.family_of(card.model_repo) or rules.families.uncatalogued
    named = rules.families.families[family_id]
    hindrance = _hindrance(card, route, named, rules)
    return Pick(None if hindrance else named, named, hindrance)


def rejected_families(
    card: ConstraintCard, route: Route, pick: Pick, refusal: ConflictRule | None, rules: Ruleset
) -> tuple[Rejected, ...]:
    """Every family that was not chosen, once, in the order of the route; all on a refusal."""
    return tuple(
        _rejected(card, route, family, pick, refusal, rules)
        for family in rules.families.on(route)
        if refusal is not None or family is not pick.chosen
    )


def route_names(family: Family, rules: Ruleset) -> str:
    """The routes a family is planned for, as people call them."""
    names = (rules.routes.routes[route].name for route in family.routes)
    return rules.routes.list_separator.join(names)


def _hindrance(
    card: ConstraintCard, route: Route, family: Family, rules: Ruleset
) -> RejectionCode | None:
    if route not in family.routes:
        return RejectionCode.route_not_supported
    on_gpu = rules.routes.routes[route].gpu
    if card.needs_service_api and on_gpu and not family.serves:
        return RejectionCode.runtime_not_serving
    return None


def _rejected(
    card: ConstraintCard,
    route: Route,
    family: Family,
    pick: Pick,
    refusal: ConflictRule | None,
    rules: Ruleset,
) -> Rejected:
    code = _code(card, route, family, pick, refusal, rules)
    words = rules.families.rejections[code]
    text = (refusal and words.refused) or (pick.named and words.named) or words.text
    rank = rules.families.on(route).index(family) + 1
    reason = text.format_map(
        {
            "chosen": pick.chosen.family if pick.chosen else "",
            "model": card.model_repo,
            "rank": rank,
            "route": rules.routes.routes[route].name,
            "routes": route_names(family, rules),
            "runtime": family.runtime,
        }
    )
    return Rejected(
        id=family.id,
        code=code,
        reason=reason,
        rule_id=refusal.id if refusal else f"family.{code}",
        numbers={"rank": rank} if code is RejectionCode.not_first_fit else {},
    )


def _code(
    card: ConstraintCard,
    route: Route,
    family: Family,
    pick: Pick,
    refusal: ConflictRule | None,
    rules: Ruleset,
) -> RejectionCode:
    if refusal is not None and refusal.reject is not None:
        return refusal.reject
    hindrance = _hindrance(card, route, family, rules)
    if hindrance is not None:
        return hindrance
    if pick.named is None and family.only_when_named:
        return family.only_when_named
    return RejectionCode.not_first_fit
