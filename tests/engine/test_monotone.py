"""More of one thing never gives less of another: memory, context, budget, hours."""

from decimal import Decimal
from itertools import combinations
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from engine.contract import BudgetLevel, ConstraintCard, DecisionCard, FitVerdict, HardwareSpec
from engine.decide import decide
from tests.engine.cards import DATA, UNHURRIED, any_card, card
from tests.engine.plans import in_the_way

ROOM = (FitVerdict.fits, FitVerdict.tight)


@UNHURRIED
@given(any_card(available_route="local_cpu"), st.integers(1, 256), st.integers(1, 256))
def test_more_memory_never_turns_fits_into_does_not_fit(
    made: ConstraintCard, ram: int, more: int
) -> None:
    def at(gib: int) -> DecisionCard:
        machine = HardwareSpec(ram_gib=Decimal(gib))
        return decide(made.model_copy(update={"hardware": machine}), DATA)

    before, after = at(ram), at(ram + more)
    if before.fit and before.fit.verdict in ROOM:
        assert after.fit is not None
        assert after.fit.verdict in ROOM
        if before.model and after.model and made.model_repo is not None:
            assert not (before.fit.verdict == "fits" and after.fit.verdict == "tight")


LARGER = {"rtx3060": "rtx3090", "l4": "l40s", "t4": "quadro-rtx8000", "v100-16gb": "v100-32gb"}
"""GPUs of the same capability with more memory."""


@UNHURRIED
@given(
    any_card(available_route="private_gpu"),
    st.sampled_from(sorted(LARGER)),
    st.sampled_from([1, 2, 4]),
    st.booleans(),
)
def test_a_larger_gpu_or_twice_as_many_never_turns_fits_into_does_not_fit(
    made: ConstraintCard, gpu: str, count: int, twice: bool
) -> None:
    def on(machine: HardwareSpec) -> DecisionCard:
        return decide(made.model_copy(update={"hardware": machine}), DATA)

    before = on(HardwareSpec(gpu_id=gpu, gpu_count=count))
    more = HardwareSpec(gpu_id=gpu if twice else LARGER[gpu], gpu_count=count * (1 + twice))
    if before.fit and before.fit.verdict in ROOM:
        after = on(more)
        assert after.fit is not None
        assert after.fit.verdict in ROOM


@UNHURRIED
@given(any_card(), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_longer_context_never_needs_less(made: ConstraintCard, tokens: int, more: int) -> None:
    short = decide(made.model_copy(update={"context_tokens": tokens}), DATA)
    long = decide(made.model_copy(update={"context_tokens": tokens + more}), DATA)
    if short.fit is None or long.fit is None or _setup(short) != _setup(long):
        return
    assert short.fit.need_low <= long.fit.need_low
    assert short.fit.need_expected <= long.fit.need_expected
    assert short.fit.need_high <= long.fit.need_high


def _setup(decision: DecisionCard) -> tuple[object, ...]:
    """What the need depends on beside the load."""
    model, offer = decision.model, decision.offer
    return (
        model and (model.repo, model.scheme),
        offer and offer.gpu_count,
        decision.route.route,
        decision.inputs.card.hardware,
    )


@UNHURRIED
@given(any_card(available_route="rented_gpu", price_seen=None), st.data())
def test_a_cheaper_budget_never_yields_a_dearer_plan(
    made: ConstraintCard, data: st.DataObject
) -> None:
    levels = list(BudgetLevel)
    low = data.draw(st.integers(0, len(levels) - 1))
    high = data.draw(st.integers(low, len(levels) - 1))
    never_dearer(made, levels[low], levels[high])


def never_dearer(made: ConstraintCard, low: BudgetLevel, high: BudgetLevel) -> None:
    """Dearer by the hour and by the month; one alone may be, where a cap or a disk decides."""
    cheap = decide(made.model_copy(update={"budget_level": low}), DATA)
    dear = decide(made.model_copy(update={"budget_level": high}), DATA)
    if cheap.cost and dear.cost and "BUDGET_EXCEEDED" not in in_the_way(cheap):
        by_hour = cheap.cost.hourly > dear.cost.hourly
        assert not (by_hour and cheap.cost.monthly > dear.cost.monthly)


PROVIDERS = sorted({offer.provider for offer in DATA.catalog.offers.values()})
CORNERS = st.fixed_dictionaries(
    {
        "needs_service_api": st.booleans(),
        "context_tokens": st.sampled_from([1024, 8192, 16_384, 24_000, 32_768, 40_000, 131_072]),
        "concurrency": st.integers(1, 24),
        "session_hours": st.sampled_from(["1", "2", "8"]),
        "days_per_month": st.sampled_from([1, 4, 22]),
        "max_hourly": st.sampled_from([None, "0.7", "1", "2"]),
        "max_monthly": st.sampled_from([None, None, "15", "100"]),
        "tenancy": st.sampled_from([None, None, "secure"]),
        "region": st.sampled_from([None, None, "us"]),
        "providers_allowed": st.lists(st.sampled_from(PROVIDERS), max_size=3, unique=True),
    }
)
"""Near the edges of memory and of caps, where a larger model can stand on a cheaper machine."""

HOUR: dict[str, Any] = {
    "context_tokens": 16_384, "session_hours": "1", "days_per_month": 4, "max_hourly": "1",
}  # fmt: skip


@UNHURRIED
@example(
    HOUR
    | {
        "needs_service_api": False,
        "concurrency": 12,
        "providers_allowed": ["runpod", "verda", "jarvislabs"],
    }
)
@example(HOUR | {"needs_service_api": True, "providers_allowed": ["runpod"]})
@given(CORNERS)
def test_a_cheaper_budget_is_never_dearer_where_memory_is_scarce(corner: dict[str, Any]) -> None:
    made = card(available_route="rented_gpu", **corner)
    for low, high in combinations(list(BudgetLevel), 2):
        never_dearer(made, low, high)


@UNHURRIED
@given(any_card(available_route="rented_gpu"), st.sampled_from(["max_hourly", "max_monthly"]))
def test_a_lower_cap_never_yields_a_dearer_hour(made: ConstraintCard, cap: str) -> None:
    def at(amount: str) -> DecisionCard:
        return decide(made.model_copy(update={cap: Decimal(amount)}), DATA)

    low, high = at("0.6" if cap == "max_hourly" else "15"), at("3")
    if cap == "max_hourly" and low.cost and high.cost and not in_the_way(low):
        assert low.cost.hourly <= Decimal("0.6")
        assert low.cost.hourly <= high.cost.hourly
    if cap == "max_monthly" and low.cost and "BUDGET_EXCEEDED" not in in_the_way(low):
        assert low.cost.monthly <= 15


@UNHURRIED
@given(any_card(available_route="rented_gpu"), st.integers(1, 23), st.integers(1, 30))
def test_cost_is_monotone_in_hours(made: ConstraintCard, hours: int, days: int) -> None:
    def at(per_day: int, per_month: int) -> DecisionCard:
        asked = {"hours_per_day": Decimal(per_day), "days_per_month": per_month}
        return decide(made.model_copy(update=asked), DATA)

    less, more, longer = at(hours, days), at(hours + 1, days), at(hours, days + 1)
    for other in (more, longer):
        if less.cost and other.cost and less.cost.offer_id == other.cost.offer_id:
            assume(_setup(less) == _setup(other))
            assert less.cost.monthly <= other.cost.monthly
