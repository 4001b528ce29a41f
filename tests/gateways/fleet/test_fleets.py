"""Which providers are watched: those whose keys are set."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from gateways.fleet.aws import AwsFleet
from gateways.fleet.dstack import Dstack
from gateways.fleet.runpod import RunPod
from gateways.fleet.vast import Vast
from owroute.fleet_prices import ListPrices
from owroute.fleets import fleets
from owroute.settings import load
from sandbox.fleet.fleet import RUNPOD_PATH, VAST_PATH, Fleet
from sandbox.fleet.runpod import RUNPOD_KEY
from sandbox.fleet.vast import VAST_KEY
from tests.gateways.conftest import listening
from tests.gateways.fleet.conftest import (
    HOUR,
    Waiting,
)

NEEDED = {"SLACK_BOT_TOKEN": "xoxb-1-test", "SLACK_APP_TOKEN": "xapp-1-test"}


async def test_nothing_is_watched_without_a_key(tmp_path: Path) -> None:
    settings = load({**NEEDED, "OWROUTE_DATA_DIR": str(tmp_path)}, env_file=None)
    async with fleets(settings, settings.overlay, Waiting(tmp_path / "clock.json")) as found:
        assert found == ()


async def test_each_key_opens_its_provider_where_the_setting_says(tmp_path: Path) -> None:
    clock = Waiting(tmp_path / "clock.json")
    fleet = Fleet(clock)
    fleet.runpod.start("at-runpod", ago=HOUR)
    fleet.vast.start("at-vast", ago=HOUR)
    async with listening(fleet.app) as port:
        environ = {
            **NEEDED,
            "OWROUTE_DATA_DIR": str(tmp_path),
            "RUNPOD_API_KEY": RUNPOD_KEY,
            "OWROUTE_RUNPOD_URL": f"http://127.0.0.1:{port}{RUNPOD_PATH}",
            "VAST_API_KEY": VAST_KEY,
            "OWROUTE_VAST_URL": f"http://127.0.0.1:{port}{VAST_PATH}",
        }
        settings = load(environ, env_file=None)
        async with fleets(settings, settings.overlay, clock) as found:
            listings = [listing for one in found for listing in await one.listings()]
    assert [type(one) for one in found] == [RunPod, Vast]
    assert [one.name for said in listings for one in said.instances] == ["at-runpod", "at-vast"]


async def test_aws_is_watched_by_its_key_or_by_a_switch(tmp_path: Path) -> None:
    clock = Waiting(tmp_path / "clock.json")
    for environ, expected in (
        ({"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "s3cret"}, [AwsFleet]),
        ({"AWS_PROFILE": "gpus"}, [AwsFleet]),
        ({"OWROUTE_AWS": "on"}, [AwsFleet]),
        ({"OWROUTE_AWS": "off", "AWS_PROFILE": "gpus"}, []),
        ({"AWS_REGION": "eu-west-1"}, []),
    ):
        needed = {**NEEDED, "OWROUTE_DATA_DIR": str(tmp_path)}
        settings = load({**needed, **environ}, env_file=None)
        async with fleets(settings, settings.overlay, clock) as found:
            assert [type(one) for one in found] == expected, environ


async def test_dstack_is_watched_where_both_its_address_and_token_are_set(tmp_path: Path) -> None:
    clock = Waiting(tmp_path / "clock.json")
    both = {"OWROUTE_DSTACK_URL": "https://10.0.0.8:3000", "DSTACK_TOKEN": "t0ken"}
    for environ, expected in (
        (both, [Dstack]),
        ({"DSTACK_TOKEN": "t0ken"}, []),
        ({"OWROUTE_DSTACK_URL": "http://127.0.0.1:3000"}, []),
    ):
        needed = {**NEEDED, "OWROUTE_DATA_DIR": str(tmp_path)}
        settings = load({**needed, **environ}, env_file=None)
        async with fleets(settings, settings.overlay, clock) as found:
            assert [type(one) for one in found] == expected, environ


def test_list_prices_are_by_type_and_region_and_not_too_old(tmp_path: Path) -> None:
    clock = Waiting(tmp_path / "clock.json")
    prices = ListPrices("aws", tmp_path / "overlay", clock)
    assert prices("g5.xlarge", "us-east-1") == Decimal("1.006")
    assert prices("g5.xlarge", "eu-west-1") is None
    assert prices("g5.nano", "us-east-1") is None
    clock.advance(timedelta(days=400))
    assert prices("g5.xlarge", "us-east-1") is None
