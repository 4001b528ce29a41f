"""One decision card in the making: a judgement told in the words of a ruleset."""

from engine.candidates import Candidate, Standing
from engine.commands import runtime_commands
from engine.conditions import matches
from engine.conflicts import Judgement
from engine.contract import (
    Adaptation,
    Conflict,
    ConsideredRoute,
    ConstraintCard,
    CostEstimate,
    DecisionCard,
    EvidenceItem,
    FamilyChoice,
    FitReport,
    LicenseVerdict,
    ModelChoice,
    OfferChoice,
    OfferItem,
    RouteChoice,
    RuleRef,
    RuntimeCommand,
    Severity,
    ShutdownCommand,
)
from engine.cost import estimate
from engine.families import rejected_families
from engine.inputs import inputs_of, plan_id
from engine.licenses import license_verdict
from engine.load import EngineData
from engine.rejected_offers import rejected_offers
from engine.report import fit_report
from engine.rules import AdaptationRule, Ruleset
from engine.shutdown import shutdown_commands
from engine.telling import conflicts


class Answer:
    """Tells a judgement as a decision card."""

    def __init__(
        self, asked: ConstraintCard, judgement: Judgement, data: EngineData, rules: Ruleset
    ) -> None:
        self._asked = asked
        self._judgement = judgement
        self._choice = None if judgement.refusal else judgement.choice
        self._candidate = self._choice.candidate if self._choice else None
        self._data = data
        self._rules = rules

    def card(self, considered: tuple[ConsideredRoute, ...]) -> DecisionCard:
        """The whole answer."""
        asked, judgement, rules = self._asked, self._judgement, self._rules
        inputs = inputs_of(asked, judgement, self._data, rules)
        adaptation = self._adaptation()
        return DecisionCard(
            plan_id=plan_id(inputs),
            status=judgement.status,
            project=asked.task,
            route=self._route(inputs.card, considered),
            model_family=self._family(),
            model=_model(self._candidate) if self._candidate else None,
            fit=self._fit(),
            offer=self._offer(),
            cost=self._cost(),
            runtime_commands=self._commands(),
            shutdown_commands=self._shutdown(),
            adaptation=Adaptation(
                text=adaptation.text, gate=adaptation.gate, next_step=adaptation.next_step
            ),
            evidence=self._evidence(),
            rejected_families=rejected_families(
                asked, judgement.route, judgement.choice, judgement.refusal, rules
            ),
            rejected_offers=rejected_offers(judgement, rules),
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

    def _family(self) -> FamilyChoice | None:
        chosen = self._choice.chosen if self._choice else None
        if chosen is None:
            return None
        family = chosen.family
        return FamilyChoice(
            family_id=family.id, family=family.family, fit=family.fit, runtime=family.runtime
        )

    def _fit(self) -> FitReport | None:
        if self._candidate is None or self._choice is None:
            return None
        return fit_report(
            self._candidate, self._choice.search.load, self._rules.fit, self._data.shelf
        )

    def _offer(self) -> OfferChoice | None:
        planned = self._planned()
        return _offer(planned.place.offer) if planned and planned.place.offer else None

    def _cost(self) -> CostEstimate | None:
        planned = self._planned()
        if planned is None or planned.bill is None or planned.place.offer is None:
            return None
        return estimate(planned.bill, planned.place.offer, self._rules.budget)

    def _planned(self) -> Candidate | None:
        """The candidate, if it can be run at all."""
        found = self._candidate
        return found if found and found.standing is not Standing.too_big else None

    def _commands(self) -> tuple[RuntimeCommand, ...]:
        planned = self._planned()
        run = planned.run if planned else None
        return runtime_commands(self._asked, self._judgement.route, run, self._rules.runtimes)

    def _shutdown(self) -> tuple[ShutdownCommand, ...]:
        if self._judgement.refusal:
            return ()
        planned, runtimes = self._planned(), self._rules.runtimes
        runtime = runtimes.runtimes[self._judgement.plan.runtime]
        run = planned.run if planned else None
        return shutdown_commands(self._asked, self._judgement.route, run, runtime, runtimes)

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


def _offer(offer: OfferItem) -> OfferChoice:
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
    )
