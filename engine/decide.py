"""The decision: a constraint card in, a decision card out. Pure: no clock, network or chance.

The order of evaluation: conflicts of the route, all of them; the family; adaptation; evidence and
commands; and every family that was not chosen. Model, fit, offer, cost and licence stay null, and
the rules that need them silent, until the data for them is here.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from engine.canonical import canonical, digest
from engine.conditions import matches
from engine.conflicts import Judgement, conflicts, judge
from engine.contract import (
    Adaptation,
    AvailableRoute,
    ConsideredRoute,
    ConstraintCard,
    DecisionCard,
    EvidenceItem,
    FamilyChoice,
    Inputs,
    Lang,
    Origin,
    Route,
    RouteChoice,
    RuleRef,
    Severity,
    ShutdownCommand,
    Status,
)
from engine.families import rejected_families
from engine.load import EngineData
from engine.rules import AdaptationRule, PlanRule, Ruleset
from engine.shutdown import shutdown_commands

_DEFAULT_HOURS = Decimal(4)
_DAY = Decimal(24)
_BLOCKING = (Severity.refuse, Severity.change)
_STATUS_ORDER = tuple(Status)
_ROUTE_ORDER = tuple(Route)
_NEEDS_HARDWARE = frozenset({Route.local_gpu, Route.private_gpu})


def decide(
    card: ConstraintCard, data: EngineData, lang: Lang = Lang.en, *, today: date | None = None
) -> DecisionCard:
    """The decision card; `lang` changes texts only. `today` stands in for a card without `as_of`.

    An undecided card is judged on all routes and takes the best one, listing all it considered.
    """
    dated = card if card.as_of else card.model_copy(update={"as_of": today})
    rules = data.rules[lang]
    if card.available_route is not AvailableRoute.undecided:
        judgement = judge(dated, Route(card.available_route), rules, data.catalog)
        return _Answer(card, judgement, data, rules).card(())
    tried = [judge(dated, route, rules, data.catalog) for route in _open_routes(dated, data)]
    considered = tuple(
        ConsideredRoute(
            route=j.route, status=j.status, codes=tuple(r.code for r in j.of(*_BLOCKING))
        )
        for j in tried
    )
    return _Answer(card, min(tried, key=_preference), data, rules).card(considered)


def compare(
    card: ConstraintCard, data: EngineData, lang: Lang = Lang.en, *, today: date | None = None
) -> tuple[DecisionCard, ...]:
    """The card decided for each of the five routes, in the order of `Route`."""
    routes = (AvailableRoute(route.value) for route in Route)
    cards = (card.model_copy(update={"available_route": route}) for route in routes)
    return tuple(decide(each, data, lang, today=today) for each in cards)


def _open_routes(card: ConstraintCard, data: EngineData) -> list[Route]:
    """Routes an undecided card can take; a GPU of one's own only if the card names one."""
    owns_gpu = data.catalog.knows(card.hardware)
    return [route for route in Route if owns_gpu or route not in _NEEDS_HARDWARE]


def _preference(judgement: Judgement) -> tuple[int, int, int]:
    return (
        _STATUS_ORDER.index(judgement.status),
        len(judgement.of(Severity.change)),
        _ROUTE_ORDER.index(judgement.route),
    )


