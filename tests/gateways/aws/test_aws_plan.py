"""Shutdown plans at AWS: how sure each is, and when it acts."""

from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from bot.clock import SystemClock
from bot.domain.fleet import Grade, PlanReading
from gateways.fleet.aws_schedule import Schedule, Unreadable, next_time
from tests.gateways.aws.conftest import Cloud
from tests.gateways.aws.moto import US

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # a Monday


class Still(SystemClock):
    @override
    def now(self) -> datetime:
        return NOW


async def plans(cloud: Cloud) -> dict[str, PlanReading]:
    async with cloud.watched(Still()) as fleet:
        listed = {one.scope.region: one for one in await fleet.listings()}[US]
    assert listed.complete
    return {i.machine.instance_id: i.plan for i in listed.instances}


async def test_each_kind_of_plan_has_its_grade(cloud: Cloud) -> None:
    [stopped, ended, fired, off, strange] = cloud.start(n=5)
    [alarmed, silent] = cloud.start(n=2)
    [cared] = cloud.start(tags={"Schedule": "office-hours"})
    [promised] = cloud.start(tags={"owroute:shutdown-at": "2026-11-23T20:00:00+01:00"})
    [mumbled] = cloud.start(tags={"owroute:shutdown-at": "tonight"})
    [bare] = cloud.start()
    cloud.schedule("at(2026-11-24T00:00:00)", stopped, ScheduleExpressionTimezone="Europe/Berlin")
    cloud.schedule("cron(0 20 * * ? *)", ended, act="terminate")
    cloud.schedule("at(2026-11-23T15:00:00)", fired)
    cloud.schedule("at(2026-11-24T00:00:00)", off, State="DISABLED")
    cloud.schedule("cron(0 20 L * ? *)", strange)
    cloud.alarm(alarmed)
    cloud.alarm(silent, ActionsEnabled=False)
    assert await plans(cloud) == {
        stopped: PlanReading(
            Grade.ENFORCED, datetime(2026, 11, 23, 23, tzinfo=UTC), "aws.schedule"
        ),
        ended: PlanReading(Grade.ENFORCED, datetime(2026, 11, 23, 20, tzinfo=UTC), "aws.schedule"),
        fired: PlanReading(),
        off: PlanReading(),
        strange: PlanReading(Grade.CONDITIONAL, reason="aws.schedule_unreadable"),
        alarmed: PlanReading(Grade.CONDITIONAL, reason="aws.alarm"),
        silent: PlanReading(),
        cared: PlanReading(Grade.CONDITIONAL, reason="aws.scheduler_tag"),
        promised: PlanReading(Grade.DECLARED, datetime(2026, 11, 23, 19, tzinfo=UTC), "aws.tag"),
        mumbled: PlanReading(reason="aws.tag_unreadable"),
        bare: PlanReading(),
    }


async def test_the_surest_plan_counts_and_of_equals_the_first(cloud: Cloud) -> None:
    [here] = cloud.start(tags={"owroute:shutdown-at": "2026-11-23T16:00:00Z", "maid_status": "x"})
    cloud.alarm(here)
    cloud.schedule("at(2026-11-25T00:00:00)", here)
    cloud.schedule("at(2026-11-24T00:00:00)", here, act="terminate")
    plan = (await plans(cloud))[here]
    assert (plan.grade, plan.stops_at) == (Grade.ENFORCED, datetime(2026, 11, 24, tzinfo=UTC))


async def test_plans_are_read_only_where_a_gpu_runs_and_schedules_once(cloud: Cloud) -> None:
    cloud.start("t3.micro")
    async with cloud.watched() as fleet:
        await fleet.listings()
        assert cloud.door.count("schedules") == 0
        [here] = cloud.start()
        cloud.schedule("rate(1 day)", here)
        for _ in range(3):
            await fleet.listings()
    assert {c.region for c in cloud.door.calls if c.service == "scheduler"} == {US}
    assert cloud.door.count("schedules") == 3 + 1, "three lists, and the schedule itself once"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("at(2026-11-24T00:00:00)", "2026-11-24 00:00"),
        ("at(2026-11-23T15:30:00)", None),
        ("rate(1 day)", "2026-11-24 09:00"),
        ("rate(4 hours)", "2026-11-23 17:00"),
        ("rate(5 minutes)", "2026-11-23 15:35"),
        ("cron(0 20 * * ? *)", "2026-11-23 20:00"),
        ("cron(30 15 * * ? *)", "2026-11-24 15:30"),
        ("cron(0/20 * ? * MON-FRI *)", "2026-11-23 15:40"),
        ("cron(0 8,20 ? * 2 *)", "2026-11-23 20:00"),
        ("cron(15 10 ? * SUN,SAT *)", "2026-11-28 10:15"),
        ("cron(0 0 1 1 ? *)", "2027-01-01 00:00"),
        ("cron(0 0 1 JAN-MAR ? 2027)", "2027-01-01 00:00"),
        ("cron(0 0 1 1 ? 2020)", None),
        ("cron(0 0 31 2 ? *)", None),
    ],
)
def test_a_schedule_has_a_next_time(expression: str, expected: str | None) -> None:
    began = datetime(2026, 11, 1, 9, tzinfo=UTC)
    at = next_time(Schedule(expression, since=began), NOW)
    assert (f"{at:%Y-%m-%d %H:%M}" if at else None) == expected


def test_a_schedule_keeps_its_zone_its_beginning_and_its_end() -> None:
    evening = "cron(0 20 * * ? *)"
    berlin = Schedule(evening, "Europe/Berlin")
    assert next_time(berlin, NOW) == datetime(2026, 11, 23, 19, tzinfo=UTC)
    later = datetime(2026, 12, 1, tzinfo=UTC)
    assert next_time(Schedule(evening, since=later), NOW) == later + timedelta(hours=20)
    assert next_time(Schedule("rate(1 day)", since=later, made=NOW), NOW) == later
    assert next_time(Schedule("rate(1 hour)", made=NOW), NOW) == NOW + timedelta(hours=1)
    assert next_time(Schedule(evening, until=NOW + timedelta(hours=1)), NOW) is None


@pytest.mark.parametrize(
    "expression",
    [
        "", "tonight", "at(tonight)", "at()", "rate(1 fortnight)", "rate(0 days)", "rate(1 day)",
        "cron(0 20 * * ?)", "cron(0 20 L * ? *)", "cron(0 20 ? * 3#1 *)", "cron(0 20 15W * ? *)",
        "cron(99 20 * * ? *)", "cron(5-1 20 * * ? *)", "cron(x 20 * * ? *)", "cron(0 20 * * ? *",
    ],
)  # fmt: skip
def test_a_schedule_that_is_not_understood_says_so(expression: str) -> None:
    with pytest.raises(Unreadable):
        next_time(Schedule(expression), NOW)
    with pytest.raises(Unreadable):
        next_time(Schedule("at(2026-11-24T00:00:00)", "Mars/Base"), NOW)
