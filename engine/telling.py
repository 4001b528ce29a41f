"""What a rule that spoke says about a card: its sentences with the numbers filled in."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from typing_extensions import override

from engine.alternatives import alternatives
from engine.candidate import Candidate
from engine.choice import UNASKED, Choice
from engine.conditions import matches
from engine.conflicts import FIXES, Judgement
from engine.contract import Conflict, OfferItem, Rejected, Severity
from engine.cost import Bill, affordable_hours
from engine.families import rejected_families, route_names
from engine.nearest import nearest
from engine.passing import passing_values
from engine.rules import ConflictRule, Family, Ruleset
from engine.run import Machine
from engine.say import gib, plain, usd
from engine.shelf import Shelf


def conflicts(
    judgement: Judgement, rules: Ruleset, shelf: Shelf, *effects: Severity
) -> tuple[Conflict, ...]:
    """What the rules of these effects say about this card."""
    words = Words(judgement, rules, shelf)
    return tuple(_say(rule, judgement, rules, shelf, words) for rule in judgement.of(*effects))


def _say(
    rule: ConflictRule, judgement: Judgement, rules: Ruleset, shelf: Shelf, words: "Words"
) -> Conflict:
    fields = dict.fromkeys(f.field for f in rule.fix if matches(f.when, judgement.facts))
    asked = tuple(name for name in rule.passing if name in fields or not rule.fix)
    passing = passing_values(asked, judgement, rules, shelf) if asked else {}
    text, change = _wording(rule, judgement)
    return Conflict(
        code=rule.code,
        severity=rule.effect,
        rule_id=rule.id,
        text=text.format_map(words),
        change=change.format_map(words),
        fix=tuple(sorted(fields, key=lambda field: field not in passing))[:FIXES],
        passing=passing,
        alternatives=alternatives(rule, judgement, rules, shelf),
    )


def _wording(rule: ConflictRule, judgement: Judgement) -> tuple[str, str]:
    """The sentences of a rule for this card."""
    said = next((w for w in rule.instead if matches(w.when, judgement.facts)), None)
    if said is None:
        unknown = judgement.choice is None or judgement.choice.candidate is None
        return (rule.bare or rule.text) if unknown else rule.text, rule.change
    return said.text or rule.text, said.change or rule.change


@dataclass(frozen=True, slots=True)
class Words(Mapping[str, str]):
    """The placeholders of sentences; each is worked out only when a sentence asks for it."""

    judgement: Judgement
    rules: Ruleset
    shelf: Shelf

    @override
    def __getitem__(self, name: str) -> str:
        return _WORDS[name](self)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(_WORDS)

    @override
    def __len__(self) -> int:
        return len(_WORDS)

    @property
    def choice(self) -> Choice:
        """The choice that a sentence with numbers speaks of."""
        if self.judgement.choice is None:
            raise LookupError("a rule about the choice spoke before there was one")
        return self.judgement.choice

    @property
    def candidate(self) -> Candidate:
        """What was chosen, or what came closest."""
        found = self.choice.candidate or self.choice.over_hour
        if found is None:
            raise LookupError("a rule about the candidate spoke without one")
        return found

    @property
    def bill(self) -> Bill:
        """The candidate's amounts."""
        if self.candidate.bill is None:
            raise LookupError("a rule about the price spoke without one")
        return self.candidate.bill

    @property
    def offer(self) -> OfferItem:
        """The candidate's offer."""
        if self.candidate.place.offer is None:
            raise LookupError("a rule about the offer spoke without one")
        return self.candidate.place.offer

    @property
    def over(self) -> tuple[Decimal, Decimal]:
        """What the candidate costs, and the cap it misses: of an hour, else of a month."""
        caps, made = self.choice.search.caps, self.bill
        if caps.max_hourly is not None and made.hourly > caps.max_hourly:
            return made.hourly, caps.max_hourly
        return made.monthly, caps.max_monthly or Decimal(0)

    @property
    def family(self) -> Family | None:
        """The family of the model on the card."""
        repo = self.judgement.card.model_repo
        if repo is None:
            return None
        families = self.rules.families
        found = self.shelf.catalog.family_of(repo) or families.uncatalogued
        return families.families[found]

    @property
    def model(self) -> str:
        """The model on the card, else the one that was chosen, else the one that is forbidden."""
        if self.judgement.card.model_repo:
            return self.judgement.card.model_repo
        choice = self.judgement.choice
        found = (choice.candidate or choice.over_hour) if choice else None
        if found:
            return found.run.model.repo
        forbidden = choice.forbidden if choice else None
        return forbidden.model.repo if forbidden and forbidden.model else ""

    @property
    def machine(self) -> str:
        """`2 x H100 80 GB`, or nothing for a CPU."""
        machine = self.candidate.place.machine
        return machine_name(machine, self.shelf)

    @property
    def longest(self) -> int:
        """The longest context the named model was made for."""
        named = self.choice.named
        model = named.model if named else None
        return model.architecture.native_context if model else 0


def machine_name(machine: Machine, shelf: Shelf) -> str:
    """`2 x H100 80 GB`, or nothing for a CPU."""
    if machine.gpu_id is None:
        return ""
    name = shelf.catalog.hardware.hardware[machine.gpu_id].name
    return f"{machine.count} x {name}" if machine.count > 1 else name


def _of_route(words: Words) -> str:
    return words.rules.routes.routes[words.judgement.route].name


