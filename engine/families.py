"""Saying of every family that was not chosen why it was not taken, in words with numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from engine.choice import Choice
from engine.contract import ConstraintCard, Rejected, RejectionCode, Route
from engine.outcome import Outcome
from engine.rules import ConflictRule, Family, Ruleset
from engine.say import Late, counted, gib, usd


def rejected_families(
    card: ConstraintCard,
    route: Route,
    choice: Choice | None,
    refusal: ConflictRule | None,
    rules: Ruleset,
    named: str | None = None,
) -> tuple[Rejected, ...]:
    """Every family that was not chosen, once, in the order of the route; all on a refusal.

    `named` is the family of the model on the card.
    """
    reasons = _Reasons(card, route, choice, refusal, rules, named)
    chosen = None if refusal or choice is None else choice.chosen
    known = {o.family.id: o for o in choice.outcomes} if choice else {}
    return tuple(
        reasons.reject(known.get(family.id) or Outcome(family), rank)
        for rank, family in enumerate(rules.families.on(route), start=1)
        if chosen is None or family is not chosen.family
    )


def route_names(family: Family, rules: Ruleset) -> str:
    """The routes a family is planned for, as people call them."""
    names = (rules.routes.routes[route].name for route in family.routes)
    return rules.routes.list_separator.join(names)


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Why families are passed over on one route, told in the words of a ruleset."""

    card: ConstraintCard
    route: Route
    choice: Choice | None
    refusal: ConflictRule | None
    rules: Ruleset
    named: str | None

    def reject(self, outcome: Outcome, rank: int) -> Rejected:
        """The rejection of a family at this place in the route's order, counted from one."""
        code = self._code(outcome)
        first = code is RejectionCode.not_first_fit
        told = {"rank": rank} if first else outcome.numbers
        numbers = told if code is outcome.code or first else {}
        said = self._said(outcome, code)
        told = outcome.numbers if said is outcome.code and not first else numbers
        text = self._text(outcome, said, told)
        return Rejected(
            id=outcome.family.id,
            label=outcome.family.family,
            code=code,
            reason=text.format_map(self._facts(outcome.family, rank, told)),
            rule_id=self.refusal.id if self.refusal else f"family.{code}",
            numbers=numbers,
        )

    def _code(self, outcome: Outcome) -> RejectionCode:
        if self.refusal is not None and self.refusal.reject is not None:
            return self.refusal.reject
        return outcome.code or RejectionCode.not_first_fit

    def _said(self, outcome: Outcome, code: RejectionCode) -> RejectionCode:
        """Whose words are true: on a refusal after a choice those of the family itself."""
        if self.refusal is None:
            return code
        if self.choice is not None and outcome.code is not None:
            return outcome.code
        other = self.named is not None and outcome.family.id != self.named
        return RejectionCode.not_first_fit if other and code is RejectionCode.license else code

    def _text(self, outcome: Outcome, said: RejectionCode, numbers: Mapping[str, int | str]) -> str:
        words = self.rules.families.rejections[said]
        if self.refusal and self.choice is None and words.refused:
            return words.refused
        described = outcome.model is not None and not outcome.model.family_id
        if described and self.route is Route.local_cpu and words.no_file:
            return words.no_file
        if self.card.model_repo and words.named:
            return words.named
        if self.route is not Route.rented_gpu and words.own:
            return words.own
        if not numbers and words.bare:
            return words.bare
        return words.ceiling if "ceiling" in numbers and words.ceiling else words.text

    def _facts(self, family: Family, rank: int, numbers: Mapping[str, int | str]) -> Late:
        chosen = self.choice.chosen if self.choice else None
        say = self.rules.budget.words
        told = Late(
            chosen=lambda: chosen.family.family if chosen else "",
            per=lambda: say.hourly if "hourly" in numbers else say.monthly,
            model=lambda: self.card.model_repo or "",
            price=lambda: usd(numbers.get("hourly", numbers.get("monthly", 0))),
            rank=lambda: rank,
            route=lambda: self.rules.routes.routes[self.route].name,
            routes=lambda: route_names(family, self.rules),
            runtime=lambda: family.runtime,
        )
        for name, value in numbers.items():
            told[name] = partial(_spoken, name, value)
        return told


def _spoken(name: str, value: int | str) -> str:
    if name in {"need_high", "capacity"}:
        return gib(int(value))
    if name in {"params_total", "ceiling"}:
        return counted(int(value))
    if name in {"hourly", "monthly", "cap", "gap"}:
        return usd(value)
    return f"{value:,}" if isinstance(value, int) else value
