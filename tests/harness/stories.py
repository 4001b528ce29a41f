"""The story harness: the real bot in one process with the sandbox, on a clock that stands still.

People type and press by label, time moves by `advance`, the bot's process ends and starts by
`restart`. Nothing sleeps; nothing is patched.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
import structlog.testing
from typing_extensions import override

from bot.domain.delivery import LEASE
from owroute.demo import world
from owroute.demo.stage import free_port
from owroute.serve import listening
from owroute.server import served
from owroute.settings import Settings, load
from owroute.web import create_web
from owroute.wiring import Runtime, build
from sandbox.app import HttpTransport, SocketTransport, create_app
from sandbox.clock import SharedClock
from sandbox.fleet.fleet import RUNPOD_PATH, Fleet
from sandbox.fleet.runpod import RUNPOD_KEY
from sandbox.hub import HUB_PATH
from sandbox.model import Message
from sandbox.outcome import Outcome
from sandbox.person import Person
from sandbox.seen import Shown
from sandbox.workspace import Workspace
from tests.harness.stores import lay_sqlite

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PEOPLE = {seat.name: seat.id for seat in world.PEOPLE}
PATIENCE = 20.0
"""Seconds for an answer, in place of Slack's three: how long one takes here says how busy it is."""

QUIET_TICKS = 3
PACED_TICKS = 12


class Hands(Person):
    """A person of the demo's workspace, who is usually in #ml-lab."""

    async def plan(
        self, fields: Mapping[str, str], *, channel: str = "ml-lab", arguments: str = ""
    ) -> Shown:
        """The whole way from `/owroute plan` to the card in the channel."""
        await self.command(f"/owroute plan {arguments}".strip(), channel)
        await self.modal.fill(fields)
        outcome = await self.modal.submit()
        assert outcome.ok, (outcome, self.stack and self.modal.errors)
        return self.last(channel)

    @override
    def whispers(self, channel: str = "ml-lab") -> list[Shown]:
        return super().whispers(channel)

    @override
    async def command(self, text: str, channel: str = "ml-lab") -> Outcome:
        return await super().command(text, channel)


class Story:
    """A workspace, a bot, and a clock."""

    def __init__(
        self, workspace: Workspace, clock: SharedClock, settings: Settings, fleet: Fleet
    ) -> None:
        self.workspace = workspace
        self.fleet = fleet
        self.clock = clock
        self.settings = settings
        self.log = structlog.testing.LogCapture()
        self.runtime: Runtime
        self._bot: AsyncExitStack | None = None
        self._expected_errors = 0

    def person(self, name: str) -> Hands:
        return Hands(self.workspace, PEOPLE[name], self.settle)

    async def settle(self) -> None:
        """Wait for everything the bot started behind its acknowledgements."""
        await self.runtime.background.idle()

    async def tick(self) -> None:
        """One whole cycle of the bot."""
        await self.runtime.tick()
        await self.settle()

    async def advance(self, *, step: timedelta = timedelta(hours=6), **by: float) -> None:
        """Move the clock, ticking on the way as the timer would."""
        left = timedelta(**by)
        while left > timedelta(0):
            await self.workspace.advance(min(step, left))
            left -= step
            await self.tick()

    async def start(self) -> None:
        """Start the bot's process: all memory is new, the database is the same."""
        stack = AsyncExitStack()
        self.runtime = await stack.enter_async_context(build(self.settings, self.clock))
        await stack.enter_async_context(listening(self.runtime))
        await stack.enter_async_context(
            served(create_web(self.runtime), port=self.settings.port, grace=1)
        )
        self._bot = stack
        await self.tick()

    async def stop(self) -> None:
        """End the bot's process."""
        if self._bot is not None:
            await self._bot.aclose()
            self._bot = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def said(self) -> list[Message]:
        """Everything the bot ever posted that is still there, oldest first."""
        conversations = self.workspace.conversations
        return [m for c in conversations for m in conversations.messages(c.id) if m.bot_id]

    async def until_connected(self) -> None:
        """Wait until the bot's socket is open (Socket Mode)."""
        async with asyncio.timeout(10):
            while not getattr(self.workspace.courier, "connections", 0):
                await asyncio.sleep(0.02)

    def expect_errors(self, count: int) -> None:
        """Exactly so many events at level error belong to the story."""
        self._expected_errors = count

    def errors(self) -> list[str]:
        """Events the bot logged at level error."""
        bad = [e for e in self.log.entries if e["log_level"] in ("error", "critical")]
        return [f"{e} {e.get('exception', '')}" for e in bad]