class _Answer:
    """One decision card in the making: a judgement told in the words of a ruleset."""

    def __init__(
        self, asked: ConstraintCard, judgement: Judgement, data: EngineData, rules: Ruleset
    ) -> None:
        self._asked = asked
        self._judgement = judgement
        self._route = judgement.route
        self._facts = judgement.facts
        self._refused = judgement.refusal
        self._data = data
        self._rules = rules
        self._plan = self._first_plan()
        self._adaptation = self._first_adaptation()

    def card(self, considered: tuple[ConsideredRoute, ...]) -> DecisionCard:
        """The whole answer."""
        inputs = self._inputs()
        data, rules, judgement = self._data, self._rules, self._judgement
        catalog = data.catalog
        return DecisionCard(
            plan_id=_plan_id(inputs),
            status=judgement.status,
            project=self._asked.task,
            route=self._route_choice(inputs.card, considered),
            model_family=self._family(),
            model=None,
            fit=None,
            offer=None,
            cost=None,
            runtime_commands=(),
            shutdown_commands=self._shutdown(),
            adaptation=Adaptation(
                text=self._adaptation.text,
                gate=self._adaptation.gate,
                next_step=self._adaptation.next_step,
            ),
            evidence=self._evidence(),
            rejected_families=rejected_families(
                self._asked, self._route, judgement.pick, self._refused, rules
            ),
            rejected_offers=(),
            conflicts=conflicts(judgement, rules, catalog, *_BLOCKING),
            warnings=conflicts(judgement, rules, catalog, Severity.warn),
            license=None,
            applied_rules=self._applied(),
            inputs=inputs,
        )

    def _first_plan(self) -> PlanRule:
        return next(p for p in self._rules.routes.plans if matches(p.when, self._facts))

    def _first_adaptation(self) -> AdaptationRule:
        rules = self._rules.adaptation.rules.values()
        return next(rule for rule in rules if matches(rule.when, self._facts))

    def _route_choice(
        self, resolved: ConstraintCard, considered: tuple[ConsideredRoute, ...]
    ) -> RouteChoice:
        words = self._rules.routes.routes[self._route]
        return RouteChoice(
            route=self._route,
            goal=words.goal,
            why=self._refused.text if self._refused else self._plan.text,
            can_prove=words.can_prove,
            cannot_prove=words.cannot_prove,
            fallback_route=resolved.fallback_route,
            stop_when=tuple(s.text for s in words.stop_when if matches(s.when, self._facts)),
            stop_after_hours=None if resolved.always_on else resolved.session_hours,
            copy_back=words.copy_back,
            considered=considered,
        )

    def _family(self) -> FamilyChoice | None:
        family = self._judgement.pick.chosen
        if self._refused or family is None:
            return None
        return FamilyChoice(
            family_id=family.id, family=family.family, fit=family.fit, runtime=family.runtime
        )

    def _shutdown(self) -> tuple[ShutdownCommand, ...]:
        if self._refused:
            return ()
        runtimes = self._rules.runtimes
        runtime = runtimes.runtimes[self._plan.runtime]
        return shutdown_commands(self._asked, self._route, runtime, runtimes)

    def _evidence(self) -> tuple[EvidenceItem, ...]:
        rows = self._rules.evidence.items
        return tuple(row.item for row in rows if matches(row.when, self._facts))

    def _applied(self) -> tuple[RuleRef, ...]:
        version = self._data.ruleset_version.version
        plan = () if self._refused else (self._plan.id,)
        spoken = (rule.id for rule in self._judgement.spoken)
        ids = (*plan, *spoken, self._adaptation.id)
        return tuple(RuleRef(rule_id=rule_id, version=version) for rule_id in ids)

    def _inputs(self) -> Inputs:
        dated = self._judgement.card
        derived = {
            "as_of": dated.as_of,
            "hours_per_day": _hours_per_day(dated),
            "fallback_route": self._fallback(),
        }
        missing = {k: v for k, v in derived.items() if getattr(self._asked, k) is None and v}
        return Inputs(
            card=self._asked.model_copy(update=missing),
            origins={name: _origin(self._asked, name, missing) for name in _DEFAULTS},
            as_of=dated.as_of,
            ruleset=self._data.ruleset_version,
            catalog=self._data.catalog_version,
            offers=None,
            engine=self._data.engine_version,
        )

    def _fallback(self) -> Route | None:
        options = self._rules.routes.routes[self._route].fallback
        return next((o.route for o in options if matches(o.when, self._facts)), None)


_DEFAULTS = {name: field.default for name, field in ConstraintCard.model_fields.items()}


def _origin(card: ConstraintCard, name: str, derived: Mapping[str, object]) -> Origin:
    """Written on the card, filled in from other facts, or the contract's default."""
    if name in derived:
        return Origin.derived
    return Origin.default if getattr(card, name) == _DEFAULTS[name] else Origin.card


def _hours_per_day(card: ConstraintCard) -> Decimal:
    if card.always_on:
        return _DAY
    return _DEFAULT_HOURS if card.session_hours is None else min(card.session_hours, _DAY)


def _plan_id(inputs: Inputs) -> str:
    """The same card, day, data and engine give the same id, in any language."""
    versions = (inputs.ruleset, inputs.catalog, inputs.engine)
    return digest(
        canonical(inputs.card.model_dump(mode="json")),
        *(version.sha256.encode() for version in versions),
    )
