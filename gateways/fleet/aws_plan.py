"""Shutdown plans that AWS holds: schedules, alarms and tags, each as sure as it is.

`InstanceInitiatedShutdownBehavior` is no plan: somebody has to shut the machine down first.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.fleet import Grade, PlanReading, Problem, strongest
from gateways.fleet.aws_schedule import Schedule, Unreadable, next_time
from gateways.fleet.aws_wire import Row, Wanted

SCHEDULED = ("ec2:stopInstances", "ec2:terminateInstances")
"""The ends of a schedule's target that end machines."""
ALARM_ACTIONS = "arn:aws:automate:"
_ALARMED = (":ec2:stop", ":ec2:terminate")
_SCHEDULER_TAGS = ("Schedule", "maid_status", "custodian_downtime")
"""Of AWS's Instance Scheduler and of Cloud Custodian."""
_TAG = "owroute:shutdown-at"


class _Target(Wanted):
    arn: str
    input: str = "{}"


class Scheduled(Wanted):
    """A row of `list_schedules`: enough to see whether it is worth asking for."""

    arn: str
    name: str
    group_name: str
    state: str = "ENABLED"
    last_modification_date: datetime | None = None
    target: _Target

    @property
    def ends_machines(self) -> bool:
        """Whether it is on and stops or terminates instances."""
        return self.state == "ENABLED" and self.target.arn.endswith(SCHEDULED)


class ScheduleRow(Wanted):
    """What `get_schedule` says; of the target's input only the machines are read."""

    schedule_expression: str
    schedule_expression_timezone: str = "UTC"
    state: str = "ENABLED"
    start_date: datetime | None = None
    end_date: datetime | None = None
    creation_date: datetime | None = None
    target: _Target


class _Dimension(Wanted):
    name: str
    value: str


class Alarm(Wanted):
    """An alarm with an action on machines."""

    actions_enabled: bool = True
    alarm_actions: tuple[str, ...] = ()
    dimensions: tuple[_Dimension, ...] = ()


class _Input(BaseModel):
    model_config = ConfigDict(extra="ignore")
    instance_ids: tuple[str, ...] = Field((), alias="InstanceIds")


@dataclass(frozen=True, slots=True)
class Plans:
    """What a region holds; `missing` says why schedules or alarms could not be read, if so."""

    schedules: tuple[ScheduleRow, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    missing: Problem | None = None


def plan_of(row: Row, plans: Plans, now: datetime) -> PlanReading:
    """The surest plan for a machine.

    Where the key may not read AWS's plans, none counts as none, and says why; where they could
    not be read just now, none is unknown.
    """
    found = strongest(
        (
            *(_scheduled(s, now) for s in plans.schedules if row.instance_id in _meant(s)),
            *(_ALARM for alarm in plans.alarms if _watches(alarm, row.instance_id)),
            *_tagged(row),
        )
    )
    if found.grade is not Grade.NONE or plans.missing is None:
        return found
    if plans.missing is Problem.AUTH:
        return PlanReading(Grade.NONE, reason="aws.plans_denied")
    return PlanReading(Grade.UNKNOWN, reason="aws.plans_unread")


_ALARM = PlanReading(Grade.CONDITIONAL, reason="aws.alarm")


def _scheduled(row: ScheduleRow, now: datetime) -> PlanReading:
    """A schedule that has fired for the last time is no plan any more."""
    schedule = Schedule(
        row.schedule_expression,
        row.schedule_expression_timezone,
        since=row.start_date,
        until=row.end_date,
        made=row.creation_date,
    )
    try:
        at = next_time(schedule, now)
    except Unreadable:
        return PlanReading(Grade.CONDITIONAL, reason="aws.schedule_unreadable")
    if at is None or row.state != "ENABLED":
        return PlanReading()
    return PlanReading(Grade.ENFORCED, at, "aws.schedule")


def _meant(row: ScheduleRow) -> tuple[str, ...]:
    """The machines that a schedule ends."""
    try:
        return _Input.model_validate(json.loads(row.target.input)).instance_ids
    except (ValueError, ValidationError, RecursionError):
        return ()


def _watches(alarm: Alarm, instance_id: str) -> bool:
    acts = alarm.actions_enabled and any(a.endswith(_ALARMED) for a in alarm.alarm_actions)
    return acts and any(d.name == "InstanceId" and d.value == instance_id for d in alarm.dimensions)


def _tagged(row: Row) -> Iterator[PlanReading]:
    """What tags say: that some scheduler of the team cares, or a time that somebody declared."""
    if any(name in row.tag for name in _SCHEDULER_TAGS):
        yield PlanReading(Grade.CONDITIONAL, reason="aws.scheduler_tag")
    if _TAG in row.tag:
        yield _declared(row.tag[_TAG])


def _declared(text: str) -> PlanReading:
    """A time without its zone says nothing."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        return PlanReading(reason="aws.tag_unreadable")
    return PlanReading(Grade.DECLARED, at.astimezone(UTC), "aws.tag")
