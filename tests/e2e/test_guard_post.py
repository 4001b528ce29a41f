"""`POST /guard`: who gets in, how often, and with what."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.domain.gpu import RunState
from capture import guard_script
from tests.e2e.captures import PUBLIC, capture
from tests.e2e.captures import token as capture_token
from tests.e2e.cards import SERVICE
from tests.e2e.guards import ask, beat, burning, offered, token
from tests.harness.gpus import actor, listed, run_of
from tests.harness.stories import Story, a_story


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot with a public address that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True, more=PUBLIC) as story:
        yield story


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


NO_HEARTBEATS: tuple[tuple[dict[str, Any], str], ...] = (
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
)


async def test_what_is_no_heartbeat_is_refused_in_one_line(public: Story) -> None:
    pod = await burning(public)
    secret = await token(public.person("ada"))
    for change, said in NO_HEARTBEATS:
        answer = await ask(public, secret, beat(public, **change))
        assert (answer.status_code, said in answer.text) == (422, True), (change, answer.text)
        assert answer.text.count("\n") == 1
        await public.advance(seconds=61)
    assert (await run_of(public, pod.id)).guard_seen is None


NO_OBJECTS = (
    (b"", 422), (b"\xff\xfe", 422), (b"[1]", 422), (b"null", 422), (b'{"v": NaN}', 422),
    (b"[" * 2_000, 422), (b" " * 2_049, 413), (b" " * 3_000_000, 413),
)  # fmt: skip


async def test_what_is_no_object_or_too_large(public: Story) -> None:
    pod = await burning(public)
    secret = await token(public.person("ada"))
    for body, status in NO_OBJECTS:
        answer = await ask(public, secret, body)
        assert answer.status_code == status, (body[:9], answer.text)
        assert answer.text.count("\n") == 1
        assert (await ask(public, "no", body)).status_code == 401, "the token comes first"
        await public.advance(seconds=61)
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


async def test_the_script_is_there_to_be_read_first(public: Story) -> None:
    address = f"http://127.0.0.1:{public.settings.port}/guard.py"
    async with httpx.AsyncClient(trust_env=False) as client:
        found = await client.get(address)
    assert (found.status_code, found.text) == (200, guard_script())
    assert found.headers["content-type"].startswith("text/x-python")


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
