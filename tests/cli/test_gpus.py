"""`owroute gpus`, against the sandbox's providers and with no Slack at all."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from owroute.server import served
from sandbox.clock import SharedClock
from sandbox.fleet.fleet import RUNPOD_PATH, Fleet
from sandbox.fleet.runpod import RUNPOD_KEY
from sandbox.fleet.service import FleetFault, FleetFaultKind
from tests.cli.command import typed


@pytest.fixture
async def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Fleet]:
    """A RunPod whose key is in the environment."""
    found = Fleet(SharedClock(tmp_path / "clock.json"))
    async with served(found.app, grace=1, is_dated=False) as port:
        monkeypatch.setenv("OWROUTE_RUNPOD_URL", f"http://127.0.0.1:{port}{RUNPOD_PATH}")
        monkeypatch.setenv("RUNPOD_API_KEY", RUNPOD_KEY)
        yield found


async def gpus(*arguments: str, lang: str = "en") -> Result:
    """The command beside the server that it asks."""
    return await asyncio.to_thread(typed, "gpus", *arguments, lang=lang)


async def test_what_runs_is_shown_with_owner_plan_rate_and_month(fleet: Fleet) -> None:
    fleet.runpod.start("ow-12-ada", usd="0.69", ago=timedelta(hours=6))
    done = await gpus()
    assert done.exit_code == 0, done.output
    for words in ("ow-12-ada", "RTX 4090", "ada, OW-12", "none", "4.14", "503.70 USD"):
        assert words in done.stdout, done.stdout


async def test_programs_get_amounts_as_text_and_unknown_as_null(fleet: Fleet) -> None:
    pod = fleet.runpod.start("train", usd="2.00", ago=timedelta(hours=1))
    pod.odd = {"cost": None}
    done = await gpus("--json")
    (row,) = json.loads(done.stdout)
    assert (row["name"], row["usd_per_hour"], row["usd_so_far"]) == ("train", None, None)
    assert (row["plan"], row["owner"]) == ("none", None)


async def test_a_provider_that_fails_is_named_and_ends_with_a_code(fleet: Fleet) -> None:
    fleet.runpod.faults.add(FleetFault(FleetFaultKind.UNAUTHORIZED, call="list"))
    done = await gpus()
    assert done.exit_code == 1
    assert "RunPod could not be listed: it refuses the key" in done.stderr


async def test_a_key_that_may_only_look_is_enough(fleet: Fleet) -> None:
    fleet.runpod.may_write = False
    fleet.runpod.start("train", ago=timedelta(hours=1))
    assert (await gpus()).exit_code == 0


async def test_nothing_that_a_provider_keeps_secret_is_printed(fleet: Fleet) -> None:
    fleet.runpod.start("train", ago=timedelta(hours=1))
    done = await gpus("--json")
    assert "must-never-be-stored" not in done.output


@pytest.mark.usefixtures("fleet")
async def test_nothing_runs(fleet: Fleet) -> None:
    del fleet
    done = await gpus(lang="zh_CN")
    assert "RunPod 那里没有 GPU 在运行。" in done.stdout


async def test_without_a_key_it_says_which_to_set() -> None:
    done = await gpus()
    assert done.exit_code == 2
    assert "RUNPOD_API_KEY" in done.stderr
