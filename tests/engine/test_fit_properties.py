"""What holds for every model, format, runtime and load that can be sized."""

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from engine.contract import Architecture, Attention, FitVerdict, KvDtype, Phase
from engine.memory.fit import MOST_REQUESTS, MOST_TOKENS, Load, Sized, sized, verdict
from engine.memory.schemes import SCHEMES, least_weight_bytes, weight_bytes
from engine.runtimes import MemoryHabits
from tests.engine.shapes import any_shape


class Case(NamedTuple):
    """A model that has a size, and a load."""

    model: Sized
    load: Load


HABITS = st.builds(
    MemoryHabits,
    chunk_tokens=st.sampled_from([None, 512, 2048]),
    share=st.just(Decimal(1)),
    overhead_mib=st.sampled_from([0, 358]),
    window=st.sampled_from(["honoured", "reserved"]),
    split=st.sampled_from(["tensor", "layers"]),
    calibrated=st.booleans(),
)
LOADS = st.builds(
    Load,
    context=st.integers(1, 2_000_000),
    concurrency=st.integers(1, 64),
    kv_dtype=st.sampled_from(KvDtype),
    prefill=st.none() | st.integers(1, 2_000_000),
    chunk=st.none() | st.integers(1, 100_000),
    phase=st.sampled_from(Phase),
    training=st.booleans(),
)
CASES = st.builds(
    lambda made, scheme, habits, gpus, load: (sized(made, scheme, habits, gpus), load),
    any_shape(),
    st.sampled_from(SCHEMES),
    HABITS,
    st.sampled_from([1, 2, 3, 8, 64]),
    LOADS,
)
SIZED = CASES.filter(lambda case: case[0] is not None).map(lambda case: Case(*case))  # type: ignore[arg-type]  # the filter leaves sized ones only
CAPACITY = st.integers(0, 2 * 10**12)


@given(CASES)
def test_what_is_sized_at_all(case: tuple[Sized | None, Load]) -> None:
    model, load = case
    if model is not None:
        assert all(isinstance(part, int) and part >= 0 for part in model.need(load))


@given(SIZED)
def test_low_is_below_expected_and_expected_below_high(case: Case) -> None:
    need = case.model.need(case.load)
    assert 0 < need.low <= need.expected < need.high


@given(SIZED)
def test_the_parts_are_what_is_expected_and_training_is_never_taken_for_measured(
    case: Case,
) -> None:
    """Training is a rule of thumb: 15 per cent and a GiB on top, whatever the model is."""
    need, load = case.model.need(case.load), case.load
    parts = need.weights + need.kv + need.activation + need.runtime + need.training
    assert parts == need.expected
    assert case.model.measured(load) is (case.model.calibrated and not load.training)
    if load.training:
        assert need.expected >= case.model.training.qlora
        assert need.high == -(-need.expected * 115 // 100) + 2**30
    else:
        assert need.training == 0


@given(SIZED, st.sampled_from(["context", "concurrency", "prefill"]), st.integers(1, 10**6))
def test_asking_for_more_never_needs_less(case: Case, field: str, more: int) -> None:
    now = getattr(case.load, field)
    if now is None:
        now = case.load.context
    before = _but(case.load, field, now)
    after = _but(case.load, field, now + more)
    less, greater = case.model.need(before), case.model.need(after)
    assert less.training >= greater.training, "running takes more, so training takes less on top"
    needs = less._replace(training=0), greater._replace(training=0)
    assert all(a <= b for a, b in zip(*needs, strict=True))


@given(SIZED, CAPACITY, CAPACITY)
def test_more_memory_never_turns_a_fit_into_none(case: Case, some: int, more: int) -> None:
    order = [FitVerdict.does_not_fit, FitVerdict.tight, FitVerdict.fits]
    need = case.model.need(case.load)
    small, large = verdict(need, min(some, more)), verdict(need, max(some, more))
    assert order.index(small) <= order.index(large)
    assert FitVerdict.unknown not in {small, large}


@given(SIZED, CAPACITY)
def test_the_largest_context_is_exactly_the_largest(case: Case, capacity: int) -> None:
    found = case.model.most_context(case.load, capacity)
    _is_the_largest(case, "context", found, MOST_TOKENS, capacity)


@given(SIZED, CAPACITY)
def test_the_most_requests_are_exactly_the_most(case: Case, capacity: int) -> None:
    found = case.model.most_requests(case.load, capacity)
    _is_the_largest(case, "concurrency", found, MOST_REQUESTS, capacity)


@given(any_shape(), st.sampled_from(SCHEMES), HABITS, st.integers(1, 64))
def test_what_is_unknown_is_never_sized(
    made: Architecture, scheme: str, habits: MemoryHabits, gpus: int
) -> None:
    unknown = made.model_copy(update={"attention": Attention.unknown})
    assert sized(unknown, scheme, habits, gpus) is None


@given(any_shape(), st.sampled_from(SCHEMES))
def test_the_least_weights_are_never_above_the_expected(made: Architecture, scheme: str) -> None:
    found, least = weight_bytes(made, scheme), least_weight_bytes(made, scheme)
    assert (found is None) == (least is None)
    if found is not None and least is not None:
        assert 0 < least <= found


def _but(load: Load, field: str, value: int) -> Load:
    return replace(load, **{field: value})  # type: ignore[arg-type]  # one of the whole numbers


def _is_the_largest(case: Case, field: str, found: int, most: int, capacity: int) -> None:
    def high(value: int) -> int:
        return case.model.need(_but(case.load, field, value)).high

    assert 0 <= found <= most
    assert found == 0 or high(found) <= capacity
    assert found == most or high(found + 1) > capacity
