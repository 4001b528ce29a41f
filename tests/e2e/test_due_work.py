"""What falls due: done in its time, whatever the engine does meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from starlette.types import Receive, Scope, Send

from engine.app import create_app, load_data
from owroute.server import served
from tests.e2e.cards import COURSE
from tests.harness.stories import Story, a_story

MINUTE = timedelta(minutes=1)


class Mood(StrEnum):
    """How the engine feels today."""

    WELL = "well"
    DOWN = "down"
    HANGING = "hanging"


class MoodyEngine:
    """The real engine, which now and then refuses to work or never answers."""

    def __init__(self) -> None:
        self.mood = Mood.WELL
        self.url = ""
        self.asked = 0
        self.let_go = asyncio.Event()
        self._engine = create_app(load_data())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        if self.mood is Mood.HANGING:
            await self.let_go.wait()
        if self.mood is Mood.WELL:
            await self._engine(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def moody_engine() -> AsyncIterator[MoodyEngine]:
    engine = MoodyEngine()
    async with served(engine, grace=1) as port:
        engine.url = f"http://127.0.0.1:{port}"
        try:
            yield engine
        finally:
            engine.let_go.set()


async def submit_and_crash(story: Story, engine: MoodyEngine) -> None:
    """A plan whose first question to the engine is lost with the process that asked it."""
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.fill(COURSE)
    engine.mood, asked = Mood.HANGING, engine.asked
    pressing = asyncio.create_task(ada.modal.submit())
    async with asyncio.timeout(5):
        while engine.asked == asked:
            await asyncio.sleep(0.02)
    await story.runtime.background.drain(0.2)
    await pressing


async def test_the_word_that_a_card_is_saved_comes_after_a_crash_too(tmp_path: Path) -> None:
    async with moody_engine() as engine, a_story(tmp_path, engine=engine.url) as story:
        ada = story.person("ada")
        await submit_and_crash(story, engine)
        assert not ada.cards("ml-lab")
        engine.mood = Mood.DOWN
        await story.advance(minutes=2, step=MINUTE)
        assert "saved" in ada.last("ml-lab").text.lower()
        await story.advance(minutes=30, step=MINUTE)
        assert len(ada.cards("ml-lab")) == 1
        calls = [entry.method_or_type for entry in story.workspace.inspector.entries]
        assert "chat.update" not in calls, "waiting on is no news"
