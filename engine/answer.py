"""One decision card in the making: a judgement told in the words of a ruleset."""

from engine.commands import runtime_commands
from engine.conditions import matches
from engine.conflicts import Judgement
from engine.contract import (
    Adaptation,
    Conflict,
    ConsideredRoute,
    ConstraintCard,
    DecisionCard,
    EvidenceItem,
    LicenseVerdict,
    Rejected,
    RouteChoice,
    RuleRef,
    RuntimeCommand,
    Severity,
    ShutdownCommand,
)
from engine.families import rejected_families
from engine.inputs import inputs_of, plan_id
from engine.licenses import license_verdict
from engine.load import EngineData
from engine.rules import AdaptationRule, Ruleset
from engine.run import Run
from engine.shutdown import shutdown_commands
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
        asked, judgement, rules = self._asked, self._judgement, self._rules
        found = self._chosen
        inputs = inputs_of(asked, judgement, self._data, rules)
        adaptation = self._adaptation()
        return DecisionCard(
            plan_id=plan_id(inputs),
            status=judgement.status,
            project=asked.task,
            route=self._route(inputs.card, considered),
            model_family=found.family if found else None,
            model=found.model if found else None,
            fit=found.fit if found else None,
            offer=found.offer if found else None,
            cost=found.cost if found else None,
            runtime_commands=self._commands(),
            shutdown_commands=self._shutdown(),
            adaptation=Adaptation(
                text=adaptation.text, gate=adaptation.gate, next_step=adaptation.next_step
            ),
            evidence=self._evidence(),
            rejected_families=found.rejected_families if found else self._all_rejected(),
            rejected_offers=found.rejected_offers if found else (),
            conflicts=self._told(Severity.refuse, Severity.change),
            warnings=self._told(Severity.warn),
            license=self._licence(),
            applied_rules=self._applied(adaptation),
            inputs=inputs,
        )

    def _told(self, *effects: Severity) -> tuple[Conflict, ...]:
        return conflicts(self._judgement, self._rules, self._data.shelf, *effects)

    def _adaptation(self) -> AdaptationRule:
        rules = self._rules.adaptation.rules.values()
        return next(rule for rule in rules if matches(rule.when, self._judgement.facts))

    def _route(
        self, resolved: ConstraintCard, considered: tuple[ConsideredRoute, ...]
    ) -> RouteChoice:
        judgement = self._judgement
        words = self._rules.routes.routes[judgement.route]
        refusal = next(iter(self._told(Severity.refuse)), None)
        signs = (s.text for s in words.stop_when if matches(s.when, judgement.facts))
        return RouteChoice(
            route=judgement.route,
            goal=words.goal,
            why=refusal.text if refusal else judgement.plan.text,
            can_prove=words.can_prove,
            cannot_prove=words.cannot_prove,
            fallback_route=resolved.fallback_route,
            stop_when=tuple(signs),
            stop_after_hours=None if resolved.always_on else resolved.session_hours,
            copy_back=words.copy_back,
            considered=considered,
        )

    def _all_rejected(self) -> tuple[Rejected, ...]:
        judgement = self._judgement
        return rejected_families(
            self._asked, judgement.route, judgement.choice, judgement.refusal, self._rules
        )

    def _run(self) -> Run | None:
        """What is started and stopped, if anything can be."""
        planned = self._chosen.planned if self._chosen else None
        return planned.run if planned else None

    def _commands(self) -> tuple[RuntimeCommand, ...]:
        route, runtimes = self._judgement.route, self._rules.runtimes
        return runtime_commands(self._asked, route, self._run(), runtimes)

    def _shutdown(self) -> tuple[ShutdownCommand, ...]:
        judgement, runtimes = self._judgement, self._rules.runtimes
        if judgement.refusal:
            return ()
        runtime = runtimes.runtimes[judgement.plan.runtime]
        return shutdown_commands(self._asked, judgement.route, self._run(), runtime, runtimes)

    def _evidence(self) -> tuple[EvidenceItem, ...]:
        rows, facts = self._rules.evidence.items, self._judgement.facts
        return tuple(row.item for row in rows if matches(row.when, facts))

    def _licence(self) -> LicenseVerdict | None:
        reading = self._judgement.reading
        if reading is None or (self._judgement.refusal and not reading.refused):
            return None
        return license_verdict(reading, self._judgement.facts, self._rules.licenses)

    def _applied(self, adaptation: AdaptationRule) -> tuple[RuleRef, ...]:
        version = self._data.ruleset_version.version
        judgement = self._judgement
        plan = () if judgement.refusal else (judgement.plan.id,)
        ids = (*plan, *(rule.id for rule in judgement.spoken), adaptation.id)
        return tuple(RuleRef(rule_id=rule_id, version=version) for rule_id in ids)
