"""Whatever EC2 answers instead of its machines: a problem of that region, and nothing concluded."""

import asyncio
import re
from datetime import timedelta

import boto3
import pytest
from starlette.responses import Response

from bot.clock import SystemClock
from bot.domain.fleet import Grade, Problem, Provider, Scope
from gateways.fleet.aws import AwsFleet
from tests.cli.command import typed
from tests.gateways.aws.conftest import Cloud, price
from tests.gateways.aws.moto import EU, US, Answering, refused, xml

EMPTY = "<DescribeInstancesResponse></DescribeInstancesResponse>"


def as_given(body: str) -> Answering:
    return lambda _: xml(body)


@pytest.mark.parametrize(
    ("answer", "problem", "asked"),
    [
        (refused("InternalError", 500), Problem.SERVER, 3),
        (refused("Unavailable", 503), Problem.SERVER, 3),
        (refused("RequestLimitExceeded", 503), Problem.RATE, 3),
        (refused("UnauthorizedOperation", 403), Problem.AUTH, 1),
        (refused("AuthFailure", 401), Problem.AUTH, 1),
        (refused("OptInRequired", 401), Problem.AUTH, 1),
        (refused("RequestExpired", 400), Problem.AUTH, 1),
        (refused("InvalidParameterValue", 400), Problem.SHAPE, 1),
        (as_given("<html><body>Sign in</body></html>"), Problem.SHAPE, 1),
        (as_given('{"success": false}'), Problem.SHAPE, 1),
        (as_given("<DescribeInstancesRes"), Problem.SHAPE, 1),
        (as_given(EMPTY), Problem.SHAPE, 1),
    ],
)
async def test_a_region_that_fails_is_a_problem_and_the_others_count(
    cloud: Cloud, answer: Answering, problem: Problem, asked: int
) -> None:
    cloud.start(region=EU)
    cloud.start()
    cloud.door.fault("DescribeInstances", answer)
    found = await cloud.listed()
    assert (found[US].problem, found[US].complete, found[US].instances) == (problem, False, ())
    assert (found[EU].complete, len(found[EU].instances)) == (True, 1)
    assert cloud.door.count("DescribeInstances", US) == asked


async def test_a_limit_is_waited_for_as_it_says(cloud: Cloud) -> None:
    limit = refused("RequestLimitExceeded", 503, **{"retry-after": "86400"})
    cloud.door.fault("DescribeInstances", limit)
    assert (await cloud.listed())[US].retry_after == timedelta(hours=1)


async def test_without_the_regions_the_whole_account_is_unknown(cloud: Cloud) -> None:
    cloud.start(region=EU)
    async with cloud.watched() as fleet:
        for answer, problem in (
            (refused("UnauthorizedOperation", 403), Problem.AUTH),
            (as_given("<DescribeRegionsResponse/>"), Problem.SHAPE),
        ):
            cloud.door.fault("DescribeRegions", answer)
            [whole] = await fleet.listings()
            assert (whole.scope, whole.problem) == (Scope(Provider.AWS, "default"), problem)


async def test_a_second_page_that_fails_leaves_the_first_and_concludes_nothing(
    cloud: Cloud,
) -> None:
    for _ in range(6):
        cloud.start()

    def only_first(answer: Response) -> Response:
        first = cloud.door.count("DescribeInstances", US) == 1
        return answer if first else xml(EMPTY)

    cloud.door.fault("DescribeInstances", only_first)
    async with cloud.watched(page=5) as fleet:
        found = (await fleet.listings())[1]
    assert (found.problem, len(found.instances)) == (Problem.PARTIAL, 5)


async def test_a_token_that_comes_twice_ends_the_reading(cloud: Cloud) -> None:
    for _ in range(3):
        cloud.start()

    def again(answer: Response) -> Response:
        text = re.sub("<nextToken>.*?</nextToken>", "", bytes(answer.body).decode())
        return xml(text.replace("</Describe", "<nextToken>again</nextToken></Describe"))

    cloud.door.fault("DescribeInstances", again)
    async with cloud.watched(page=5) as fleet:
        found = (await fleet.listings())[1]
    assert (found.problem, len(found.instances)) == (Problem.PARTIAL, 3)
    assert cloud.door.count("DescribeInstances", US) == 2


async def test_a_machine_on_two_pages_is_one(cloud: Cloud) -> None:
    cloud.start()

    first: list[str] = []

    def twice(answer: Response) -> Response:
        if first:
            return xml(first[0])
        first.append(bytes(answer.body).decode())
        return xml(first[0].replace("</Describe", "<nextToken>two</nextToken></Describe"))

    cloud.door.fault("DescribeInstances", twice)
    found = (await cloud.listed())[US]
    assert (found.complete, len(found.instances)) == (True, 1)
    assert cloud.door.count("DescribeInstances", US) == 2


async def test_what_is_not_allowed_beside_the_list_does_not_fail_it(cloud: Cloud) -> None:
    cloud.start()
    for action in ("DescribeInstanceTypes", "DescribeVolumes"):
        cloud.door.fault(action, refused("UnauthorizedOperation", 403))
    for service in ("scheduler", "monitoring"):
        cloud.door.fault(service, lambda _: Response('{"Message": "no"}', 403))
    found = (await cloud.listed())[US]
    assert found.complete
    [machine] = found.instances
    assert (machine.gpu, machine.gpu_count, machine.vram_bytes) == (None, 1, None)
    assert (machine.volume_gb, machine.storage_per_hour) == (None, None)
    assert (machine.plan.grade, machine.plan.reason) == (Grade.NONE, "aws.plans_denied")


async def test_plans_that_cannot_be_read_just_now_are_unknown_not_none(cloud: Cloud) -> None:
    [promised] = cloud.start(tags={"owroute:shutdown-at": "2027-01-01T18:00:00Z"})
    cloud.start()
    cloud.door.fault("monitoring", lambda _: Response('{"Message": "no"}', 403))
    cloud.door.fault("scheduler", lambda _: Response("busy", 500))
    plans = {
        i.machine.instance_id == promised: i.plan.grade
        for i in (await cloud.listed())[US].instances
    }
    assert plans == {True: Grade.DECLARED, False: Grade.UNKNOWN}


async def test_without_any_key_it_is_the_key(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "no-such-file")
    monkeypatch.setenv("AWS_CONFIG_FILE", "no-such-file")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for session in (boto3.Session, lambda: boto3.Session(profile_name="nobody")):
        fleet = AwsFleet(session, SystemClock(), price)
        assert [one.problem for one in await fleet.listings()] == [Problem.AUTH]
        await fleet.close()


async def test_regions_closed_to_the_key_are_a_note_below_the_list(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    monkeypatch.setenv("AWS_REGION", US)
    cloud.start(tags={"Name": "train"})
    cloud.door.fault("DescribeInstances", refused("UnauthorizedOperation", 403), EU)
    done = await asyncio.to_thread(typed, "gpus")
    assert (done.exit_code, "train" in done.stdout) == (0, True), done.output
    assert f"closed to the key, and what runs there is not seen: {EU}." in done.stderr
    cloud.door.fault("DescribeInstances", refused("UnauthorizedOperation", 403))
    done = await asyncio.to_thread(typed, "gpus")
    assert done.exit_code == 1
    assert f"AWS {EU} could not be listed" in done.stderr