@asynccontextmanager
async def a_story(
    home: Path,
    *,
    database_url: str | None = None,
    optional: tuple[str, ...] = (),
    engine: str | None = None,
    socket_mode: bool = False,
    watches: bool = False,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Story]:
    """A story on a fresh database; fails on anything the bot said or logged behind its back."""
    clock = SharedClock(home / "clock.json", frozen_at=MONDAY)
    workspace = world.create_workspace(home / "clock.json", optional=optional)
    fleet = Fleet(clock)
    bot_port = free_port()
    transport = _transport(bot_port, socket_mode=socket_mode)
    if database_url is None:
        await lay_sqlite(home / "bot/owroute.db")
    app = create_app(workspace, transport=transport, fleet=fleet)
    async with served(app, grace=1, is_dated=False) as port:
        workspace.base_url = f"http://127.0.0.1:{port}"
        environment = _environment(home, workspace.base_url, bot_port) | {
            "OWROUTE_DATABASE_URL": database_url or "",
            "OWROUTE_ENGINE_URL": engine or "",
            "SLACK_APP_TOKEN": world.APP_TOKEN if socket_mode else "",
            **(_keys(workspace.base_url) if watches else {}),
            **(more or {}),
        }
        settings = load(environment)
        story = Story(workspace, clock, settings, fleet)
        _listen(story)
        await story.start()
        try:
            yield story
            await _nothing_more_happens(story)
        finally:
            await story.stop()
            await workspace.close()
            structlog.reset_defaults()


def _listen(story: Story) -> None:
    """What the bot logs, the story hears."""
    processors = (structlog.stdlib.add_log_level, structlog.processors.format_exc_info)
    structlog.configure(processors=[*processors, story.log])


async def _nothing_more_happens(story: Story) -> None:
    for _ in range(PACED_TICKS):  # what a channel's pace held back may go
        await story.advance(seconds=10)
        if not await _on_its_way(story):
            break
    await story.advance(seconds=10)  # files appear once Slack has looked them through
    before = [m.ts for m in story.said()]
    for _ in range(QUIET_TICKS):
        await story.workspace.advance(LEASE)  # what a lost lease would bring back comes now
        await story.tick()
    more = [f"{m.ts} {m.text}" for m in story.said() if m.ts not in before]
    assert not more, f"the bot spoke again with nothing to say: {more}"
    assert [m.ts for m in story.said()] == before, "a message went without a reason"
    assert len(story.errors()) == story._expected_errors, story.errors()


async def _on_its_way(story: Story) -> int:
    """How many messages are still to be sent."""
    async with story.runtime.store(read_only=True) as uow:
        return await uow.outbox.undelivered(story.runtime.clock.now(), timedelta(0))


def _keys(sandbox: str) -> dict[str, str]:
    """The keys of the providers that a bot watches."""
    return {"RUNPOD_API_KEY": RUNPOD_KEY, "OWROUTE_RUNPOD_URL": f"{sandbox}{RUNPOD_PATH}"}


def _transport(bot_port: int, *, socket_mode: bool) -> HttpTransport | SocketTransport:
    if socket_mode:
        return SocketTransport(world.APP_TOKEN, PATIENCE)
    address = f"http://127.0.0.1:{bot_port}/slack/events"
    return HttpTransport(address, world.SIGNING_SECRET, patience=PATIENCE)


def _environment(home: Path, slack: str, bot_port: int) -> dict[str, str]:
    return {
        "SLACK_API_URL": f"{slack}/api/",
        "SLACK_BOT_TOKEN": world.BOT_TOKEN,
        "SLACK_SIGNING_SECRET": world.SIGNING_SECRET,
        "OWROUTE_PORT": str(bot_port),
        "OWROUTE_DATA_DIR": str(home / "bot"),
        "HF_ENDPOINT": f"{slack}{HUB_PATH}",
    }
