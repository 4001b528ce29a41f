"""Servers not written here: moto's EC2, once per test process."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import boto3
import pytest

from bot.clock import SystemClock
from bot.domain.fleet import Instance, Listing, Machine, Provider
from gateways.fleet.aws import AwsFleet
from tests.gateways.aws.moto import US, Door, door, moto_server

PRICES = {"g5.xlarge": Decimal("1.006"), "p4d.24xlarge": Decimal("21.9576")}


def price(sku: str, _region: str) -> Decimal | None:
    return PRICES.get(sku)


@dataclass
class Cloud:
    """What a team does at AWS, directly at moto, and the door through which owroute looks."""

    door: Door
    url: str

    def client(self, service: str, region: str = US) -> Any:
        return client(self.door.moto, service, region)

    def start(
        self, kind: str = "g5.xlarge", region: str = US, *, n: int = 1, **more: Any
    ) -> list[str]:
        """Start machines; `tags` become theirs."""
        ec2 = self.client("ec2", region)
        tags = [{"Key": k, "Value": v} for k, v in more.pop("tags", {}).items()]
        made = ec2.run_instances(
            ImageId="ami-0a1b2c3d",
            InstanceType=kind,
            MinCount=n,
            MaxCount=n,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}] if tags else [],
            **more,
        )
        return [one["InstanceId"] for one in made["Instances"]]

    def schedule(self, expression: str, *ids: str, act: str = "stop", **more: Any) -> None:
        """An EventBridge schedule that ends machines."""
        self.client("scheduler").create_schedule(
            Name=f"s{len(self.door.calls)}-{act}-{ids[0]}",
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": f"arn:aws:scheduler:::aws-sdk:ec2:{act}Instances",
                "RoleArn": "arn:aws:iam::123456789012:role/scheduler",
                "Input": json.dumps({"InstanceIds": list(ids)}),
            },
            **more,
        )

    def alarm(self, instance_id: str, action: str = "stop", **more: Any) -> None:
        """A CloudWatch alarm that acts on a machine when it is idle."""
        self.client("cloudwatch").put_metric_alarm(
            AlarmName=f"idle-{instance_id}",
            Namespace="AWS/EC2",
            MetricName="CPUUtilization",
            Statistic="Average",
            Period=300,
            EvaluationPeriods=12,
            Threshold=5,
            ComparisonOperator="LessThanThreshold",
            Dimensions=[{"Name": "InstanceId", "Value": instance_id}],
            AlarmActions=[f"arn:aws:automate:{US}:ec2:{action}"],
            **more,
        )

    @asynccontextmanager
    async def watched(self, clock: Any = None, **more: Any) -> AsyncIterator[AwsFleet]:
        """The fleet as owroute sees it, through the door."""
        fleet = AwsFleet(
            lambda: Endpoint(session(US), self.url),
            clock or SystemClock(),
            price,
            **more,
        )
        try:
            yield fleet
        finally:
            self.door.released.set()
            await asyncio.to_thread(fleet.threads.wait)
            await fleet.close()

    async def listed(self) -> dict[str, Listing]:
        """What one look says, by region."""
        async with self.watched() as fleet:
            return {one.scope.region: one for one in await fleet.listings()}

    async def only(self) -> Instance:
        """The one machine there is."""
        [found] = [i for one in (await self.listed()).values() for i in one.instances]
        return found


@dataclass
class Endpoint:
    """A session whose every client speaks to one address."""

    inner: boto3.Session
    url: str

    @property
    def region_name(self) -> str:
        return str(self.inner.region_name)

    def client(self, service: str, **more: Any) -> Any:
        return self.inner.client(service, endpoint_url=self.url, **more)


@cache
def session(region: str) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id="AKIATEST", aws_secret_access_key="s3cret", region_name=region
    )


@cache
def client(url: str, service: str, region: str) -> Any:
    return session(region).client(service, endpoint_url=url)


def machine(instance_id: str, region: str = US) -> Machine:
    return Machine(Provider.AWS, "default", instance_id, region)


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with moto_server(tmp_path_factory.mktemp("moto") / "log.txt") as url:
        yield url


@pytest.fixture
async def cloud(moto: str) -> AsyncIterator[Cloud]:
    async with door(moto) as (made, url):
        yield Cloud(made, url)