def _routes(words: Words) -> str:
    return route_names(words.family, words.rules) if words.family else ""


def _per(words: Words) -> str:
    say, capped = words.rules.budget.words, words.choice.search.caps.max_hourly
    return say.hourly if words.over == (words.bill.hourly, capped) else say.monthly


def _licence(words: Words) -> str:
    """Every licence that binds: a distilled model has that of its base as well."""
    reading = words.judgement.reading
    return ", ".join(reading.binding or (reading.license_id,)) if reading else ""


def _age(words: Words) -> str:
    today = words.judgement.card.as_of
    return str((today - words.offer.as_of).days) if today else "0"


def _first(words: Words) -> Rejected:
    """The family that comes first, or the one of the model that is named, and its reason."""
    rejected = rejected_families(
        words.judgement.card, words.judgement.route, words.choice, None, words.rules
    )
    named = words.family
    told = [r for r in rejected if named is None or r.id == named.id]
    able = [r for r in told if r.code not in UNASKED or named is not None]
    return next(iter(able or told))


def _whose(words: Words) -> str:
    """Whose reason `why` is: the model's on the card, else the family's that comes first."""
    return words.judgement.card.model_repo or _first(words).label


def _typed(words: Words) -> str:
    """The GPU on the card, as it was typed."""
    spec = words.judgement.card.hardware
    return (spec.gpu_id if spec else None) or ""


def _near(words: Words) -> str:
    near = words.shelf.catalog.hardware.near(_typed(words))
    return words.rules.routes.list_separator.join(near)


def _training(words: Words) -> str:
    """Each way of training with its memory, held against this machine."""
    training, say = words.candidate.size.training, words.rules.fit.words
    capacity = words.candidate.place.capacity
    ways = (("LoRA", training.lora), ("QLoRA", training.qlora))
    told = (
        f"{name} {(say.way_fits if size <= capacity else say.way_too_big).format(size=gib(size))}"
        for name, size in ways
    )
    return words.rules.routes.list_separator.join(told)


def _providers(words: Words) -> str:
    return _meant(words.judgement.card.providers_allowed, words.shelf.providers, words)


def _regions(words: Words) -> str:
    return _meant((words.judgement.card.region or "",), words.shelf.regions, words)


def _meant(typed: Iterable[str], known: Mapping[str, tuple[str, ...]], words: Words) -> str:
    """All that are known, those that may have been meant first."""
    near = (one for name in typed for one in nearest(name, known))
    return words.rules.routes.list_separator.join(dict.fromkeys((*near, *known)))


_WORDS: Mapping[str, Callable[[Words], str]] = {
    "model": lambda w: w.model,
    "route": _of_route,
    "family": lambda w: w.family.family if w.family else "",
    "routes": _routes,
    "need": lambda w: f"{gib(w.candidate.need.expected)}–{gib(w.candidate.need.high)}",
    "expected": lambda w: gib(w.candidate.need.expected),
    "high": lambda w: gib(w.candidate.need.high),
    "capacity": lambda w: gib(w.candidate.place.capacity),
    "machine": lambda w: w.machine,
    "files": lambda w: w.candidate.run.weights.repo,
    "context": lambda w: f"{w.judgement.card.context_tokens:,}",
    "native": lambda w: f"{w.longest:,}",
    "runtime": lambda w: w.choice.search.runtime.name,
    "offer": lambda w: f"{w.offer.provider} {w.machine}",
    "price": lambda w: usd(w.offer.usd_per_hour),
    "as_of": lambda w: w.offer.as_of.isoformat(),
    "age": _age,
    "asked": lambda w: usd(w.over[0]),
    "cap": lambda w: usd(w.over[1]),
    "gap": lambda w: usd(w.over[0] - w.over[1]),
    "per": _per,
    "hours": lambda w: str(affordable_hours(w.bill, w.over[1])),
    "planned": lambda w: plain(w.bill.usage.monthly_hours),
    "licence": _licence,
    "limit": lambda w: f"{(w.judgement.reading.limit if w.judgement.reading else 0) or 0:,}",
    "training": _training,
    "why": lambda w: _first(w).reason,
    "whose": _whose,
    "gpu": _typed,
    "near": _near,
    "allowed": lambda w: w.rules.routes.list_separator.join(w.judgement.card.providers_allowed),
    "providers": _providers,
    "provider": lambda w: w.rules.runtimes.provider(w.offer.provider).name,
    "region": lambda w: w.judgement.card.region or "",
    "regions": _regions,
}

PLACEHOLDERS = frozenset(_WORDS)
"""What a sentence of conflicts.yaml may hold in braces."""

NEEDS_CHOICE = frozenset({"native", "runtime"})
"""Of these, those that speak of a choice, which a card refused early does not have."""

NEEDS_REJECTION = frozenset({"why", "whose"})
"""Of a family that was looked at and not taken."""

NEEDS_CANDIDATE = frozenset(
    {"need", "expected", "high", "capacity", "machine", "files", "training"}
)
"""Of what was chosen or came closest; a rule that has `bare` words may always hold them."""

NEEDS_OFFER = frozenset({"offer", "price", "as_of", "age", "provider"})
"""Of the machine it is rented on."""

NEEDS_BILL = frozenset({"asked", "cap", "gap", "per", "hours", "planned"})
"""Of what that costs; the price counts and misses a cap."""
