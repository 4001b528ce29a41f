"""The sums of a digest: however they are split, they come to the same, to the last digit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.costs import NOTHING, Accrual, Spent, spent
from bot.domain.digest import Share, summary
from bot.domain.digest_facts import DigestFacts, EvidenceFacts, ProvenStop, RunFacts, reach
from bot.domain.digest_series import drawn_series, series
from bot.domain.digest_sums import sums_of
from bot.domain.digest_week import Span, Week
from bot.domain.fleet import Billing
from bot.domain.gpu_parts import StopReason
from bot.domain.ids import ChannelId, ExperimentId, GpuId, UserId
from tests.cards.digesting import (
    BURNT,
    EC2,
    MONDAY,
    STOPPED,
    WEEK,
    at,
    busy,
    crowd,
    daily,
    facts,
    quiet,
    ran,
    run,
    unpriced,
)
from tests.domain.test_digest_week import ZONES

HOUR = timedelta(hours=1)

prices = st.one_of(
    st.none(), st.decimals(Decimal("0.000001"), Decimal(1000), places=6, allow_nan=False)
)
moments = st.integers(0, 40 * 86400).map(
    lambda s: datetime(2026, 10, 1, tzinfo=UTC) + s * HOUR / 3600
)


@st.composite
def known_runs(draw: st.DrawFn) -> tuple[RunFacts, ...]:
    """Runs of some people, experiments and places, with stretches that follow one another."""
    found = []
    for n in range(draw(st.integers(0, 4))):
        of = run(
            n + 1,
            owner=draw(st.sampled_from([None, UserId("U1"), UserId("U2")])),
            experiment=draw(st.sampled_from([None, ExperimentId(1), ExperimentId(2)])),
            gpu=draw(st.sampled_from([None, "H100", "A10G"])),
            channel=draw(st.sampled_from([None, ChannelId("C1"), ChannelId("C2")])),
        )
        times = sorted(draw(st.lists(moments, min_size=2, max_size=6, unique=True)))
        accruals = tuple(
            Accrual(
                of.id, 1, draw(st.sampled_from([Billing.COMPUTE, Billing.STORAGE])), draw(prices),
                None, start, end,
            )
            for start, end in zip(times[::2], times[1::2], strict=False)
        )  # fmt: skip
        spans = draw(st.lists(st.tuples(moments, st.integers(1, 400)), max_size=3))
        planless = tuple(Span(start, start + long * HOUR) for start, long in spans)
        found.append(RunFacts(of, accruals, unattended=planless))
    return tuple(found)


def known(zone: str, number: int, runs: tuple[RunFacts, ...]) -> DigestFacts:
    week = Week(2026, number, zone)
    return facts(*runs, week=week, now=week.end + 9 * HOUR)


def together(parts: Sequence[Share[object]]) -> Spent:
    return sum((p.spent for p in parts), NOTHING)


@given(known_runs(), st.sampled_from(ZONES), st.integers(41, 44))
def test_days_and_every_split_add_up_to_the_total(
    runs: tuple[RunFacts, ...], zone: str, number: int
) -> None:
    digest = summary(known(zone, number, runs))
    total = digest.total
    money = (total.compute, total.storage, total.unpriced)
    days = sum((day for _, day in digest.days), NOTHING)
    assert (days.compute, days.storage, days.unpriced) == money
    splits: list[Sequence[Share[object]]] = [
        digest.experiments, digest.people, digest.sellers, digest.gpus, digest.channels,
    ]  # fmt: skip
    for parts in splits:
        assert together(parts) == total if parts else total == NOTHING
        assert sum((p.time for p in parts), timedelta(0)) == digest.time
        for part in parts:
            assert sum((day.known for day in part.days), Decimal(0)) == part.spent.known
        drawn = series(parts)
        assert sum((s.spent.known for s in drawn), Decimal(0)) == total.known


@given(known_runs(), st.sampled_from(ZONES), st.integers(41, 44), st.integers(0, 4))
def test_parts_of_the_runs_add_up_to_the_whole(
    runs: tuple[RunFacts, ...], zone: str, number: int, cut: int
) -> None:
    of = known(zone, number, runs)
    whole = summary(of)
    parts = [sums_of(of.week, of.now, of.since, some) for some in (runs[:cut], runs[cut:])]
    for added in (summary(of, parts[0] + parts[1]), summary(of, parts[1] + parts[0])):
        assert (added.total, added.before, added.days) == (whole.total, whole.before, whole.days)
        assert [_sums(p) for p in added.people] == [_sums(p) for p in whole.people]
        assert added.unattended == whole.unattended
        assert abs(added.month.forecast - whole.month.forecast) < Decimal("1e-18")


def _sums(part: Share[UserId | None]) -> tuple[object, ...]:
    """All of a part but its pieces, which stand in the order they were added in."""
    return part.of, part.spent, part.time, part.runs, part.days


def test_thirds_of_a_cent_add_up_as_well() -> None:
    """Amounts without an end: each is cut once, so that their order does not matter."""
    runs = [
        daily(run(n, owner=UserId(f"U{n % 7}")), {16: n / 3600, 19: 1}, f"{n**3}.000007")
        for n in range(1, 90)
    ]
    digest = summary(facts(*runs))
    assert together(digest.people) == digest.total
    assert sum((day for _, day in digest.days), NOTHING).compute == digest.total.compute


@given(known_runs(), st.sampled_from(ZONES), st.integers(41, 43))
def test_two_weeks_next_to_each_other_share_nothing_and_leave_nothing_out(
    runs: tuple[RunFacts, ...], zone: str, number: int
) -> None:
    one, two = (summary(known(zone, n, runs)) for n in (number, number + 1))
    assert two.before == one.total
    assert two.change == two.total.known - one.total.known
    accruals = [a for r in runs for a in r.accruals]
    both = spent(accruals, two.facts.week.end, one.facts.week.start)
    assert one.total.unpriced + two.total.unpriced == both.unpriced
    difference = abs(one.total.known + two.total.known - both.known)
    assert difference <= Decimal("1e-9") * (len(one.cells) + len(two.cells))


@given(known_runs(), st.sampled_from(ZONES))
def test_waste_is_a_part_of_what_was_spent(runs: tuple[RunFacts, ...], zone: str) -> None:
    digest = summary(known(zone, 42, runs))
    assert digest.wasted <= digest.total.compute + Decimal("1e-9") * len(digest.cells)
    assert digest.wasted_time <= digest.time


def test_what_lies_outside_the_reach_changes_nothing() -> None:
    span = reach(WEEK, MONDAY)
    assert span.end is not None
    other = replace(BURNT, id=GpuId(99))
    outside = (
        ran(other, span.start - 9 * HOUR, span.start),
        ran(other, span.end, span.end + HOUR),
    )
    assert replace(summary(busy(runs=(*busy().runs, RunFacts(other, outside)))), facts=busy()) == (
        summary(busy())
    )


def test_a_machine_that_is_none_of_ours_is_not_counted_and_a_merged_one_once() -> None:
    theirs = daily(replace(EC2, disowned=True, owner=None), {16: 9})
    twin = daily(replace(EC2, id=GpuId(8), merged_into=GpuId(3)), {16: 9})
    assert summary(facts(theirs, twin, daily(EC2, {17: 1}, "2"))).total.known == 2


def test_what_has_no_price_is_listed_with_its_hours_and_is_in_no_sum() -> None:
    digest = summary(unpriced())
    assert digest.total == Spent(
        Decimal("5.52"), unpriced=timedelta(hours=31, minutes=2, seconds=24), unpriced_runs=2
    )
    assert [(u.run.label, u.time, u.storage) for u in digest.unpriced] == [
        ("mystery", 31 * HOUR, False),
        ("mystery-2", timedelta(minutes=2, seconds=24), False),
    ]
    disk = RunFacts(STOPPED, (ran(STOPPED, at(16), at(17), None, Billing.STORAGE),))
    found = summary(facts(disk))
    assert [(u.time, u.storage) for u in found.unpriced] == [(24 * HOUR, True)]
    assert found.total == NOTHING


def test_a_week_that_is_not_known_whole_is_no_comparison() -> None:
    first, second = summary(busy(since=at(12))), summary(busy(since=at(9)))
    assert first.facts.first
    assert (first.before, first.change, first.change_percent, first.usual) == (None,) * 4
    assert not second.facts.first
    assert second.before is not None
    assert second.usual is None


def test_what_is_usual_is_the_mean_of_the_four_weeks_before() -> None:
    october = [datetime(2026, 10, day, 8, tzinfo=UTC) for day in (18, 20)]
    early = RunFacts(BURNT, tuple(ran(BURNT, d, d + 5 * HOUR, "4") for d in october))
    months = facts(daily(EC2, {1: 9, 4: 1, 10: 2, 17: 9}, "2"), early, since=WEEK.back(4).start)
    assert summary(months).usual == (20 + 18 + 2 + 4) / Decimal(4)


def test_against_a_week_that_cost_nothing_there_is_no_per_cent() -> None:
    digest = summary(facts(daily(EC2, {17: 1}, "2")))
    assert (digest.change, digest.change_percent) == (Decimal(2), None)
    assert summary(quiet()).change_percent == -100


def test_unattended_is_price_times_the_time_in_which_nothing_was_going_to_end_it() -> None:
    twice_told = (Span(at(22, 20)), Span(at(22, 22), at(24)))
    spans = (Span(at(13, 9), at(16, 10)), Span(at(17, 9), at(17, 11)), *twice_told)
    twice = RunFacts(
        BURNT,
        (
            ran(BURNT, at(16, 8), at(16, 12), "2"),
            ran(BURNT, at(17, 8), at(17, 10), None),
            ran(BURNT, at(22, 20), at(22, 23), "9", Billing.STORAGE),
            ran(BURNT, at(22, 23), None, "4"),
        ),
        unattended=spans,
    )
    (found,) = summary(facts(twice)).unattended
    assert (found.usd, found.time, found.unpriced) == (Decimal(8), 4 * HOUR, HOUR)


FRIDAY, SATURDAY = at(20, 18), at(21, 11)


@pytest.mark.parametrize(
    ("stop", "zone", "again", "hours"),
    [
        (at(17, 20), "", None, 13),
        (at(17, 8), "", None, 1),
        (FRIDAY, "", None, 63),  # to Monday
        (SATURDAY, "", None, 46),
        (at(17, 20), "America/New_York", None, 19),  # nine o'clock where its owner works
        (FRIDAY, "", at(20, 22), 4),  # started again
    ],
)
def test_saved_runs_to_the_next_working_morning_of_the_owner(
    stop: datetime, zone: str, again: datetime | None, hours: int
) -> None:
    ran_ = [ran(EC2, stop - 2 * HOUR, stop, "3")]
    ran_ += [ran(EC2, again, None, "5")] if again else []
    kept = RunFacts(EC2, tuple(ran_), stop=ProvenStop(stop, StopReason.PERSON), zone=zone)
    (found,) = summary(facts(kept)).saved
    assert (found.usd, found.until - found.at) == (Decimal(3 * hours), hours * HOUR)


def test_nothing_is_saved_by_what_ended_in_another_week_or_never_ran() -> None:
    ended = ProvenStop(at(15, 20), StopReason.DEADLINE)
    before = RunFacts(EC2, (ran(EC2, at(15, 9), at(15, 20)),), stop=ended)
    never = RunFacts(EC2, (), stop=ProvenStop(at(17, 20), StopReason.DEADLINE))
    assert summary(facts(before, never)).saved == ()
    lost = RunFacts(
        EC2,
        (ran(EC2, at(17, 9), at(17, 20), None),),
        stop=ProvenStop(at(17, 20), StopReason.BUDGET),
    )
    digest = summary(facts(lost))
    assert [s.usd for s in digest.saved] == [None]
    assert digest.kept == 0


def test_a_week_that_runs_counts_to_now() -> None:
    running = summary(facts(RunFacts(BURNT, (ran(BURNT, at(16), None, "1"),)), now=at(17, 12)))
    assert running.is_running
    assert running.total.known == 36


def test_the_rest_has_the_last_letter() -> None:
    drawn = drawn_series(summary(crowd()))
    assert [s.letter for s in drawn] == list("ABCDEF")
    assert [s.parts for s in drawn] == [1, 1, 1, 1, 1, 495]
    assert sum((s.spent.known for s in drawn), Decimal(0)) == summary(crowd()).total.known


def test_a_workspace_is_drawn_by_channel() -> None:
    places = [ChannelId("C1"), ChannelId("C2"), None]
    runs = [daily(run(n, channel=place), {16: n}, "1") for n, place in enumerate(places, 1)]
    assert [s.of for s in drawn_series(summary(facts(*runs, channel=None)))] == places[::-1]


def test_quiet_is_a_week_in_which_nothing_happened() -> None:
    owed = quiet(evidence=(EvidenceFacts(ExperimentId(12), overdue=3),))
    for nothing in (facts(), quiet(), owed):
        assert summary(nothing).is_quiet
    for something in (
        quiet(evidence=busy().evidence),
        quiet(decided=busy().decided),
        facts(RunFacts(STOPPED, (ran(STOPPED, at(16), at(17), None, Billing.STORAGE),))),
    ):
        assert not summary(something).is_quiet
