"""Other routes that a refusal offers."""

from engine.conditions import matches
from engine.conflicts import Judgement
from engine.contract import Route, Severity
from engine.passing import can_be_planned, elsewhere
from engine.rules import ConflictRule, Ruleset
from engine.shelf import Shelf


def alternatives(
    rule: ConflictRule, judgement: Judgement, rules: Ruleset, shelf: Shelf
) -> tuple[Route, ...]:
    """Routes on which something can be planned; where there are none, those that do not refuse.

    A refusal that has none of its own offers those of another that spoke beside it.
    """
    if rule.effect is not Severity.refuse:
        return ()
    others = (r for r in judgement.of(Severity.refuse) if r is not rule)
    found = (_offered(refusal, judgement, rules, shelf) for refusal in (rule, *others))
    return next(filter(None, found), ())


def _offered(
    rule: ConflictRule, judgement: Judgement, rules: Ruleset, shelf: Shelf
) -> tuple[Route, ...]:
    offered = (o.route for o in rule.alternatives if matches(o.when, judgement.facts))
    tried = [elsewhere(judgement.card, route, rules, shelf) for route in offered]
    able = [other.route for other in tried if can_be_planned(other)]
    return tuple(able or (other.route for other in tried if not other.refusal))
