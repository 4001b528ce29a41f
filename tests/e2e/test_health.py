"""Alive, ready, and heard of from outside."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from owroute.server import served
from sandbox.faults import Fault, FaultKind
from tests.e2e.test_delivery import submit
from tests.harness.stories import Story, a_story


async def ready(story: Story) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{story.settings.port}/readyz")


async def test_a_bot_that_ticks_is_ready(story: Story) -> None:
    answer = await ready(story)
    assert answer.status_code == 200
    assert answer.json()["engine"] == "ok"
    assert answer.json()["slack"] == "ok"


async def test_a_bot_that_no_longer_ticks_is_not(story: Story) -> None:
    await story.workspace.advance(timedelta(minutes=5))
    answer = await ready(story)
    assert answer.status_code == 503
    assert "tick" in str(answer.json()["problems"])


async def test_the_process_answers_whatever_else_is_wrong(story: Story) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{story.settings.port}/healthz")
    assert answer.json() == {"status": "ok"}


async def test_the_heartbeat_stops_while_something_is_overdue(tmp_path: Path) -> None:
    beats: list[str] = []
    async with served(listener(beats), grace=1) as port:
        url = f"http://127.0.0.1:{port}/beat"
        async with a_story(tmp_path, more={"OWROUTE_HEARTBEAT_URL": url}) as story:
            assert beats
            story.workspace.faults.add(Fault(FaultKind.REFUSE, "chat.*", times=None))
            await submit(story)
            await story.advance(minutes=20, step=timedelta(minutes=2))
            silent_since = len(beats)
            await story.tick()
            assert len(beats) == silent_since
            story.workspace.faults.clear()
            await story.advance(minutes=2, step=timedelta(seconds=30))
            assert len(beats) > silent_since


def listener(beats: list[str]) -> Starlette:
    async def beat(request: Request) -> Response:
        beats.append(request.url.path)
        return Response()

    handler: Callable[[Request], Awaitable[Response]] = beat
    return Starlette(routes=[Route("/beat", handler)])
