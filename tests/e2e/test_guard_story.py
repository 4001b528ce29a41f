"""A guard from the line in Slack to the machine that it stops."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import DeadlineKind
from bot.domain.shutdown import Enforcer, ShutdownPlan, plan_of
from sandbox.fleet.runpod import Pod
from tests.e2e.captures import PUBLIC
from tests.e2e.cards import SERVICE
from tests.e2e.guards import ask, beat, burning, machine_at, offered, stops_in, token
from tests.harness.gpu_hands import BENCH, enter, later, listed_for, put_time
from tests.harness.gpus import run_of
from tests.harness.stories import PEOPLE, Story, a_story


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot with a public address that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True, more=PUBLIC) as story:
        yield story


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


async def test_the_time_of_the_line_is_the_one_that_holds(public: Story) -> None:
    pod = await burning(public)
    await stops_in(public, pod, seconds=7200)
    said = await offered(public.person("ada"))
    assert "--until 2026-11-23T12:00+01:00" in said or "--until 2026-11-23T11:00" in said


async def test_a_machine_that_only_people_know_of_is_guarded_from_its_card(
    public: Story,
) -> None:
    ada = public.person("ada")
    fields = {**BENCH, "Stop command": "ssh bench-1 sudo poweroff"}
    assert (await enter(ada, fields, stops=later(public, hours=3))).ok
    assert "nothing enforces it: it was entered by hand" in ada.modal.text
    await ada.modal.close()
    await (await listed_for(ada)).click("More...")
    await ada.whispers()[-1].choose("Guard command")
    said = ada.whispers()[-1].text
    assert "guard GPU-1 --until 2026-11-23T12:00+00:00 --stop 'ssh bench-1 sudo poweroff'" in said
    secret = re.findall(r"OWROUTE_GUARD_TOKEN=([\w-]+)", said)[0]
    heard = beat(public, "GPU-1")
    answer = await ask(public, secret, heard)
    assert answer.json()["until"] == later(public, hours=3).isoformat(), "what is set in Slack"
    await (await listed_for(ada)).click("More...")
    assert "the guard on the machine stops it" in ada.whispers()[-1].text


async def test_set_shutdown_offers_a_guard_where_owroute_cannot_keep_the_time(
    public: Story,
) -> None:
    ada = public.person("ada")
    assert (await enter(ada)).ok
    await ada.modal.close()
    await (await listed_for(ada)).click("Set shutdown")
    await put_time(ada.modal, "Stop time", later(public, hours=3))
    assert (await ada.modal.submit()).ok
    assert "A guard on the machine can keep this time: *Guard command*" in ada.modal.text


async def test_extend_reaches_the_machine(public: Story) -> None:
    ada = public.person("ada")
    pod = await burning(public, locked=True)
    secret = await token(ada)
    first = beat(public)
    assert (await ask(public, secret, first)).status_code == 200
    for n in range(1, 8):
        await public.advance(minutes=5)
        await ask(public, secret, {**first, "age": 300 * n})
    warning = ada.last("dm")
    assert "Stops at" in warning.text
    await warning.click("Extend 1 h")
    await public.advance(minutes=5)
    answer = await ask(public, secret, {**first, "age": 2400})
    told = datetime.fromisoformat(answer.json()["until"])
    assert told == datetime.fromisoformat(first["until"]) + timedelta(hours=1)
    _, known = await plan(public, pod)
    assert known.by is Enforcer.GUARD
