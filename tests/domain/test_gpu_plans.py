"""The shutdown plan in force, from what provider, orchestrator, people and a guard say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.fleet import Grade, PlanReading
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Deadline, DeadlineKind
from bot.domain.reconcile import updated
from bot.domain.shutdown import Enforcer, plan_of
from tests.storage.given import AT
from tests.storage.gpus import instance, run

HOUR = timedelta(hours=1)
SET = Deadline(AT + HOUR, DeadlineKind.PERSON, AT)


def read(grade: Grade, hours: float | None = None) -> GpuRun:
    at = AT + hours * HOUR if hours is not None else None
    return run(reading=PlanReading(grade, at, "x"))


@pytest.mark.parametrize(
    ("found", "grade"),
    [
        (run(), Grade.NONE),
        (read(Grade.UNKNOWN), Grade.UNKNOWN),
        (read(Grade.DECLARED, 1), Grade.DECLARED),
        (read(Grade.DECLARED, -1), Grade.NONE),
        (read(Grade.CONDITIONAL), Grade.CONDITIONAL),
        (read(Grade.ENFORCED, 1), Grade.ENFORCED),
        (run(deadline=SET), Grade.ENFORCED),
        (run(deadline=SET, may_stop=False), Grade.DECLARED),
        (run(deadline=SET, locked=True), Grade.DECLARED),
        (run(deadline=SET, endings=frozenset()), Grade.DECLARED),
        (run(deadline=replace(SET, at=AT - HOUR), may_stop=False), Grade.NONE),
        (replace(read(Grade.UNKNOWN), deadline=SET), Grade.ENFORCED),
    ],
)
def test_the_surest_plan_counts_and_a_promise_that_passed_is_none(
    found: GpuRun, grade: Grade
) -> None:
    assert plan_of(found, AT, hold=False).grade is grade


def test_under_hold_owroute_only_promises() -> None:
    plan = plan_of(run(deadline=SET), AT, hold=True)
    assert (plan.grade, plan.by) == (Grade.DECLARED, Enforcer.PERSON)


def test_what_a_provider_holds_is_unknown_while_it_cannot_be_read() -> None:
    assert plan_of(run(), AT, hold=False, trouble=True).grade is Grade.UNKNOWN
    assert plan_of(run(deadline=SET), AT, hold=False, trouble=True).grade is Grade.ENFORCED


def test_use_is_looked_at_every_ten_minutes_and_six_idle_looks_make_a_spell() -> None:
    found, now = run(), AT
    for n in range(7):
        now = AT + n * timedelta(minutes=10)
        found = updated(found, instance(gpu_util=(0,), gpu_mem=(0,)), now)
        again = updated(found, instance(gpu_util=(90,), gpu_mem=(9,)), now + timedelta(minutes=2))
        assert again == found, "between two looks nothing is counted"
    assert found.idle is not None
    assert found.idle.is_spell
    busy = updated(found, instance(gpu_util=(90,), gpu_mem=(50,)), now + HOUR)
    assert (busy.idle, busy.gpu_util) == (None, (90,))
