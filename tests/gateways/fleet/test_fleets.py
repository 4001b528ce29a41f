"""Which providers are watched: those whose keys are set."""

from pathlib import Path

from gateways.fleet.runpod import RunPod
from gateways.fleet.vast import Vast
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
    async with fleets(settings, Waiting(tmp_path / "clock.json")) as found:
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
        async with fleets(load(environ, env_file=None), clock) as found:
            listings = [listing for one in found for listing in await one.listings()]
    assert [type(one) for one in found] == [RunPod, Vast]
    assert [one.name for said in listings for one in said.instances] == ["at-runpod", "at-vast"]
