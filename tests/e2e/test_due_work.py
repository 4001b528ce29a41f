"""What falls due: done in its time, whatever the engine does meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from starlette.types import Receive, Scope, Send

from engine.app import create_app, load_data
from owroute.server import served
from sandbox.faults import Fault, FaultKind
from sandbox.seen import Shown
from tests.e2e.cards import COURSE, LAPTOP
from tests.e2e.test_delivery import submit
from tests.harness.stories import Story, a_story

MINUTE = timedelta(minutes=1)
REGULATED = {**LAPTOP, "Privacy": "Regulated", "Available route": "Free Colab"}


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


async def questions(engine: MoodyEngine, count: int) -> None:
    """Wait until the engine has heard so many."""
    async with asyncio.timeout(5):
        while engine.asked < count:
            await asyncio.sleep(0.02)


async def submit_and_crash(story: Story, engine: MoodyEngine) -> None:
    """A plan whose first question to the engine is lost with the process that asked it."""
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.fill(COURSE)
    engine.mood, asked = Mood.HANGING, engine.asked
    pressing = asyncio.create_task(ada.modal.submit())
    await questions(engine, asked + 1)
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


async def test_an_engine_that_hangs_holds_up_neither_the_beat_nor_the_messages(
    tmp_path: Path,
) -> None:
    async with moody_engine() as engine, a_story(tmp_path, engine=engine.url) as story:
        ada = story.person("ada")
        where = ada.channel("course-team").id
        busy = Fault(FaultKind.TOO_MANY, "chat.postMessage", times=1, channel=where)
        story.workspace.faults.add(busy)
        await submit(story, "course-team")
        engine.mood = Mood.DOWN
        for _ in range(5):
            await submit(story)
        await story.workspace.advance(MINUTE)
        engine.mood, asked = Mood.HANGING, engine.asked
        ticking = asyncio.create_task(story.runtime.tick())
        await questions(engine, asked + 5)
        async with asyncio.timeout(5):
            while await story.runtime.store.last_tick() != story.clock.now():
                await asyncio.sleep(0.05)
        assert "OW-1" in ada.last("course-team").text
        assert not ticking.done()
        engine.mood = Mood.WELL
        engine.let_go.set()
        await ticking
        await story.advance(seconds=30, step=timedelta(seconds=2))
        assert len(ada.cards("ml-lab")) == 5
        assert all("saved" not in card.text.lower() for card in ada.cards("ml-lab"))


async def test_a_plan_refused_for_a_while_is_still_asked_about_once(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await story.advance(days=2)
    await replan(story, REGULATED)
    assert "Refused" in card.now().text
    await story.advance(days=2)
    assert not questions_in(ada.thread(card))
    await replan(story, LAPTOP)
    await story.advance(days=4)
    await replan(story, LAPTOP)
    await story.advance(days=4)
    assert len(questions_in(ada.thread(card))) == 1


REPLANS = {"Re-plan", "Change the card"}


async def replan(story: Story, fields: Mapping[str, str]) -> None:
    ada = story.person("ada")
    card = next(
        c for c in reversed(ada.cards("ml-lab")) if "OW-" in c.text and REPLANS & {*c.buttons}
    )
    await card.click("Re-plan" if "Re-plan" in card.buttons else "Change the card")
    await ada.modal.fill(fields)
    await ada.modal.submit()
    await story.advance(seconds=4, step=timedelta(seconds=2))


def questions_in(thread: list[Shown]) -> list[Shown]:
    return [said for said in thread if set(said.buttons) == {"Start", "Drop"}]
