"""A guard from the line in Slack to the machine it stops, and what its address lets in."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.domain.fleet import Grade
from bot.domain.gpu import Deadline, DeadlineKind, GpuRun, RunState
from bot.domain.ids import UserId
from bot.domain.shutdown import Enforcer, ShutdownPlan, plan_of
from capture import guard_script
from sandbox.fleet.runpod import Pod
from tests.e2e.captures import PUBLIC, capture
from tests.e2e.captures import token as capture_token
from tests.e2e.cards import SERVICE
from tests.harness.gpus import actor, listed, run_of
from tests.harness.stories import PEOPLE, Hands, Story, a_story

HERE = Path(__file__).parents[2] / "capture"
SIX = timedelta(hours=6)


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot with a public address that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True, more=PUBLIC) as story:
        yield story


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


async def plan(story: Story, pod: Pod) -> tuple[GpuRun, ShutdownPlan]:
    run = await run_of(story, pod.id)
    return run, plan_of(run, story.runtime.clock.now(), hold=False)


async def test_the_line_in_slack_starts_a_guard_that_stops_the_machine_when_slack_says(
    public: Story, tmp_path: Path
) -> None:
    pod = await burning(public, locked=True)  # owroute itself cannot stop it
    said = await offered(public.person("ada"))
    get, line = re.findall(r"^(curl .*|nohup .*)$", said.replace("&amp;", "&"), re.MULTILINE)
    address = "https://owroute.example.org"
    assert get == (
        f"curl -fsSL -o owroute_capture.py {address}/capture.py -o owroute_guard.py "
        f"{address}/guard.py"
    )
    assert line.startswith("nohup python3 owroute_capture.py guard OW-1 --until +4h --stop ")
    assert "'runpodctl stop pod $RUNPOD_POD_ID || runpodctl pod stop $RUNPOD_POD_ID'" in line
    folder = machine_at(tmp_path / "machine")
    await stops_in(public, pod, seconds=4)
    there = line.replace(address, f"http://127.0.0.1:{public.settings.port}")
    secret = re.findall(r"OWROUTE_GUARD_TOKEN=([\w-]+)", said)[0]
    started = await asyncio.create_subprocess_shell(
        f"export OWROUTE_GUARD_TOKEN={secret} RUNPOD_POD_ID={pod.id}\n{there}\nwait",
        cwd=folder, env={"PATH": f"{folder}:/usr/bin:/bin"},
    )  # fmt: skip
    await asyncio.wait_for(started.wait(), 30)
    assert (folder / "stopped by runpodctl").read_text() == f"stop pod {pod.id}\n"
    log = (folder / "guard.log").read_text()
    assert "OW-1 stops at" in log
    assert "owroute says" in log
    assert "the command ended well" in log
    assert secret not in log
    run = await run_of(public, pod.id)
    assert run.guard_seen == public.runtime.clock.now()


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


async def test_as_long_as_it_is_heard_its_time_is_enforced_on_the_machine(public: Story) -> None:
    pod = await burning(public, locked=True)
    secret = await token(public.person("ada"))
    answer = await ask(public, secret, said := beat(public))
    assert answer.status_code == 200
    assert answer.json() == {
        "until": said["until"], "now": public.runtime.clock.now().isoformat(),
    }  # fmt: skip
    run, now_planned = await plan(public, pod)
    assert now_planned.by is Enforcer.GUARD
    await public.advance(minutes=11, step=timedelta(minutes=1))
    run, now_planned = await plan(public, pod)
    assert now_planned.grade is Grade.DECLARED
    assert run.deadline is not None
    assert run.deadline.kind is DeadlineKind.GUARD


async def test_whatever_is_wrong_with_a_token_the_answer_is_the_same(public: Story) -> None:
    ada, grace = public.person("ada"), public.person("grace")
    pod = await burning(public)
    await ada.plan(SERVICE)
    other_pod = public.fleet.runpod.start("ow-2-ada", ago=timedelta(hours=1))
    await listed(public)
    first = await token(ada)
    second = await token(ada)
    other = await token(ada, "OW-2")
    captures = await capture_token(ada)
    refused = [
        await ask(public, None, beat(public)),
        await ask(public, None, beat(public), Authorization="Bearer"),
        await ask(public, "x" * 43, beat(public)),
        await ask(public, first, beat(public)),  # a newer one ended it
        await ask(public, other, beat(public)),  # another experiment's
        await ask(public, captures, beat(public)),  # another kind
        await ask(public, None, beat(public), Authorization=f"Basic {second}"),
    ]
    await public.advance(seconds=61)
    await offered(grace, "OW-2")  # an admin's, which ends Ada's
    refused.append(await ask(public, other, beat(public, "OW-2")))
    await grace.whispers()[-1].click("Revoke the token")
    assert "No guard of" in grace.whispers()[-1].text
    pod.stop(public.runtime.clock.now() - timedelta(minutes=1))
    await listed(public)
    refused.append(await ask(public, second, beat(public)))  # its run has ended
    assert {a.status_code for a in refused} == {401}
    assert len({a.text for a in refused}) == 1
    assert len({tuple(sorted(set(a.headers) - {"date"})) for a in refused}) == 1
    for machine in (pod, other_pod):
        assert (await run_of(public, machine.id)).guard_seen is None


async def test_a_capture_token_and_a_guard_token_open_one_door_each(public: Story) -> None:
    await burning(public)
    secret = await token(public.person("ada"))
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"http://127.0.0.1:{public.settings.port}/capture",
            json=capture(), headers={"Authorization": f"Bearer {secret}"},
        )  # fmt: skip
    assert answer.status_code == 401


async def test_once_a_minute_whatever_comes(public: Story) -> None:
    pod = await burning(public)
    secret = await token(public.person("ada"))
    assert (await ask(public, secret, b"{}")).status_code == 422
    too_soon = await ask(public, secret, beat(public))
    assert (too_soon.status_code, too_soon.text) == (429, "A guard is heard once a minute.\n")
    assert (await run_of(public, pod.id)).guard_seen is None
    answers = []
    await public.advance(seconds=60)
    answers = await asyncio.gather(*(ask(public, secret, beat(public)) for _ in range(8)))
    assert sorted(a.status_code for a in answers) == [200] + [429] * 7


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"shell": "rm -rf /"}, "look at shell"),
        ({"v": 2}, "look at v"),
        ({"experiment": "OW-0"}, "look at experiment"),
        ({"experiment": 1}, "look at experiment"),
        ({"until": "2026-11-23T10:00:00"}, "look at until"),
        ({"until": 1795300000}, "look at until"),
        ({"until": "2031-11-23T10:00:00Z"}, "look at until"),
        ({"until": None}, "look at until"),
        ({"age": -1}, "look at age"),
        ({"age": True}, "look at age"),
        ({"age": 1e300}, "look at age"),
        ({"failed": "no"}, "look at failed"),
    ],
    ids=str,
)
async def test_what_is_no_heartbeat_is_refused_in_one_line(
    public: Story, change: dict[str, Any], said: str
) -> None:
    pod = await burning(public)
    secret = await token(public.person("ada"))
    answer = await ask(public, secret, beat(public, **change))
    assert (answer.status_code, said in answer.text) == (422, True), answer.text
    assert answer.text.count("\n") == 1
    assert (await run_of(public, pod.id)).guard_seen is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422), (b"\xff\xfe", 422), (b"[1]", 422), (b"null", 422), (b'{"v": NaN}', 422),
        (b"[" * 2_000, 422), (b" " * 2_049, 413), (b" " * 3_000_000, 413),
    ],
    ids=["empty", "bytes", "list", "null", "nan", "deep", "large", "huge"],
)  # fmt: skip
async def test_what_is_no_object_or_too_large(public: Story, body: bytes, status: int) -> None:
    pod = await burning(public)
    secret = await token(public.person("ada"))
    answer = await ask(public, secret, body)
    assert answer.status_code == status, answer.text
    assert answer.text.count("\n") == 1
    assert (await ask(public, "no", body)).status_code == 401, "the token comes first"
    assert (await run_of(public, pod.id)).guard_seen is None


async def test_a_body_that_drips_is_refused_while_it_is_read(public: Story) -> None:
    await burning(public)
    secret = await token(public.person("ada"))

    async def dripping() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000

    assert (await ask(public, secret, dripping())).status_code == 413


async def test_a_token_is_shown_once_and_kept_nowhere(public: Story, tmp_path: Path) -> None:
    await burning(public)
    secret = await token(public.person("ada"))
    assert (await ask(public, secret, beat(public))).status_code == 200
    await public.stop()
    kept = b"".join(p.read_bytes() for p in (tmp_path / "bot").rglob("*") if p.is_file())
    lasting = "".join(f"{m.text}{m.blocks}" for m in public.said() if not m.ephemeral_to)
    for place in (kept.decode("utf-8", "replace"), lasting, str(public.log.entries)):
        assert secret not in place
    await public.start()


async def test_who_may_not_steer_the_run_gets_no_line(public: Story) -> None:
    await burning(public)
    public.workspace.change_person(PEOPLE["lin"], locale="en-US")
    lin = public.person("lin")
    await lin.command("/owroute evidence OW-1")
    await lin.whispers()[-1].click("Capture command")
    await lin.whispers()[-1].click("Guard command")
    assert "TOKEN" not in lin.whispers()[-1].text
    assert "nohup" not in lin.whispers()[-1].text


async def test_before_its_machine_is_seen_the_line_keeps_the_time_by_itself(
    public: Story,
) -> None:
    ada = public.person("ada")
    await ada.plan(SERVICE)
    said = await offered(ada)
    assert "guard OW-1 --until +4h --stop STOP_COMMAND" in said
    assert "TOKEN" not in said
    assert "--ask" not in said
    assert "sees no running machine of OW-1 yet" in said


async def test_without_a_public_address_nothing_is_asked(tmp_path: Path) -> None:
    async with a_story(tmp_path, watches=True) as story:
        await burning(story)
        said = await offered(story.person("ada"))
        assert "owroute capture --print-guard > owroute_guard.py" in said
        assert "--ask" not in said
        assert "TOKEN" not in said
        assert "has no public address" in said
        assert (await ask(story, "x", beat(story))).status_code == 404


async def test_the_script_is_there_to_be_read_first(public: Story) -> None:
    address = f"http://127.0.0.1:{public.settings.port}/guard.py"
    async with httpx.AsyncClient(trust_env=False) as client:
        found = await client.get(address)
    assert (found.status_code, found.text) == (200, guard_script())
    assert found.headers["content-type"].startswith("text/x-python")


async def test_the_time_of_the_line_is_the_one_that_holds(public: Story) -> None:
    pod = await burning(public)
    await stops_in(public, pod, seconds=7200)
    said = await offered(public.person("ada"))
    assert "--until 2026-11-23T12:00+01:00" in said or "--until 2026-11-23T11:00" in said


async def test_a_click_that_comes_twice_gives_one_token(public: Story) -> None:
    pod = await burning(public)
    run = await run_of(public, pod.id)
    offer = public.runtime.cases.guard
    ada = actor(public, "ada")
    found = [await offer(ada, run.id, run.generation, "click-1") for _ in range(2)]
    assert found[0] is not None
    assert found[0].token is not None
    assert found[1] is None
    assert (await ask(public, found[0].token, beat(public))).status_code == 200
    assert (await run_of(public, pod.id)).state is RunState.RUNNING
