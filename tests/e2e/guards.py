"""A machine with a guard in stories: its line from Slack, and its side of the address."""

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from bot.domain.gpu_parts import Deadline, DeadlineKind
from bot.domain.ids import UserId
from sandbox.fleet.runpod import Pod
from tests.e2e.cards import SERVICE
from tests.harness.gpus import listed, run_of
from tests.harness.stories import PEOPLE, Hands, Story

HERE = Path(__file__).parents[2] / "capture"


async def burning(story: Story, name: str = "ow-1-ada", **more: Any) -> Pod:
    """A pod of OW-1, and the experiment it is for."""
    await story.person("ada").plan(SERVICE)
    pod = story.fleet.runpod.start(name, usd="0.69", ago=timedelta(hours=1), **more)
    await listed(story)
    return pod


async def offered(by: Hands, label: str = "OW-1") -> str:
    """What *Guard command* says, from the capture command of an experiment."""
    await by.command(f"/owroute evidence {label}")
    await by.whispers()[-1].click("Capture command")
    await by.whispers()[-1].click("Guard command")
    return by.whispers()[-1].text


async def token(by: Hands, label: str = "OW-1") -> str:
    found = re.search(r"OWROUTE_GUARD_TOKEN=([\w-]+)", await offered(by, label))
    assert found
    return found[1]


def beat(story: Story, label: str = "OW-1", **changes: Any) -> dict[str, Any]:
    """What the guard sends an hour before its time."""
    until = (story.runtime.clock.now() + timedelta(hours=1)).isoformat()
    said = {"v": 1, "experiment": label, "until": until, "age": 0, "failed": False}
    return {**said, **changes}


async def ask(story: Story, secret: str | None, body: Any, **options: Any) -> httpx.Response:
    """Post to the bot as the guard does."""
    content = body if isinstance(body, bytes) or hasattr(body, "__aiter__") else json.dumps(body)
    headers = {"Authorization": f"Bearer {secret}"} if secret is not None else {}
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        answer = await client.post(
            f"http://127.0.0.1:{story.settings.port}/guard",
            content=content,
            headers={**headers, **options},
        )
    await story.settle()
    return answer


def machine_at(folder: Path) -> Path:
    """A pod's folder, with both files and the command that stops it."""
    folder.mkdir()
    for name in ("owroute_capture.py", "owroute_guard.py"):
        shutil.copy(HERE / name, folder)
    (folder / "runpodctl").write_text('#!/bin/sh\necho "$@" > "stopped by runpodctl"\n')
    (folder / "runpodctl").chmod(0o755)
    return folder


async def stops_in(story: Story, pod: Pod, *, seconds: float) -> None:
    """Somebody set this stop time in Slack a moment ago."""
    now, run = story.runtime.clock.now(), await run_of(story, pod.id)
    at = Deadline(now + timedelta(seconds=seconds), DeadlineKind.PERSON, now, UserId(PEOPLE["ada"]))
    async with story.runtime.store() as uow:
        assert await uow.gpus.save(run.due_to_stop(at, at=now))
        await uow.commit()
