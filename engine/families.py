"""Choosing a family for a route, and saying of every other one why it was not taken."""

from collections.abc import Mapping
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
    reasons = _Reasons(card, route, pick, refusal, rules)
    return tuple(
        reasons.reject(family, rank)
        for rank, family in enumerate(rules.families.on(route), start=1)
        if refusal is not None or family is not pick.chosen
    )


def route_names(family: Family, rules: Ruleset) -> str:
    """The routes a family is planned for, as people call them."""
    names = (rules.routes.routes[route].name for route in family.routes)
    return rules.routes.list_separator.join(names)


def _hindrance(
    card: ConstraintCard, route: Route, family: Family, rules: Ruleset
) -> RejectionCode | None:
    """Serving is asked first: another GPU route would not help a family that cannot serve."""
    on_gpu = rules.routes.routes[route].gpu
    if card.needs_service_api and on_gpu and not family.serves:
        return RejectionCode.runtime_not_serving
    return None if route in family.routes else RejectionCode.route_not_supported


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Why families are passed over on one route, told in the words of a ruleset."""

    card: ConstraintCard
    route: Route
    pick: Pick
    refusal: ConflictRule | None
    rules: Ruleset

    def reject(self, family: Family, rank: int) -> Rejected:
        """The rejection of a family at this place in the route's order, counted from one."""
        code = self._code(family)
        return Rejected(
            id=family.id,
            code=code,
            reason=self._sentence(code).format_map(self._facts(family, rank)),
            rule_id=self.refusal.id if self.refusal else f"family.{code}",
            numbers={"rank": rank} if code is RejectionCode.not_first_fit else {},
        )

    def _code(self, family: Family) -> RejectionCode:
        if self.refusal is not None and self.refusal.reject is not None:
            return self.refusal.reject
        hindrance = _hindrance(self.card, self.route, family, self.rules)
        if hindrance is not None:
            return hindrance
        if self.pick.named is None and family.only_when_named:
            return family.only_when_named
        return RejectionCode.not_first_fit

    def _sentence(self, code: RejectionCode) -> str:
        words = self.rules.families.rejections[code]
        named = words.named if self.pick.named else None
        return (words.refused if self.refusal else None) or named or words.text

    def _facts(self, family: Family, rank: int) -> Mapping[str, object]:
        return {
            "chosen": self.pick.chosen.family if self.pick.chosen else "",
            "model": self.card.model_repo,
            "rank": rank,
            "route": self.rules.routes.routes[self.route].name,
            "routes": route_names(family, self.rules),
            "runtime": family.runtime,
        }
