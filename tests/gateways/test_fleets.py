"""Which providers are watched: those whose keys are set."""

from pathlib import Path

from gateways.fleet.runpod import RunPod
from owroute.fleets import fleets
from owroute.settings import load
from sandbox.fleet.fleet import RUNPOD_PATH, Fleet
from sandbox.fleet.runpod import RUNPOD_KEY
from tests.gateways.conftest import listening
from tests.gateways.fleets import HOUR, Waiting

NEEDED = {"SLACK_BOT_TOKEN": "xoxb-1-test", "SLACK_APP_TOKEN": "xapp-1-test"}


async def test_nothing_is_watched_without_a_key(tmp_path: Path) -> None:
    settings = load({**NEEDED, "OWROUTE_DATA_DIR": str(tmp_path)}, env_file=None)
    async with fleets(settings, Waiting(tmp_path / "clock.json")) as found:
        assert found == ()


async def test_a_key_opens_its_provider_where_the_setting_says(tmp_path: Path) -> None:
    clock = Waiting(tmp_path / "clock.json")
    fleet = Fleet(clock)
    fleet.runpod.start("eval", ago=HOUR)
    async with listening(fleet.app) as port:
        environ = {
            **NEEDED,
            "OWROUTE_DATA_DIR": str(tmp_path),
            "RUNPOD_API_KEY": RUNPOD_KEY,
            "OWROUTE_RUNPOD_URL": f"http://127.0.0.1:{port}{RUNPOD_PATH}",
        }
        async with fleets(load(environ, env_file=None), clock) as (found,):
            assert isinstance(found, RunPod)
            (listing,) = await found.listings()
    assert [one.name for one in listing.instances] == ["eval"]
