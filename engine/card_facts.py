"""The facts of a card on a route that rules look at: what it says, and what was chosen for it."""

from collections.abc import Mapping

from engine.candidate import Standing
from engine.catalog import Catalog
from engine.choice import UNASKED, Choice
from engine.conditions import Facts, fact
from engine.contract import (
    AvailableRoute,
    ConflictCode,
    ConstraintCard,
    FitVerdict,
    LicenseDecision,
    RejectionCode,
    Route,
    Tenancy,
)
from engine.cost import caps_of
from engine.licenses import Reading
from engine.outcome import Outcome
from engine.places import ANY_REGION, wanted
from engine.price_age import PriceAge
from engine.regions import asked_in, is_pinned
from engine.rules import Ruleset
from engine.shelf import Shelf

OWN_GPU = frozenset({Route.local_gpu, Route.private_gpu})
"""Routes on which the GPU is the team's own, so that it has to be named."""

_GUARDED_HOSTS = frozenset({Tenancy.secure, Tenancy.dedicated})

_LICENCE: Mapping[ConflictCode, str] = {
    ConflictCode.LICENSE_COMMERCIAL: "commercial",
    ConflictCode.LICENSE_MAU: "users",
    ConflictCode.LICENSE_EU: "europe",
    ConflictCode.LICENSE_UNKNOWN: "unknown",
}

_HINDERED = (RejectionCode.route_not_supported, RejectionCode.runtime_not_serving)

_BUDGET: Mapping[Standing, str] = {
    Standing.over_month: "month_missed",
    Standing.over_hour: "hour_missed",
}


def facts_of_card(card: ConstraintCard, route: Route, rules: Ruleset, catalog: Catalog) -> Facts:
    """What the card says by itself."""
    approved = set(card.regulated_providers)
    if card.providers_allowed:
        approved &= set(card.providers_allowed)
    users, europe = card.monthly_active_users, card.eu_entity
    ram = card.hardware.ram_gib if card.hardware else None
    single: Mapping[str, object] = {
        "privacy": card.privacy,
        "route": route,
        "needs_service_api": card.needs_service_api,
        "needs_fine_tuning": card.needs_fine_tuning,
        "budget_level": card.budget_level,
        "eval_failures_recorded": card.eval_failures_recorded,
        "public_endpoint": card.public_endpoint,
        "distributes_model": card.distributes_model,
        "monthly_users": "unknown" if users is None else "given",
        "eu_entity": "unknown" if europe is None else europe,
        "hardware_named": catalog.knows(card.hardware),
        "gpu_name": _gpu_name(card, route, catalog),
        "shape_from": _shape_from(card, catalog),
        "regulated_provider": "qualified" if approved else "none",
        "ram": "assumed" if ram is None else "given",
    }
    facts = {field: fact(value) for field, value in single.items()}
    return {**facts, "missing": _missing(card, rules, catalog)}


def facts_of_licence(reading: Reading | None) -> Facts:
    """What the licence of the model at hand says; nothing at hand is clear."""
    codes = reading.codes if reading else ()
    verdict = reading.verdict if reading else LicenseDecision.allow
    return {
        "licence": frozenset(_LICENCE[code] for code in codes) or frozenset({"clear"}),
        "licence_verdict": frozenset({verdict.value}),
    }


def facts_of_choice(card: ConstraintCard, choice: Choice, shelf: Shelf) -> Facts:
    """What was chosen, and how well it stands."""
    candidate, named = choice.candidate, choice.named
    code = named.code if named else None
    single: Mapping[str, object] = {
        "candidate": _candidate(choice),
        "hardware_runs": code is not RejectionCode.hardware_unsupported,
        "fit": _fit(choice),
        "calibrated": candidate is None or candidate.size.measured(choice.search.load),
        "context": _context(card, named),
        "pin": _pin(choice),
        "gated": bool(candidate and candidate.run.model.gated),
        "price": (candidate.place.age if candidate else None) or PriceAge.fresh,
        "budget": _budget(choice),
        "region": _region(card, choice, shelf),
        "no_machine": _no_machine(card, choice, shelf),
        "reason": _reason(choice),
    }
    facts = {field: fact(value) for field, value in single.items()}
    codes = (o.code for o in choice.outcomes if o is not choice.chosen and o.code is not None)
    return {**facts, "rejected": frozenset(code.value for code in codes)}


