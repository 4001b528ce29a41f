"""Whether the data files agree: what one names another has, and no card is left unanswered."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from engine.catalog import Catalog
from engine.conditions import KNOWN, Facts, matches
from engine.contract import Lang
from engine.licenses import LicensesFile, normal
from engine.overlay.asking import RULES, asked_too_much
from engine.overlay.findings import Defect, Steps
from engine.rules import Ruleset
from engine.runtimes import RuntimesFile
from engine.shelf import COLAB_GPU

CATALOG = "models/catalog.yaml"


@dataclass(frozen=True, slots=True)
class Ladder:
    """A list whose first matching entry speaks: where it stands, its entries and conditions."""

    path: str
    steps: Steps
    rungs: Mapping[str, Facts]

    def shadowed(self) -> tuple[str, ...]:
        """Entries that can never speak, because earlier ones take every card of theirs."""
        heard = {self._first(facts) for facts in self._cards()}
        return tuple(name for name in self.rungs if name not in heard)

    def is_total(self) -> bool:
        """Whether every card finds an entry."""
        return all(self._first(facts) is not None for facts in self._cards())

    def _first(self, facts: Facts) -> str | None:
        return next((name for name, when in self.rungs.items() if matches(when, facts)), None)

    def _cards(self) -> Iterator[Facts]:
        """Every combination of the facts that the conditions look at."""
        fields = sorted({field for when in self.rungs.values() for field in when})
        for values in product(*(sorted(KNOWN[field]) for field in fields)):
            yield {f: frozenset((v,)) for f, v in zip(fields, values, strict=True)}


def ladders(rules: Ruleset) -> tuple[Ladder, ...]:
    """The first-match lists of a ruleset."""
    plans = {plan.id: plan.when for plan in rules.routes.plans}
    adaptation = {rule.id: rule.when for rule in rules.adaptation.rules.values()}
    return (
        Ladder(f"{RULES}routes.yaml", ("plans",), plans),
        Ladder(f"{RULES}adaptation.yaml", ("rules",), adaptation),
    )


def disagreements(languages: Mapping[Lang, Ruleset], catalog: Catalog) -> Iterator[Defect]:
    """What would leave a decision without an answer, or name what does not exist."""
    rules = languages[Lang.en]
    for reference in (*_of_models(rules, catalog), *_of_rules(rules)):
        if not reference.exists:
            yield reference.defect()
    for ladder in ladders(rules):
        if not ladder.is_total():
            yield Defect(ladder.path, ladder.steps, "ladder_open", {"field": ladder.steps[0]})
    if COLAB_GPU not in catalog.hardware.hardware:
        steps: Steps = ("hardware", COLAB_GPU, "disabled")
        yield Defect("hardware.yaml", steps, "off_needed", {"id": COLAB_GPU})
    yield from _of_names(rules.licenses)
    yield from _of_requests(rules.runtimes)
    yield from asked_too_much(languages)


@dataclass(frozen=True, slots=True)
class _Reference:
    """A name in one file of something that another file must have."""

    path: str
    steps: Steps
    kind: str
    value: str
    exists: bool

    def defect(self) -> Defect:
        """The name that leads nowhere; what it meant may have been removed."""
        values = {"value": self.value, "field": ".".join(map(str, self.steps))}
        file, entries = _HOMES[self.kind]
        cause = (f"{RULES}{file}.yaml", (entries, self.value))
        return Defect(self.path, self.steps, f"{self.kind}_unknown", values, cause)


_HOMES = {
    "family": ("families", "families"),
    "license": ("licenses", "licenses"),
    "runtime": ("runtimes", "runtimes"),
    "provider": ("runtimes", "providers"),
}
"""The rules file, and the list in it, where a name must be found."""


def _of_models(rules: Ruleset, catalog: Catalog) -> Iterator[_Reference]:
    families, licenses = rules.families.families, rules.licenses
    for model in catalog.models.models.values():
        at: Steps = ("models", model.repo)
        family = model.family_id
        yield _Reference(CATALOG, (*at, "family_id"), "family", family, family in families)
        for field in ("license_id", "base_license_id"):
            named = getattr(model, field)
            if named is not None:
                known = licenses.find(named) is not None
                yield _Reference(CATALOG, (*at, field), "license", named, known)


def _of_rules(rules: Ruleset) -> Iterator[_Reference]:
    path, other = f"{RULES}families.yaml", rules.families.uncatalogued
    yield _Reference(path, ("uncatalogued",), "family", other, other in rules.families.families)
    runtimes, providers = rules.runtimes.runtimes, rules.runtimes.providers
    for plan in rules.routes.plans:
        steps: Steps = ("plans", plan.id, "runtime")
        known = plan.runtime in runtimes
        yield _Reference(f"{RULES}routes.yaml", steps, "runtime", plan.runtime, known)
    path, other = f"{RULES}runtimes.yaml", rules.runtimes.unlisted_provider
    yield _Reference(path, ("unlisted_provider",), "provider", other, other in providers)


def _of_names(table: LicensesFile) -> Iterator[Defect]:
    """Names that two licences claim; which of them a model means could not be told."""
    path = f"{RULES}licenses.yaml"
    first: dict[str, tuple[str, Steps]] = {}
    for entry in table.licenses.values():
        at: Steps = ("licenses", entry.id)
        aliases = (((*at, "aliases", place), name) for place, name in enumerate(entry.aliases))
        for steps, name in (((*at, "id"), entry.id), *aliases):
            owner, way = first.setdefault(normal(name), (entry.id, steps))
            if owner != entry.id:
                yield Defect(
                    path, steps, "alias_taken", {"value": name, "id": owner}, cause=(path, way)
                )


def _of_requests(runtimes: RuntimesFile) -> Iterator[Defect]:
    """First requests that no shell could read."""
    for runtime in runtimes.runtimes.values():
        try:
            for part in runtime.first_request.split(" && "):
                shlex.split(part)
        except ValueError:
            steps: Steps = ("runtimes", runtime.id, "first_request")
            values = {"id": runtime.id, "field": "first_request"}
            yield Defect(f"{RULES}runtimes.yaml", steps, "quotes_open", values)
