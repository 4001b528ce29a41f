"""What waits for whom on Home, how its lists are turned, and when a change is drawn."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun, RunState
from bot.domain.home import (
    APART,
    GPUS,
    MERGED,
    NEEDS,
    SETTLES,
    Asks,
    Kind,
    Page,
    gpu_asks,
    in_order,
    page_of,
    seen_of_run,
    slot_end,
    slots,
)
from bot.domain.ids import ExperimentId, UserId
from bot.domain.plans import State
from bot.domain.shutdown import NO_PLAN, ShutdownPlan
from tests.cards.gpuing import ADA, GRACE, HOUR, LIN, NOW, POD, stopping

PROPOSED = ShutdownPlan(Grade.ENFORCED, NOW + HOUR, proposed=True)
PLANNED = ShutdownPlan(Grade.ENFORCED, NOW + HOUR)
NOBODYS = replace(POD, owner=None, claim=None)


def asked(run: GpuRun, user: UserId, plan: ShutdownPlan = NO_PLAN) -> Kind | None:
    """What a run wants of somebody where Lin leads and Grace is an admin."""
    lead = LIN if user == LIN else None
    return gpu_asks(run, plan, user, lead, (GRACE,) if user == GRACE else (), NOW)


@pytest.mark.parametrize(
    ("pings", "lead", "admin"),
    [(0, None, None), (1, None, None), (2, Kind.LEAD_GPU, None), (4, Kind.LEAD_GPU, Kind.LEAD_GPU)],
)
def test_the_owner_is_asked_first_and_others_as_pings_go_to_them(
    pings: int, lead: Kind | None, admin: Kind | None
) -> None:
    run = replace(POD, pings=pings)
    assert asked(run, ADA) is Kind.PLANLESS
    assert asked(run, LIN) is lead
    assert asked(run, GRACE) is admin


def test_a_snooze_is_quiet_here_as_well() -> None:
    assert asked(replace(POD, snoozed_until=NOW + HOUR), ADA) is None
    assert asked(replace(POD, snoozed_until=NOW - HOUR), ADA) is Kind.PLANLESS


def test_what_nobody_owns_is_the_admins() -> None:
    assert asked(replace(NOBODYS, pings=1), GRACE) is Kind.LEAD_GPU
    assert asked(NOBODYS, ADA) is None


def test_what_has_a_plan_wants_nothing_save_a_word_on_a_default_stop() -> None:
    assert asked(POD, ADA, PLANNED) is None
    assert asked(POD, ADA, PROPOSED) is Kind.PROPOSED
    assert asked(POD, LIN, PROPOSED) is Kind.PROPOSED
    assert asked(POD, GRACE, PROPOSED) is None
    assert asked(stopping(POD), ADA) is None
    assert asked(replace(POD, state=RunState.ENDED), ADA) is None


def test_what_presses_most_stands_first() -> None:
    first, second, third, fourth = (ExperimentId(n) for n in range(1, 5))
    asks = [
        Asks(fourth, State.COMPLETE, 0, 0),
        Asks(third, State.RUNNING, 0, 2),
        Asks(second, State.RUNNING, 1, 5),
        Asks(first, State.RUNNING, 0, 1),
    ]
    assert [a.experiment for a in in_order(asks)] == [second, third, first, fourth]
    assert [a.kind for a in in_order(asks)] == [
        Kind.ACCEPT, Kind.ATTACH, Kind.ATTACH, Kind.DECIDE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("total", "wanted", "shown", "number"),
    [
        (0, 0, (), 0),
        (3, 0, (0, 1, 2), 0),
        (6, 1, (0, 1, 2, 3, 4, 5), 0),
        (7, 1, (6,), 1),
        (13, 99, (12,), 2),
        (13, -1, (0, 1, 2, 3, 4, 5), 0),
    ],
)
def test_a_page_that_is_gone_is_the_last_one(
    total: int, wanted: int, shown: tuple[int, ...], number: int
) -> None:
    page: Page[int] = page_of(range(total), wanted, NEEDS)
    assert (tuple(page.shown), page.number, page.total) == (shown, number, total)
    assert GPUS == NEEDS


def test_a_slot_ends_before_its_change_is_drawn() -> None:
    at = datetime(2026, 11, 23, 9, 0, 9, 999_999, tzinfo=UTC)
    end = datetime(2026, 11, 23, 9, 0, 10, tzinfo=UTC)
    assert slot_end(at) == slot_end(at - timedelta(seconds=9)) == end
    assert slot_end(at + timedelta(microseconds=1)) == end + MERGED
    assert slots([(ADA, True), (LIN, True)], at, everyone=False) == [
        (ADA, end, end + SETTLES),
        (LIN, end, end + SETTLES),
    ]


@pytest.mark.parametrize("many", [1, 59, 61, 700])
def test_whom_everything_concerns_is_drawn_for_at_most_once_a_second(many: int) -> None:
    """However many they are and however often something changes."""
    at, admins = datetime(2026, 11, 23, 9, tzinfo=UTC), [UserId(f"U{n}") for n in range(many)]
    rows = {
        (user, end): when
        for seconds in range(0, 3600, 5)
        for user, end, when in slots(
            [(user, False) for user in admins], at + timedelta(seconds=seconds), everyone=False
        )
    }
    assert {user for user, _ in rows} == set(admins)
    assert len(set(rows.values())) == len(rows), "no two at once"
    assert all(when >= end + SETTLES for (_, end), when in rows.items())
    assert len(rows) <= 3600 + many


def test_a_hold_reaches_the_first_within_a_slot_and_its_own_at_once() -> None:
    at = datetime(2026, 11, 23, 9, 0, 59, tzinfo=UTC)
    minute = datetime(2026, 11, 23, 9, 1, tzinfo=UTC) + SETTLES
    many = [(UserId(f"U{n:03}"), n == 1) for n in range(300)]
    found = [when for _, _, when in slots(many, at, everyone=True)]
    assert found[:3] == [minute, minute, minute + APART]
    assert found[-1] == minute + 298 * APART


def test_a_look_at_a_machine_that_finds_nothing_new_changes_no_home() -> None:
    seen = POD.changed(NOW + HOUR, last_seen=NOW + HOUR)
    assert seen_of_run(seen) == seen_of_run(POD)
    for change in ({"owner": LIN}, {"pings": 3}, {"price_per_hour": None}, {"name": "x"}):
        assert seen_of_run(replace(POD, **change)) != seen_of_run(POD)
