"""From a plan to its record, and a forgotten GPU to its proven stop, walked as a visitor would.

Used by `owroute demo --check`.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

from owroute.demo import world
from owroute.demo.looking import PATIENCE_SECONDS, at_once, until
from owroute.demo.prelude import label, paste_back
from owroute.demo.stage import Stage
from sandbox.person import Person
from sandbox.seen import NotThere, Shown

CHANNEL = "ml-lab"
CARDS = 3
MUTES = "Mute reminders and digests"
BURNED = "4.14 USD"
CENT = Decimal("0.01")
WEEK = timedelta(weeks=1)
STOPS_IN = timedelta(seconds=30)
"""The provider's stop is done by then, and the bot reads again."""


async def walk(up: Stage) -> AsyncIterator[tuple[str, str | None]]:
    """Each step as (what was done, None or what went wrong); ends at the first that failed."""
    walker = Walker(up)
    steps: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
        ("owroute was added to the channel, and said how to quiet it", walker.greeted),
        ("an experiment is half done when one comes", walker.look),
        ("who leads the channel accepts what was captured for it", walker.accept),
        ("a GPU has burned for 6 hours, and its owner was asked about it", walker.burning),
        ("/owroute plan opens the constraint card", walker.open),
        ("submitting it brings a decision card into the channel", walker.submit),
        ("Fix asks for what is missing and brings it to Go", walker.fix),
        ("I start it, and the card says so", walker.start),
        ("what the script captured is attached, and counts once accepted", walker.capture),
        ("the record lies in the thread", walker.record),
        ("Stop now asks first, stops the GPU, and a reading proves it", walker.stop),
        ("exactly one card stands for each experiment", walker.one_card),
        ("a week later the digest stands in the channel, with its picture", walker.digest),
        ("the list of steps has ticked itself", walker.ticked),
    )
    for name, step in steps:
        try:
            await step()
        except (NotThere, TimeoutError) as problem:
            yield name, str(problem) or f"nothing came within {PATIENCE_SECONDS:.0f} s"
            return
        yield name, None


class Walker:
    """A visitor who plans a rented GPU for private documents, and stops one that was forgotten."""

    def __init__(self, up: Stage) -> None:
        self._up = up
        self._ada = Person(up.workspace, world.ADA.id, at_once)
        self._steps = up.panel.checklist()

    async def greeted(self) -> None:
        """Read the first message of the channel: who brought it in, and what quiets it."""
        first = self._ada.cards(CHANNEL)[0]
        if f"<@{world.ADA.id}> added owroute" not in first.text or MUTES not in first.buttons:
            raise NotThere(first.text)

    async def look(self) -> None:
        """Read the cards that stand there already; the list of steps has no tick yet."""
        half_done = self._experiments()[0].text
        if "wait for Accept" not in half_done:
            raise NotThere(half_done)
        ticked = [step.id for step in self._steps if step.done(self._ada.workspace)]
        if ticked:
            raise NotThere(f"ticked before anybody did anything: {ticked}")

    async def accept(self) -> None:
        """Accept Grace's capture as Ada, who leads the channel; one step is ticked by it."""
        await self._ada.command("/owroute evidence OW-1", CHANNEL)
        await until(lambda: bool(self._ada.whispers(CHANNEL)) and bool(self._accept()))
        await self._ada.whispers(CHANNEL)[-1].click(self._accept()[0], confirmed=True)
        await until(lambda: "wait for Accept" not in self._experiments()[0].text)
        if [step.id for step in self._steps if step.done(self._ada.workspace)] != ["evidence"]:
            raise NotThere("the step of the list is not ticked")

    async def burning(self) -> None:
        """The provider bills it, and the direct message says so."""
        (pod,) = self._up.fleet.runpod.snapshot()["machines"]
        said = self._alert().text
        if pod["phase"] != "running" or pod["name"] not in said or BURNED not in said:
            raise NotThere(f"{pod} and {said}")

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
        """Press the primary button of a plan that says Go, and confirm the machine it names."""
        await self._card().click(self._card().primary[0])
        await until(lambda: bool(self._ada.stack))
        await self._ada.modal.submit()
        await until(lambda: "unning" in self._card().text)
        await self._ada.modal.close()

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

    async def stop(self) -> None:
        """Press Stop now below the ping, confirm, and look until it is proven."""
        alert = self._alert()
        asked = await alert.click("Stop now")
        if asked.error != "confirm_required":
            raise NotThere(f"Stop now did not ask first: {asked}")
        await alert.click("Stop now", confirmed=True)
        await until(lambda: "Stopping" in alert.now().text)
        await until(lambda: self._up.fleet.runpod.count("stop") > 0)
        await self._up.workspace.advance(STOPS_IN)
        await until(lambda: "Stopped at" in alert.now().text)
        (pod,) = self._up.fleet.runpod.snapshot()["machines"]
        told = [Decimal(usd) for usd in re.findall(r"([\d.]+) USD", alert.now().text)]
        right = any(abs(usd - Decimal(pod["spent_usd"])) <= CENT for usd in told)
        if pod["phase"] != "stopped" or not right:
            raise NotThere(f"{pod} and {alert.now().text}")

    async def one_card(self) -> None:
        """Count: the half-done experiment's card, that of the forgotten GPU's, and this one's."""
        found = len(self._experiments())
        if found != CARDS:
            raise NotThere(f"there are {found} cards")

    async def digest(self) -> None:
        """Move the clock; what the GPU cost until it was stopped is in it."""
        await self._up.workspace.advance(WEEK)
        await until(lambda: bool(self._digests()))
        card = self._digests()[-1]
        if "USD" not in card.text or "Late:" in card.text:
            raise NotThere(card.text)
        await until(lambda: any(s.message.files for s in self._ada.thread(card)))

    async def ticked(self) -> None:
        """All that was to be done is ticked."""
        left = [step.id for step in self._steps if not step.done(self._ada.workspace)]
        if left:
            raise NotThere(f"left to do: {left}")

    def _experiments(self) -> list[Shown]:
        return [card for card in self._ada.cards(CHANNEL) if "OW-" in card.text]

    def _digests(self) -> list[Shown]:
        return [card for card in self._ada.cards(CHANNEL) if "Weekly digest" in card.text]

    def _accept(self) -> list[str]:
        return [b for b in self._ada.whispers(CHANNEL)[-1].buttons if b.startswith("Accept all")]

    def _alert(self) -> Shown:
        """The direct message about the forgotten GPU."""
        (pod,) = self._up.fleet.runpod.pods.values()
        found = [s for s in self._ada.cards("dm") if pod.name in s.text]
        if not found:
            raise NotThere(f"no direct message about {pod.name}")
        return found[-1]

    def _card(self) -> Shown:
        return self._ada.last(CHANNEL)
