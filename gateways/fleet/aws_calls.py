"""What is asked of EC2, and told to it. Blocking; raises Failed for what cannot be read."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from bot.domain.fleet import Ended, Ending, Machine, Problem
from gateways.fleet.aws_client import Clients, reading
from gateways.fleet.aws_errors import ANY, code_of, ended, is_absence, is_bad_state
from gateways.fleet.aws_plan import ALARM_ACTIONS, Alarm, Plans, Scheduled, ScheduleRow
from gateways.fleet.aws_wire import (
    STATE_NAMES,
    Gpus,
    Regions,
    Reservations,
    Row,
    TypeRow,
    Volume,
    gpus_of,
    guessed,
    is_ended,
)
from gateways.fleet.http import Failed

NAMED_AT_ONCE = 100
"""Values in one filter; AWS takes 200."""
_CALLS = {
    Ending.STOP: ("stop_instances", "StoppingInstances"),
    Ending.TERMINATE: ("terminate_instances", "TerminatingInstances"),
}
_MAY = {"DryRunOperation": True, "UnauthorizedOperation": False}
_Thing = TypeVar("_Thing")
_Version = tuple[str, datetime | None]


@dataclass(frozen=True, slots=True)
class Found:
    """Machines of a region; `failed` says why these are not all. `date` is AWS's clock."""

    rows: tuple[Row, ...]
    failed: Failed | None
    date: str


