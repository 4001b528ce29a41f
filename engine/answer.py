"""One decision card in the making: a judgement told in the words of a ruleset."""

from engine.conflicts import Judgement
from engine.contract import (
    Conflict,
    ConsideredRoute,
    ConstraintCard,
    DecisionCard,
    LicenseVerdict,
    Rejected,
    RouteChoice,
    RuleRef,
    Severity,
)
from engine.families import rejected_families
from engine.inputs import inputs_of, plan_id
from engine.licenses import license_verdict
from engine.load import EngineData
from engine.rules import Ruleset
from engine.telling import conflicts


class Answer:
    """Tells a judgement as a decision card."""

    def __init__(
        self, asked: ConstraintCard, judgement: Judgement, data: EngineData, rules: Ruleset
    ) -> None:
        self._asked = asked
        self._judgement = judgement
        self._chosen = None if judgement.refusal else judgement.chosen
        self._data = data
        self._rules = rules

    def card(self, considered: tuple[ConsideredRoute, ...]) -> DecisionCard:
        """The whole answer."""
        asked, judgement = self._asked, self._judgement
        found = self._chosen
        commands = found.commands(asked.machine_name) if found else None
        inputs = inputs_of(asked, judgement, self._data)
        blocking = self._told(Severity.refuse, Severity.change)
        return DecisionCard(
            plan_id=plan_id(inputs),
            status=judgement.status,
            project=asked.task,
            route=self._route(inputs.card, blocking, considered),
            model_family=found.family if found else None,
            model=found.model if found else None,
            fit=found.fit if found else None,
            offer=found.offer if found else None,
            cost=found.cost if found else None,
            runtime_commands=commands.start if commands else (),
            shutdown_commands=commands.stop if commands else (),
            adaptation=judgement.ruling.adaptation,
            evidence=judgement.ruling.evidence,
            rejected_families=found.rejected_families if found else self._all_rejected(),
            rejected_offers=found.rejected_offers if found else (),
            conflicts=blocking,
            warnings=self._told(Severity.warn),
            license=self._licence(),
            applied_rules=self._applied(),
            inputs=inputs,
        )

    def _told(self, *effects: Severity) -> tuple[Conflict, ...]:
        return conflicts(self._judgement, self._rules, self._data.shelf, *effects)

    def _route(
        self,
        resolved: ConstraintCard,
        blocking: tuple[Conflict, ...],
        considered: tuple[ConsideredRoute, ...],
    ) -> RouteChoice:
        judgement = self._judgement
        words = self._rules.routes.routes[judgement.route]
        refusals = (c.text for c in blocking if c.severity is Severity.refuse)
        return RouteChoice(
            route=judgement.route,
            goal=words.goal,
            why=next(refusals, judgement.ruling.plan.text),
            can_prove=words.can_prove,
            cannot_prove=words.cannot_prove,
            fallback_route=resolved.fallback_route,
            stop_when=judgement.ruling.stop_when,
            stop_after_hours=None if resolved.always_on else resolved.session_hours,
            copy_back=words.copy_back,
            considered=considered,
        )

    def _all_rejected(self) -> tuple[Rejected, ...]:
        judgement, families = self._judgement, self._rules.families
        repo = self._asked.model_repo
        named = self._data.catalog.family_of(repo) or families.uncatalogued if repo else None
        return rejected_families(
            self._asked, judgement.route, judgement.choice, judgement.refusal, self._rules, named
        )

    def _licence(self) -> LicenseVerdict | None:
        reading = self._judgement.reading
        if reading is None or (self._judgement.refusal and not reading.refused):
            return None
        return license_verdict(reading, self._judgement.facts, self._rules.licenses)

    def _applied(self) -> tuple[RuleRef, ...]:
        version, ruling = self._data.ruleset_version.version, self._judgement.ruling
        plan = () if self._judgement.refusal else (ruling.plan.id,)
        spoken = (rule.id for rule in self._judgement.spoken)
        ids = (*plan, *spoken, ruling.adaptation_rule.id)
        return tuple(RuleRef(rule_id=rule_id, version=version) for rule_id in ids)
