"""Machines that were not taken although they are cheaper or were asked about, and why."""

from itertools import islice

from engine.candidates import Candidate, Search, runs_on
from engine.choice import Choice
from engine.contract import FitVerdict, OfferItem, Rejected, RejectionCode
from engine.cost import within
from engine.memory.fit import verdict
from engine.places import Place
from engine.price_age import PriceAge
from engine.rules import Ruleset
from engine.say import gib, usd

MOST = 10


def rejected_offers(choice: Choice, rules: Ruleset) -> tuple[Rejected, ...]:
    """At most ten, the cheapest first, held against what the chosen files need."""
    chosen = choice.candidate
    if chosen is None or chosen.place.offer is None:
        return ()
    others = (p for p in choice.search.places.every if p.offer is not chosen.place.offer)
    return tuple(_reject(place, chosen, choice.search, rules) for place in islice(others, MOST))


def _reject(place: Place, chosen: Candidate, search: Search, rules: Ruleset) -> Rejected:
    offer, code = _offer(place), _code(place, chosen, search)
    facts = {
        "hourly": usd(offer.usd_per_hour),
        "as_of": offer.as_of.isoformat(),
        "capacity": gib(place.capacity),
        "need": gib(search.need_on(place, chosen).high),
    }
    return Rejected(
        id=offer.offer_id,
        label=f"{offer.provider} {offer.gpu_count} x {offer.gpu}",
        code=code,
        reason=rules.families.offers[code].format_map(facts),
        rule_id=f"offer.{code}",
        numbers={"hourly": str(offer.usd_per_hour)},
    )


def _offer(place: Place) -> OfferItem:
    if place.offer is None:
        raise LookupError("a machine that nobody offers was compared with an offer")
    return place.offer


def _code(place: Place, chosen: Candidate, search: Search) -> RejectionCode:
    if place.age is PriceAge.expired:
        return RejectionCode.no_offer
    if not runs_on(chosen.files.minimum, place.machine):
        return RejectionCode.hardware_unsupported
    if _fits_worse(place, chosen, search):
        return RejectionCode.does_not_fit
    if not within(_offer(place).usd_per_hour, search.caps.max_hourly):
        return RejectionCode.over_budget
    return RejectionCode.not_first_fit


def _fits_worse(place: Place, chosen: Candidate, search: Search) -> bool:
    """Where it would be tight counts as too small beside one where it fits."""
    room = verdict(search.need_on(place, chosen), place.capacity)
    return room is not FitVerdict.fits and room is not chosen.verdict