class Ec2:
    """One account's machines, all regions."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._types: dict[str, Gpus | None] = {}
        self._schedules: dict[str, dict[_Version, ScheduleRow]] = defaultdict(dict)

    def regions(self) -> tuple[str, ...]:
        """All regions that are enabled in the account; their clients are made here."""
        with reading():
            answer = Regions.model_validate(self._clients.get("ec2", "").describe_regions())
            names = tuple(sorted(region.region_name for region in answer.regions))
            for name in names:
                self._clients.get("ec2", name)
        return names

    def machines(self, region: str) -> Found:
        """All machines of a region, also those that are stopped or were terminated just now.

        Raises Failed where not even the first page came.
        """
        found: dict[str, Row] = {}
        date = ""
        asked = {"Filters": [{"Name": "instance-state-name", "Values": list(STATE_NAMES)}]}
        try:
            with reading():
                for page in self._clients.pages("ec2", region, "describe_instances", **asked):
                    found.update((row.instance_id, row) for row in _rows(page))
                    date = str(page["ResponseMetadata"]["HTTPHeaders"].get("date", ""))
        except Failed as failure:
            if not found:
                raise
            partly = Failed(Problem.PARTIAL, retry_after=failure.retry_after)
            return Found(tuple(found.values()), partly, date)
        return Found(tuple(found.values()), None, date)

    def machine(self, machine: Machine) -> Row | None:
        """One machine; None where AWS says that there is none. Raises Failed."""
        client = self._clients.get("ec2", machine.region)
        with reading():
            try:
                answer = client.describe_instances(InstanceIds=[machine.instance_id])
            except ClientError as error:
                if is_absence(error):
                    return None
                raise
            rows = [row for row in _rows(answer) if row.instance_id == machine.instance_id]
        if not rows:
            raise Failed(Problem.SHAPE)
        return rows[0]

    def gpus(self, region: str, rows: Iterable[Row]) -> dict[str, Gpus | None]:
        """The GPUs of the rows' types; where the key may not ask, names tell. Raises Failed."""
        wanted = {row.instance_type for row in rows}
        try:
            with reading():
                for names in _chunks(sorted(wanted - self._types.keys())):
                    filters = [{"Name": "instance-type", "Values": names}]
                    for page in self._clients.pages(
                        "ec2", region, "describe_instance_types", Filters=filters
                    ):
                        types = map(TypeRow.model_validate, page["InstanceTypes"])
                        self._types.update((row.instance_type, gpus_of(row)) for row in types)
        except Failed as failure:
            if failure.problem is not Problem.AUTH:
                raise
        return {
            name: self._types[name] if name in self._types else guessed(name) for name in wanted
        }

    def volumes(self, region: str, ids: Sequence[str]) -> dict[str, list[Volume]] | None:
        """The volumes of the named machines; None where they cannot be read."""
        found: dict[str, list[Volume]] = defaultdict(list)
        try:
            with reading():
                for names in _chunks(ids):
                    filters = [{"Name": "attachment.instance-id", "Values": names}]
                    for page in self._clients.pages(
                        "ec2", region, "describe_volumes", Filters=filters
                    ):
                        for volume in map(Volume.model_validate, page["Volumes"]):
                            for attached in volume.attachments:
                                found[attached.instance_id].append(volume)
        except Failed:
            return None
        return found

    def plans(self, region: str) -> Plans:
        """The schedules and alarms of a region that end machines."""
        schedules, first = _tried(lambda: self._scheduled(region))
        alarms, second = _tried(lambda: tuple(self._alarms(region)))
        missing = [problem for problem in (first, second) if problem]
        return Plans(
            schedules,
            alarms,
            # what fails just now outweighs what is never allowed
            min(missing, key=lambda p: p is Problem.AUTH, default=None),
        )

    def end(self, machine: Machine, ending: Ending) -> Ended:
        """Look, and if it is still to be done, tell it once."""
        try:
            row = self.machine(machine)
        except Failed as failure:
            return Ended.FORBIDDEN if failure.problem is Problem.AUTH else Ended.LATER
        if row is None or is_ended(row, ending):
            return Ended.ALREADY
        call, answered = _CALLS[ending]
        try:
            client = self._clients.get("ec2", machine.region, tries=1)
            answer = getattr(client, call)(InstanceIds=[machine.instance_id])
        except ANY as error:
            return self._not_ended(machine, ending) if is_bad_state(error) else ended(error)
        told = {change.get("InstanceId") for change in answer.get(answered, ())}
        return Ended.ACCEPTED if machine.instance_id in told else Ended.UNKNOWN

    def _not_ended(self, machine: Machine, ending: Ending) -> Ended:
        """Its state forbids the end: because that has come, or because it is still being made."""
        try:
            row = self.machine(machine)
        except Failed:
            return Ended.LATER
        return Ended.ALREADY if row is None or is_ended(row, ending) else Ended.LATER

    def may_stop(self, machine: Machine) -> bool | None:
        """Whether the key may stop it, by a dry run; None where AWS does not say."""
        try:
            client = self._clients.get("ec2", machine.region)
            client.stop_instances(InstanceIds=[machine.instance_id], DryRun=True)
        except ClientError as error:
            return _MAY.get(code_of(error))
        except ANY:
            return None
        return None

    def _scheduled(self, region: str) -> tuple[ScheduleRow, ...]:
        """The schedules that end machines; each is asked for again only when it was changed."""
        client, known = self._clients.get("scheduler", region), self._schedules[region]
        found: dict[_Version, ScheduleRow] = {}
        for page in self._clients.pages("scheduler", region, "list_schedules", State="ENABLED"):
            for row in map(Scheduled.model_validate, page["Schedules"]):
                version = (row.arn, row.last_modification_date)
                if row.ends_machines:
                    found[version] = known.get(version) or _schedule(client, row)
        self._schedules[region] = found
        return tuple(found.values())

    def _alarms(self, region: str) -> Iterator[Alarm]:
        alarms = {"ActionPrefix": ALARM_ACTIONS}
        for page in self._clients.pages("cloudwatch", region, "describe_alarms", **alarms):
            yield from map(Alarm.model_validate, page["MetricAlarms"])


def _schedule(client: Any, row: Scheduled) -> ScheduleRow:
    answer = client.get_schedule(Name=row.name, GroupName=row.group_name)
    return ScheduleRow.model_validate(answer)


def _rows(page: Any) -> Iterator[Row]:
    for reservation in Reservations.model_validate(page).reservations:
        yield from reservation.instances


def _chunks(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), NAMED_AT_ONCE):
        yield list(names[start : start + NAMED_AT_ONCE])


def _tried(
    read: Callable[[], tuple[_Thing, ...]],
) -> tuple[tuple[_Thing, ...], Problem | None]:
    """What was read, or why nothing was."""
    try:
        with reading():
            return read(), None
    except Failed as failure:
        return (), failure.problem