def _missing(card: ConstraintCard, rules: Ruleset, catalog: Catalog) -> frozenset[str]:
    """Card fields without which something cannot be promised; rules say where that matters."""
    caps = caps_of(card, rules.budget)
    monthly = caps.max_monthly is not None
    hourly = caps.max_hourly is not None and not card.always_on
    asked = {
        "session_hours": card.session_hours is None and not card.always_on,
        "review_date": card.always_on and not _review_ahead(card),
        "max_monthly": not (monthly or hourly),
        "access_rule": card.access_rule is None,
        "tenancy": card.tenancy not in _GUARDED_HOSTS,
        "hardware": not catalog.knows(card.hardware),
    }
    return frozenset(field for field, is_missing in asked.items() if is_missing)


def _gpu_name(card: ConstraintCard, route: Route, catalog: Catalog) -> str:
    """Whether the GPU that a route asks for is named so that it can be only one."""
    typed = card.hardware.gpu_id if card.hardware else None
    own = route in OWN_GPU
    rents = route is Route.rented_gpu and card.available_route is not AvailableRoute.undecided
    if typed is None or not (own or rents):
        return "missing" if own else "clear"
    if catalog.knows(card.hardware):
        return "clear"
    if catalog.hardware.called(typed):
        return "several"
    return "near" if catalog.hardware.near(typed) else "unknown"


def _shape_from(card: ConstraintCard, catalog: Catalog) -> str:
    """Where the facts of the model on the card come from."""
    if card.model_repo is None:
        return "nowhere"
    return "catalogue" if catalog.family_of(card.model_repo) else "card"


def _review_ahead(card: ConstraintCard) -> bool:
    if card.review_date is None:
        return False
    return card.as_of is None or card.review_date >= card.as_of


def _candidate(choice: Choice) -> str:
    """Why nothing can be planned, where no other rule says it more exactly."""
    if choice.named is not None:
        code = choice.named.code
        if code is RejectionCode.no_offer and choice.candidate is None:
            return "none" if choice.search.rents else "chosen"
        return code.value if code in _HINDERED else "chosen"
    nothing = choice.chosen is None and choice.over_hour is None and not choice.forbidden
    return "none" if nothing and (choice.search.places.every or choice.search.rents) else "chosen"


def _fit(choice: Choice) -> FitVerdict:
    if choice.named is not None and choice.named.code is RejectionCode.arch_unknown:
        return FitVerdict.unknown
    return choice.candidate.verdict if choice.candidate else FitVerdict.fits


def _context(card: ConstraintCard, named: Outcome | None) -> str:
    model = named.model if named else None
    if model is None or card.context_tokens <= model.architecture.native_context:
        return "within"
    return "extended" if card.context_tokens <= (model.extended_context or 0) else "beyond"


def _pin(choice: Choice) -> str:
    """Whether the files' commit is known; the card can name one of the named repository only."""
    if choice.candidate is None:
        return "pinned"
    run = choice.candidate.run
    if run.weights.revision is not None:
        return "pinned"
    own = choice.named is not None and run.weights.repo == run.model.repo
    return "card" if own else "record"


def _budget(choice: Choice) -> str:
    told = choice.candidate or choice.over_hour
    return _BUDGET.get(told.standing, "within") if told else "within"


def _region(card: ConstraintCard, choice: Choice, shelf: Shelf) -> str:
    """Whether the region that is asked for is that of the machine, or anywhere by its price."""
    offer = choice.candidate.place.offer if choice.candidate else None
    if card.region is None or offer is None or offer.region != ANY_REGION:
        return "clear"
    if is_pinned(card.region, shelf.runtimes.provider(offer.provider)):
        return "clear"
    return "open" if any(asked_in(card.region, r) for r in shelf.regions) else "unpriced"


def _no_machine(card: ConstraintCard, choice: Choice, shelf: Shelf) -> str:
    """What leaves nothing to rent: providers that nobody knows, or a region alone."""
    if not choice.search.rents or choice.search.places.every:
        return "clear"
    if card.providers_allowed and not set(card.providers_allowed) & shelf.providers.keys():
        return "providers"
    anywhere = wanted(card.model_copy(update={"region": None}))
    found = card.region is not None and any(anywhere.takes(o) for o in shelf.offers)
    return "region" if found else "clear"


def _reason(choice: Choice) -> str:
    """Why the family that comes first, or that of the model on the card, is not planned."""
    if choice.chosen is not None:
        return "clear"
    able = [o for o in choice.outcomes if o.code not in UNASKED] or choice.outcomes
    told = choice.named or next(iter(able), None)
    return told.code.value if told and told.code else "clear"
