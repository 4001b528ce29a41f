"""The plan story, walked as a visitor would: used by `owroute demo --check`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from owroute.demo import world
from owroute.demo.stage import Stage
from sandbox.person import Person
from sandbox.seen import NotThere, Shown

CHANNEL = "ml-lab"
PATIENCE_SECONDS = 15.0


async def walk(up: Stage) -> AsyncIterator[tuple[str, str | None]]:
    """Each step as (what was done, None or what went wrong); ends at the first that failed."""
    walker = Walker(Person(up.workspace, world.ADA.id, _at_once))
    steps: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
        ("/owroute plan opens the constraint card", walker.open),
        ("submitting it brings a decision card into the channel", walker.submit),
        ("Fix asks for what is missing and brings it to Go", walker.fix),
        ("I start it, and the card says so", walker.start),
        ("exactly one card stands in the channel", walker.one_card),
    )
    for name, step in steps:
        try:
            await step()
        except (NotThere, TimeoutError) as problem:
            yield name, str(problem) or f"nothing came within {PATIENCE_SECONDS:.0f} s"
            return
        yield name, None


class Walker:
    """A visitor who plans a rented GPU for private documents."""

    def __init__(self, ada: Person) -> None:
        self._ada = ada

    async def open(self) -> None:
        """Type the command."""
        await self._ada.command("/owroute plan", CHANNEL)
        await _until(lambda: bool(self._ada.stack))

    async def submit(self) -> None:
        """Fill in the card and press Plan."""
        await self._ada.modal.fill(
            {
                "Task": "course Q&A assistant",
                "Privacy": "Private documents",
                "Available route": "Rented GPU",
                "Needs a service API": "Yes",
                "Needs fine-tuning": "No",
                "Budget": "Small",
            }
        )
        await self._ada.modal.submit()
        await _until(lambda: "Needs changes" in self._card().text)

    async def fix(self) -> None:
        """Press Fix, accept what it proposes, until nothing blocks."""
        while "Needs changes" in (before := self._card()).text:
            await before.click("Fix")
            await _until(lambda: bool(self._ada.stack))
            await self._ada.modal.submit()
            shown = before.text
            await _until(lambda was=shown: self._card().text != was)  # type: ignore[misc]  # bound now

    async def start(self) -> None:
        """Press the primary button of a plan that says Go."""
        await self._card().click(self._card().primary[0])
        await _until(lambda: "unning" in self._card().text)

    async def one_card(self) -> None:
        """Count."""
        found = len(self._ada.cards(CHANNEL))
        if found != 1:
            raise NotThere(f"there are {found} cards")

    def _card(self) -> Shown:
        return self._ada.last(CHANNEL)


async def _until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not _look(seen):
            await asyncio.sleep(0.05)


def _look(seen: Callable[[], bool]) -> bool:
    try:
        return seen()
    except NotThere:
        return False


async def _at_once() -> None:
    """The bot is another process: one looks until it has answered."""
