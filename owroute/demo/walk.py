"""From a plan to its record, walked as a visitor would: used by `owroute demo --check`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from owroute.demo import world
from owroute.demo.looking import PATIENCE_SECONDS, at_once, until
from owroute.demo.prelude import label, paste_back
from owroute.demo.stage import Stage
from sandbox.app import Step
from sandbox.person import Person
from sandbox.seen import NotThere, Shown

CHANNEL = "ml-lab"
CARDS = 2


async def walk(up: Stage) -> AsyncIterator[tuple[str, str | None]]:
    """Each step as (what was done, None or what went wrong); ends at the first that failed."""
    walker = Walker(Person(up.workspace, world.ADA.id, at_once), up.panel.checklist())
    steps: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
        ("an experiment is half done when one comes", walker.look),
        ("/owroute plan opens the constraint card", walker.open),
        ("submitting it brings a decision card into the channel", walker.submit),
        ("Fix asks for what is missing and brings it to Go", walker.fix),
        ("I start it, and the card says so", walker.start),
        ("what the script captured is attached, and counts once accepted", walker.capture),
        ("the record lies in the thread", walker.record),
        ("exactly one card stands for each experiment", walker.one_card),
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

    def __init__(self, ada: Person, steps: Sequence[Step]) -> None:
        self._ada = ada
        self._steps = steps

    async def look(self) -> None:
        """Read the card that stands there already; the list of steps has no tick yet."""
        if "wait for Accept" not in self._card().text:
            raise NotThere(self._card().text)
        ticked = [step.id for step in self._steps if step.done(self._ada.workspace)]
        if ticked:
            raise NotThere(f"ticked before anybody did anything: {ticked}")

    async def open(self) -> None:
        """Type the command."""
        await self._ada.command("/owroute plan", CHANNEL)
        await until(lambda: bool(self._ada.stack))

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
        await until(lambda: "Needs changes" in self._card().text)

    async def fix(self) -> None:
        """Press Fix, accept what it proposes, until nothing blocks."""
        while "Needs changes" in (before := self._card()).text:
            await before.click("Fix")
            await until(lambda: bool(self._ada.stack))
            await self._ada.modal.submit()
            shown = before.text
            await until(lambda was=shown: self._card().text != was)  # type: ignore[misc]  # bound now

    async def start(self) -> None:
        """Press the primary button of a plan that says Go."""
        await self._card().click(self._card().primary[0])
        await until(lambda: "unning" in self._card().text)

    async def capture(self) -> None:
        """Attach a paste-back, then accept all of it in the checklist."""
        card, name = self._card(), label(self._card())
        await card.click("Attach evidence")
        await until(lambda: bool(self._ada.stack))
        await self._ada.modal.fill({"Paste-back of the capture script": paste_back(name)})
        await self._ada.modal.submit()
        await until(lambda: "wait for Accept" in self._card().text)
        await self._ada.command(f"/owroute evidence {name}", CHANNEL)
        await until(lambda: bool(self._accept()))
        await self._ada.whispers(CHANNEL)[-1].click(self._accept()[0], confirmed=True)
        await until(lambda: "wait for Accept" not in self._card().text)

    async def record(self) -> None:
        """Ask for the record; its two files appear below the card."""
        await self._ada.command(f"/owroute record {label(self._card())}", CHANNEL)
        await until(lambda: any(s.message.files for s in self._ada.thread(self._card())))

    async def one_card(self) -> None:
        """Count: the half-done experiment's card and this one's."""
        found = len(self._ada.cards(CHANNEL))
        if found != CARDS:
            raise NotThere(f"there are {found} cards")

    def _accept(self) -> list[str]:
        return [b for b in self._ada.whispers(CHANNEL)[-1].buttons if b.startswith("Accept all")]

    def _card(self) -> Shown:
        return self._ada.last(CHANNEL)
