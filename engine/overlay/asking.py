"""What conditions and sentences ask for, against what is known where they are asked.

A card that is refused for what it says is answered without a choice; many another has no candidate,
offer or price. What would ask such a card for them is a defect of the data.
"""

from collections.abc import Iterator, Mapping, Sequence

from engine.conditions import ABOUT_THE_CHOICE, Facts
from engine.contract import Lang
from engine.overlay.findings import Defect, Steps
from engine.overlay.guards import placeholders
from engine.rules import ConflictRule, FamiliesFile, FixField, RouteOption, Ruleset, Wording
from engine.telling import NEEDS_BILL, NEEDS_CANDIDATE, NEEDS_CHOICE, NEEDS_OFFER, NEEDS_REJECTION

RULES = "rules/2026.11/"
_CONFLICTS = f"{RULES}conflicts.yaml"

_MONTH = {"budget": frozenset({"month_missed"})}
_BILL = {"budget": frozenset({"month_missed", "hour_missed"})}
_OFFER = {
    **_BILL,
    "price": frozenset({"stale", "expired"}),
    "region": frozenset({"open", "unpriced"}),
}
_CANDIDATE = {
    **_OFFER,
    "fit": frozenset({"tight", "does_not_fit"}),
    "calibrated": frozenset({"false"}),
    "gated": frozenset({"true"}),
    "pin": frozenset({"card", "record"}),
}
_REJECTION = {
    "hardware_runs": frozenset({"false"}),
    "candidate": frozenset({"route_not_supported", "runtime_not_serving", "none"}),
}
"""What makes a rule sure of something: one of these fields, with no other values than these."""

_SURE: Mapping[str, Facts] = {
    **dict.fromkeys(NEEDS_REJECTION, _REJECTION),
    **dict.fromkeys(NEEDS_CANDIDATE, _CANDIDATE),
    **dict.fromkeys(NEEDS_OFFER, _OFFER),
    **dict.fromkeys(NEEDS_BILL, _BILL),
}

_SURE_TO_PASS: Mapping[str, Facts] = {"session_hours": _MONTH, "days_per_month": _MONTH}
"""Hours that would pass: there are some only where the cap pays for an hour."""

_ALWAYS = frozenset({"chosen", "per", "model", "rank", "route", "routes", "runtime"})
"""What is filled in for a family that was not looked at, as on a refusal."""


def asked_too_much(rules: Mapping[Lang, Ruleset]) -> Iterator[Defect]:
    """Every condition and placeholder that some card could not answer."""
    for path, steps, when in _asked_early(rules[Lang.en]):
        for field in sorted(when.keys() & ABOUT_THE_CHOICE):
            yield Defect(path, (*steps, "when", field), "condition_early", {"field": field})
    for ruleset in rules.values():
        for rule in ruleset.conflicts.rules.values():
            yield from _of_rule(rule, ruleset.families)


def _asked_early(rules: Ruleset) -> Iterator[tuple[str, Steps, Facts]]:
    """Conditions that are read on a card for which nothing was chosen."""
    for adaptation in rules.adaptation.rules.values():
        yield f"{RULES}adaptation.yaml", ("rules", adaptation.id), adaptation.when
    for row in rules.evidence.items:
        yield f"{RULES}evidence.yaml", ("items", row.item.id), row.when
    for entry in rules.licenses.licenses.values():
        for place, condition in enumerate(entry.conditions):
            steps: Steps = ("licenses", entry.id, "conditions", place)
            yield f"{RULES}licenses.yaml", steps, condition.when
    yield from _of_routes(rules)
    for rule in rules.conflicts.early:
        parts: Mapping[str, Sequence[RouteOption | FixField | Wording]] = {
            "alternatives": rule.alternatives,
            "fix": rule.fix,
            "instead": rule.instead,
        }
        for name, entries in parts.items():
            for place, part in enumerate(entries):
                yield _CONFLICTS, ("rules", rule.id, name, place), part.when


def _of_routes(rules: Ruleset) -> Iterator[tuple[str, Steps, Facts]]:
    path = f"{RULES}routes.yaml"
    for plan in rules.routes.plans:
        yield path, ("plans", plan.id), plan.when
    for route in rules.routes.routes.values():
        for place, option in enumerate(route.fallback):
            yield path, ("routes", route.id, "fallback", place), option.when
        for place, sign in enumerate(route.stop_when):
            yield path, ("routes", route.id, "stop_when", place), sign.when


def _of_rule(rule: ConflictRule, families: FamiliesFile) -> Iterator[Defect]:
    at: Steps = ("rules", rule.id)
    for steps, text in _sentences(rule):
        for name in sorted(placeholders(text)):
            spared = bool(rule.bare) and steps == ("text",) and name in NEEDS_CANDIDATE
            if not (spared or _is_sure(rule, name)):
                values = {"id": rule.id, "field": f"{{{name}}}"}
                yield Defect(_CONFLICTS, (*at, *steps), "word_unsure", values)
    for place, name in enumerate(rule.passing):
        if name in _SURE_TO_PASS and not _holds(_SURE_TO_PASS[name], rule.when):
            values = {"id": rule.id, "field": name}
            yield Defect(_CONFLICTS, (*at, "passing", place), "word_unsure", values)
    yield from _of_refusal(rule, families)


def _sentences(rule: ConflictRule) -> Iterator[tuple[Steps, str]]:
    """Every sentence of a rule, and where it stands in it."""
    yield ("text",), rule.text
    yield ("change",), rule.change
    if rule.bare is not None:
        yield ("bare",), rule.bare
    for place, words in enumerate(rule.instead):
        for field, text in (("text", words.text), ("change", words.change)):
            if text is not None:
                yield ("instead", place, field), text


def _is_sure(rule: ConflictRule, name: str) -> bool:
    if name in NEEDS_CHOICE:
        return bool(rule.when.keys() & ABOUT_THE_CHOICE)
    return name not in _SURE or _holds(_SURE[name], rule.when)


def _holds(sure: Facts, when: Facts) -> bool:
    """Whether one of the fields is asked for, and for nothing but its values."""
    return any(field in when and when[field] <= values for field, values in sure.items())


def _of_refusal(rule: ConflictRule, families: FamiliesFile) -> Iterator[Defect]:
    """A refusal has no numbers of any family."""
    if rule.reject is None:
        return
    words = families.rejections[rule.reject]
    spoken = (words.refused,) if words.refused else (words.bare or words.text, words.named or "")
    if any(placeholders(text) - _ALWAYS for text in spoken):
        values = {"id": rule.id, "code": rule.reject}
        cause: tuple[str, Steps] = (f"{RULES}families.yaml", ("rejections", rule.reject, "refused"))
        yield Defect(_CONFLICTS, ("rules", rule.id, "reject"), "reject_numbers", values, cause)
