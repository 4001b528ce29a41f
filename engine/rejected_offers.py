"""Machines that were not taken although they are cheaper or were asked about, and why."""

from collections.abc import Iterable

from engine.candidate import Candidate, runs_on
from engine.candidates import Search
from engine.choice import Choice
from engine.contract import FitVerdict, OfferItem, Rejected, RejectionCode
from engine.cost import Bill, within
from engine.memory.fit import verdict
from engine.places import Place
from engine.price_age import PriceAge
from engine.rules import Ruleset
from engine.say import gib, usd

MOST = 10
OTHERS = 3
"""Of these, the lines kept for machines that do not hold the files: why not the cheap one?"""


def rejected_offers(choice: Choice, rules: Ruleset) -> tuple[Rejected, ...]:
    """At most ten, the cheapest first, held against what the chosen files need.

    Machines that hold them come before those that do not, save for the cheapest few.
    """
    chosen = choice.candidate
    if chosen is None or chosen.place.offer is None:
        return ()
    others = (p for p in choice.search.places.every if p.offer is not chosen.place.offer)
    told = _worth_telling(others, chosen, choice.search)
    return tuple(_reject(place, chosen, choice.search, rules) for place in told)


def _worth_telling(places: Iterable[Place], chosen: Candidate, search: Search) -> list[Place]:
    """The cheapest that hold the files and the cheapest few that do not, in one order of prices."""
    able: list[tuple[int, Place]] = []
    unable: list[tuple[int, Place]] = []
    for rank, place in enumerate(places):
        (able if _holds(place, chosen, search) else unable).append((rank, place))
        if len(able) >= MOST - OTHERS and len(unable) >= OTHERS:
            break
    able = able[: max(MOST - OTHERS, MOST - len(unable))]
    return [place for _, place in sorted((*able, *unable[: MOST - len(able)]), key=_rank)]


def _rank(ranked: tuple[int, Place]) -> int:
    return ranked[0]


def _holds(place: Place, chosen: Candidate, search: Search) -> bool:
    return runs_on(chosen.files.minimum, place.machine) and not _fits_worse(place, chosen, search)


def _reject(place: Place, chosen: Candidate, search: Search, rules: Ruleset) -> Rejected:
    offer, made = _offer(place), search.bill_on(place, chosen)
    code, cap = _code(place, chosen, search, made), search.caps.max_monthly
    facts = {
        "hourly": usd(offer.usd_per_hour),
        "as_of": offer.as_of.isoformat(),
        "capacity": gib(place.capacity),
        "need": gib(search.need_on(place, chosen).high),
        "monthly": usd(made.monthly) if made else "",
        "cap": usd(cap) if cap is not None else "",
    }
    text = rules.families.offers[code]
    if code is RejectionCode.over_budget and _hour_passes(place, search):
        text = rules.budget.words.over_month
    if code is RejectionCode.hardware_unsupported and place.machine.capability is None:
        text = rules.families.offer_no_cuda
    return Rejected(
        id=offer.offer_id,
        label=f"{offer.provider} {offer.gpu_count} x {offer.gpu}",
        code=code,
        reason=text.format_map(facts),
        rule_id=f"offer.{code}",
        numbers={"hourly": str(offer.usd_per_hour)},
    )


def _offer(place: Place) -> OfferItem:
    if place.offer is None:
        raise LookupError("a machine that nobody offers was compared with an offer")
    return place.offer


def _code(place: Place, chosen: Candidate, search: Search, made: Bill | None) -> RejectionCode:
    if place.age is PriceAge.expired:
        return RejectionCode.no_offer
    if not runs_on(chosen.files.minimum, place.machine):
        return RejectionCode.hardware_unsupported
    if _fits_worse(place, chosen, search):
        return RejectionCode.does_not_fit
    month_passes = made is None or within(made.monthly, search.caps.max_monthly)
    if not (_hour_passes(place, search) and month_passes):
        return RejectionCode.over_budget
    return RejectionCode.not_first_fit


def _hour_passes(place: Place, search: Search) -> bool:
    return within(_offer(place).usd_per_hour, search.caps.max_hourly)


def _fits_worse(place: Place, chosen: Candidate, search: Search) -> bool:
    """Where it would be tight counts as too small beside one where it fits."""
    room = verdict(search.need_on(place, chosen), place.capacity)
    return room is not FitVerdict.fits and room is not chosen.verdict
