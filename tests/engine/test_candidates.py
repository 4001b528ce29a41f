"""The best candidate, found by short cuts, is the one that trying everything finds."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.candidate import Candidate, runs_on
from engine.conflicts import judge
from engine.contract import (
    AvailableRoute,
    BudgetLevel,
    ConstraintCard,
    DecisionCard,
    FitVerdict,
    Lang,
    ModelItem,
    OfferItem,
    Route,
)
from engine.cost import Bill, bill, caps_of, usage_of, within
from engine.decide import decide
from engine.disk import rented_gib
from engine.licenses import use_of
from engine.load import EngineData
from engine.memory.fit import Load, Sized, verdict
from engine.places import Place, usable
from engine.run import Run
from engine.runtimes import Runtime
from tests.engine.cards import DATA, UNHURRIED, any_card
from tests.engine.markets import market, row
from tests.engine.plans import in_the_way

RULES = DATA.rules[Lang.en]


def everything(
    made: ConstraintCard, route: Route, models: tuple[ModelItem, ...], data: EngineData
) -> tuple[str, str, str] | None:
    """The best of all models x formats x machines that pass, without any short cut."""
    choice = judge(made, route, RULES, data.shelf).choice
    assert choice is not None
    search, named = choice.search, made.model_repo is not None
    found = [
        (_rank(item, index, place, room), (item.repo, files.weights.scheme, _offer_id(place)))
        for item in models
        for index, files in enumerate(data.shelf.files(item, search.runtime, named=named))
        for place in search.places.every
        if runs_on(files.minimum, place.machine) and not place.unpriced
        for used in [usable(place.machine, search.runtime, item.architecture)]
        for size in [data.shelf.sized(item, search.runtime, files, used.count)]
        if size is not None
        for room in [verdict(size.need(_load(made, search.runtime)), place.capacity)]
        if room in (FitVerdict.fits, FitVerdict.tight)
        and _affordable(
            made,
            _bill(made, Run(item, files.weights, search.runtime, used, place.offer), place, size),
        )
    ]
    return min(found)[1] if found else None


def _rank(item: ModelItem, index: int, place: Place, room: FitVerdict) -> tuple[object, ...]:
    return (
        room is not FitVerdict.fits,
        item.gated is True,
        -item.architecture.params_total,
        item.repo,
        index,
        (place.hourly or 0) * (Decimal("1.5") if place.machine.count > 1 else 1),
        place.machine.count > 1,
        _offer_id(place),
    )


def _offer_id(place: Place) -> str:
    return place.offer.offer_id if place.offer else ""


def _load(made: ConstraintCard, runtime: Runtime) -> Load:
    trains = made.needs_fine_tuning and made.eval_failures_recorded
    kept = runtime.keeps(made.kv_dtype)
    return Load(made.context_tokens, made.concurrency, kept, training=trains)


def _bill(made: ConstraintCard, run: Run, place: Place, size: Sized) -> Bill | None:
    if place.offer is None or place.hourly is None:
        return None
    disk = RULES.runtimes.disk(place.offer.provider)
    return bill(place.hourly, size, rented_gib(run), usage_of(made), disk, RULES.budget)


def _affordable(made: ConstraintCard, amounts: Bill | None) -> bool:
    caps = caps_of(made, RULES.budget)
    return amounts is None or (
        within(amounts.hourly, caps.max_hourly) and within(amounts.monthly, caps.max_monthly)
    )


def eligible(made: ConstraintCard, family_id: str, data: EngineData) -> tuple[ModelItem, ...]:
    """Models of a family that may be chosen unasked: licence, size, context."""
    ceiling = RULES.budget.sizes[made.budget_level]
    return tuple(
        item
        for item in data.catalog.in_family(family_id)
        if data.shelf.reading(item, use_of(made)).chosen_unasked
        and (ceiling is None or item.architecture.params_total <= ceiling * 10**9)
        and made.context_tokens <= item.architecture.native_context
    )


def of_a_larger_class(
    made: ConstraintCard, route: Route, taken: Candidate
) -> tuple[str, str, str] | None:
    """The candidate itself, if its model is above the ceiling: a larger class takes it as well."""
    ceiling = RULES.budget.sizes[made.budget_level]
    if ceiling is None or taken.run.model.architecture.params_total <= ceiling * 10**9:
        return None
    levels = list(BudgetLevel)
    for level in levels[levels.index(made.budget_level) + 1 :]:
        card = made.model_copy(update={"budget_level": level})
        found = judge(card, route, RULES, DATA.shelf).choice
        if found and found.candidate and found.candidate.run == taken.run:
            return taken.run.model.repo, taken.run.weights.scheme, _offer_id(taken.place)
    return None


ROUTES = [r for r in Route if r is not Route.free_colab]


@UNHURRIED
@given(
    any_card(public_endpoint=False, commercial_use=False, monthly_active_users=0, eu_entity=False),
    st.sampled_from(ROUTES),
)
def test_short_cuts_find_what_trying_everything_finds(made: ConstraintCard, route: Route) -> None:
    asked = made.model_copy(update={"available_route": AvailableRoute(route.value)})
    choice = judge(asked, route, RULES, DATA.shelf).choice
    if choice is None:
        return
    for outcome in choice.outcomes:
        candidate = outcome.candidate
        if candidate is None:
            continue
        models: tuple[ModelItem, ...] = (candidate.run.model,)
        if asked.model_repo is None:
            models = eligible(asked, outcome.family.id, DATA)
        best = everything(asked, route, models, DATA)
        if best is not None and outcome is choice.chosen and asked.model_repo is None:
            best = of_a_larger_class(asked, route, candidate) or best
        offer_id = candidate.place.offer.offer_id if candidate.place.offer else ""
        if best is None:
            assert candidate.standing > 0
        else:
            run = candidate.run
            assert (run.model.repo, run.weights.scheme, offer_id) == best


OFFERS = sorted(DATA.catalog.offers)


def with_offers(ids: list[str]) -> EngineData:
    def line(offer: OfferItem) -> str:
        return row(
            offer.offer_id, offer.gpu_id, str(offer.usd_per_hour), offer.gpu_count, offer.as_of
        )

    return market(*(line(DATA.catalog.offers[i]) for i in ids))


@UNHURRIED
@given(
    any_card(available_route="rented_gpu", public_endpoint=False, price_seen=None),
    st.lists(st.sampled_from(OFFERS), min_size=1, max_size=6, unique=True),
    st.sampled_from(OFFERS),
)
def test_one_more_offer_never_makes_the_plan_worse(
    made: ConstraintCard, ids: list[str], more: str
) -> None:
    if more in ids:
        return
    before = decide(made, with_offers(ids))
    after = decide(made, with_offers([*ids, more]))
    if not before.runtime_commands or in_the_way(before):
        return
    assert in_the_way(after) == []
    assert _place_in_order(after) <= _place_in_order(before)


def _place_in_order(decision: DecisionCard) -> tuple[object, ...]:
    model_, offer, fit = decision.model, decision.offer, decision.fit
    assert model_ is not None
    assert offer is not None
    assert fit is not None
    assert decision.model_family is not None
    order = [f.id for f in RULES.families.on(Route.rented_gpu)]
    schemes = list(RULES.runtimes.runtimes["vllm"].schemes)
    return (
        order.index(decision.model_family.family_id),
        fit.verdict is not FitVerdict.fits,
        model_.gated is True,
        -model_.params_total,
        model_.repo,
        schemes.index(model_.scheme),
        offer.hourly * (Decimal("1.5") if offer.gpu_count > 1 else 1),
        offer.gpu_count > 1,
        offer.offer_id,
    )
