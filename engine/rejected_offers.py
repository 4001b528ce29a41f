"""Machines that were not taken although they are cheaper or were asked about, and why."""

from decimal import Decimal
from itertools import islice

from engine.candidates import Candidate, Search, runs_on
from engine.conflicts import Judgement
from engine.contract import Rejected, RejectionCode
from engine.cost import within
from engine.places import Place
from engine.price_age import PriceAge
from engine.rules import Ruleset
from engine.say import gib, usd

MOST = 10
ZERO = Decimal(0)


def rejected_offers(judgement: Judgement, rules: Ruleset) -> tuple[Rejected, ...]:
    """At most ten, the cheapest first, held against what the chosen files need."""
    choice = judgement.choice
    candidate = choice.candidate if choice else None
    if judgement.refusal or choice is None or candidate is None or candidate.place.offer is None:
        return ()
    told = (_reject(place, candidate, choice.search, rules) for place in choice.search.places.every)
    return tuple(islice((one for one in told if one is not None), MOST))


def _reject(place: Place, chosen: Candidate, search: Search, rules: Ruleset) -> Rejected | None:
    offer = place.offer
    if offer is None or offer is chosen.place.offer:
        return None
    code = _code(place, chosen, search)
    words = rules.families.offers[code]
    numbers = {"hourly": str(offer.usd_per_hour)}
    facts = {
        "offer": f"{offer.provider} {offer.gpu_count} x {offer.gpu}",
        "hourly": usd(offer.usd_per_hour),
        "as_of": offer.as_of.isoformat(),
        "capacity": gib(place.capacity),
        "need": gib(search.need_on(place, chosen).high),
    }
    return Rejected(
        id=offer.offer_id,
        label=facts["offer"],
        code=code,
        reason=words.format_map(facts),
        rule_id=f"offer.{code}",
        numbers=numbers,
    )


def _code(place: Place, chosen: Candidate, search: Search) -> RejectionCode:
    if place.age is PriceAge.expired:
        return RejectionCode.no_offer
    if not runs_on(chosen.files.minimum, place.machine):
        return RejectionCode.hardware_unsupported
    if search.need_on(place, chosen).expected > place.capacity:
        return RejectionCode.does_not_fit
    if not within(place.offer.usd_per_hour if place.offer else ZERO, search.caps.max_hourly):
        return RejectionCode.over_budget
    return RejectionCode.not_first_fit
