"""Files in the thread of a card, as people see them there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from owroute.demo import world
from owroute.demo.stage import Stage, stage, until_ready
from sandbox.model import Message, StoredFile
from sandbox.person import Person
from tests.e2e.evidencing import PUBLIC_LAPTOP
from tests.e2e.test_crashes import HISTORY, nothing, until
from tests.harness.forks import forked
from tests.harness.stories import Story


def uploads(story: Story, by: Person, channel: str = "ml-lab") -> list[Message]:
    """The messages with files in the thread of the newest card."""
    card = by.last(channel)
    replies = story.workspace.conversations.messages(card.message.channel)
    return [m for m in replies if m.files and m.thread_ts == card.message.ts]


def file_of(story: Story, said: Message, ending: str) -> StoredFile:
    files = [story.workspace.files[f] for f in said.files]
    return next(f for f in files if f.name.endswith(ending))


async def shared(story: Story) -> None:
    """Let the bot send, and Slack look the files through."""
    await story.settle()
    await story.advance(seconds=4, step=timedelta(seconds=2))
    await story.workspace.chores.settle()


@asynccontextmanager
async def dying_at(point: str, home: Path) -> AsyncIterator[tuple[Stage, Person]]:
    """A bot that will end at a place, and somebody with a card that stands."""
    url, crash = f"sqlite:///{home}/bot.db", {"OWROUTE_CRASH_AT": point}
    async with stage(database_url=url, optional=HISTORY, bot_env=crash, launch=forked) as up:
        ada = Person(up.workspace, world.ADA.id, nothing)
        await ada.command("/owroute plan", "ml-lab")
        await ada.modal.fill(PUBLIC_LAPTOP)
        await ada.modal.submit()
        await until(lambda: bool(ada.cards("ml-lab")) and bool(ada.thread(ada.last("ml-lab"))))
        yield up, ada


async def alive_again(up: Stage) -> None:
    """The process is started anew, and ends nowhere."""
    del up.bot.env["OWROUTE_CRASH_AT"]
    await up.bot.start()
    await until_ready(up)


def posted(up: Stage, ada: Person) -> list[Message]:
    said = up.workspace.conversations.messages(ada.last("ml-lab").message.channel)
    return [m for m in said if m.files]
