"""The list of GPU runs: who sees which, and the sums below it; snoozes and caps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.budgets import ALL_TIME, Limit
from bot.domain.costs import NOTHING, Spent
from bot.domain.fleet import Billing, Grade, Machine, Provider
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_list import Asked, totals
from bot.domain.ids import ChannelId, GpuId, TeamId, UserId
from bot.domain.shutdown import NO_PLAN, Enforcer, ShutdownPlan
from bot.domain.steering import Snooze, snoozed_until
from bot.domain.watch import Budget, BudgetScope

NOW = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEAM, ADA, LIN = TeamId("T1"), UserId("U1"), UserId("U2")
HERE, THERE = ChannelId("C1"), ChannelId("C2")
POD = GpuRun(
    GpuId(1), TEAM, Machine(Provider.RUNPOD, "default", "pod-1"), 1, RunState.RUNNING,
    Billing.COMPUTE, NOW, NOW, NOW, NOW, owner=ADA, channel=HERE, price_per_hour=Decimal(2),
)  # fmt: skip
UNTIL = NOW + 10 * HOUR
STOPS = ShutdownPlan(Grade.ENFORCED, NOW + 3 * HOUR, Enforcer.OWROUTE)
PROMISED = ShutdownPlan(Grade.DECLARED, NOW + 3 * HOUR, Enforcer.PERSON)
FOUR = Spent(compute=Decimal(4))


def test_words_narrow_and_all_widens_in_any_order() -> None:
    assert Asked.read("") == Asked()
    assert Asked.read(" ALL ") == Asked(everything=True)
    assert Asked.read("RunPod all  H100") == Asked(everything=True, words=("runpod", "h100"))
    assert Asked.read("all <@U0ADA1|ada>") == Asked(everything=True, words=("u0ada1",))


@pytest.mark.parametrize(
    ("text", "who", "place", "wanted"),
    [
        ("", ADA, None, True),
        ("", ADA, THERE, True),  # one's own, everywhere
        ("", LIN, HERE, True),  # of the channel
        ("", LIN, THERE, False),
        ("", LIN, None, False),
        ("all", LIN, THERE, True),
        ("runpod", ADA, None, True),
        ("POD-1 runpod", ADA, None, True),
        ("aws", ADA, None, False),
        ("runpod aws", ADA, None, False),
        ("all aws", ADA, None, False),
    ],
)
def test_a_list_holds_what_was_asked_for(
    text: str, who: UserId, place: ChannelId | None, wanted: bool
) -> None:
    asked = Asked.read(text)
    assert asked.wants(POD, ("RunPod", "pod-1", None), who, place) is wanted


def test_what_is_not_ours_is_on_the_list_of_everything_alone() -> None:
    run = replace(POD, disowned=True)
    assert not Asked().wants(run, (), ADA, HERE)
    assert Asked(everything=True).wants(run, (), ADA, HERE)


def test_sums_name_what_has_no_price_and_end_where_an_end_is_sure() -> None:
    unpriced = replace(POD, price_per_hour=None)
    found = totals(
        [
            (POD, NO_PLAN, FOUR),
            (POD, STOPS, FOUR),
            (POD, PROMISED, FOUR),
            (unpriced, NO_PLAN, Spent(unpriced=HOUR, unpriced_runs=1)),
        ],
        NOW,
        UNTIL,
    )
    assert (found.per_hour, found.unpriced, found.planless) == (Decimal(6), 1, 2)
    assert found.projected == 20 + 6 + 20, "a promise ends nothing for sure"
    assert (found.spent.known, found.spent.is_whole) == (Decimal(12), False)


def test_what_is_off_burns_nothing() -> None:
    stopped = replace(POD, state=RunState.STOPPED, billing=Billing.STORAGE)
    ours_not = replace(POD, disowned=True)
    found = totals([(stopped, NO_PLAN, FOUR), (ours_not, NO_PLAN, NOTHING)], NOW, UNTIL)
    assert not any((found.per_hour, found.projected, found.planless))
    assert found.spent.known == 4


def test_a_stop_time_that_has_passed_projects_nothing_negative() -> None:
    late = ShutdownPlan(Grade.ENFORCED, NOW - HOUR, Enforcer.OWROUTE)
    assert totals([(POD, late, NOTHING)], NOW, UNTIL).projected == 0


@pytest.mark.parametrize(
    ("snooze", "zone", "local"),
    [
        (Snooze.HOUR, "UTC", "2026-11-24 14:30"),
        (Snooze.HOURS, "UTC", "2026-11-24 17:30"),
        (Snooze.MORNING, "UTC", "2026-11-25 09:00"),
        (Snooze.MORNING, "Asia/Shanghai", "2026-11-25 01:00"),
        (Snooze.MORNING, "America/New_York", "2026-11-25 14:00"),
    ],
)
def test_a_snooze_ends_in_the_persons_own_morning(snooze: Snooze, zone: str, local: str) -> None:
    assert f"{snoozed_until(snooze, zone, NOW):%Y-%m-%d %H:%M}" == local


def test_tomorrow_is_tomorrow_also_just_before_midnight_and_across_a_clock_change() -> None:
    late = datetime(2026, 11, 24, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    assert snoozed_until(Snooze.MORNING, "Europe/Berlin", late) == datetime(
        2026, 11, 25, 8, tzinfo=UTC
    )
    spring = datetime(2026, 3, 7, 20, tzinfo=UTC)
    assert snoozed_until(Snooze.MORNING, "America/New_York", spring) == datetime(
        2026, 3, 8, 13, tzinfo=UTC
    )


def cap(most: str, *runs: GpuRun, spent: str = "4") -> Limit:
    budget = Budget(TEAM, BudgetScope.EXPERIMENT, "1", Decimal(most))
    return Limit(budget, ALL_TIME, runs, Spent(compute=Decimal(spent)))


def test_a_cap_lasts_as_long_as_its_runs_burn() -> None:
    assert cap("10", POD).lasts_until(NOW) == NOW + 3 * HOUR
    assert cap("10", POD, POD).lasts_until(NOW) == NOW + 1.5 * HOUR
    assert cap("4", POD).lasts_until(NOW) == NOW
    assert cap("3", POD).lasts_until(NOW) == NOW, "never in the past"
    assert cap("10").lasts_until(NOW) is None
    assert cap("10", replace(POD, price_per_hour=None)).lasts_until(NOW) is None
