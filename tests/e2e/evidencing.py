"""What stories about evidence have in common: a run, its form, a paste-back, a message."""

import hashlib
import json
from collections.abc import Mapping

from bot.domain.evidence import Entry, Evidence
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Actor, Channel
from sandbox.seen import Modal, Shown
from tests.e2e.cards import LAPTOP
from tests.harness.stories import PEOPLE, Hands, Story

PUBLIC_LAPTOP = {**LAPTOP, "Privacy": "Public"}
FIVE = "case id,prompt,expected,result,note\n" + "".join(
    f'c{n},"Say ""{n}"", please",a number,{"fail" if n == 2 else "pass"},\n' for n in range(1, 6)
)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


async def running(
    story: Story, name: str = "ada", fields: Mapping[str, str] = PUBLIC_LAPTOP
) -> tuple[Hands, Shown]:
    """Somebody with an experiment that runs, and its card."""
    person = story.person(name)
    card = await person.plan(fields)
    await card.click("I'm running it")
    await story.advance(seconds=5)
    return person, card


async def form(person: Hands, item: str, number: int = 1) -> Modal:
    """The form of an item, from the checklist."""
    await person.command(f"/owroute evidence OW-{number}")
    await person.whispers()[-1].click("Attach evidence")
    await person.modal.put("Item", item_named(person.modal, item))
    return person.modal


def item_named(modal: Modal, item: str) -> str:
    """The line of the choice that begins with an item's name."""
    return next(line for line in modal.text.split("\n") if line.startswith(f"{item} · "))


async def attach(person: Hands, item: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Attach; what is wrong beside which field."""
    modal = await form(person, item)
    await modal.fill(fields)
    outcome = await modal.submit()
    return {} if outcome.ok else modal.errors


async def kept(story: Story, number: int = 1) -> tuple[dict[str, Evidence], tuple[Entry, ...]]:
    """The checklist and everything put down."""
    async with story.runtime.store(read_only=True) as uow:
        x = await uow.plans.by_number(TeamId(story.workspace.team.id), number)
        assert x is not None
        items = await uow.evidence.of(x.id)
        return {e.item: e for e in items}, await uow.evidence.entries(x.id)


async def led_by(story: Story, name: str, channel: str = "ml-lab") -> None:
    """Make somebody the lead of a channel."""
    place = story.person(name).channel(channel).id
    async with story.runtime.store() as uow:
        team = TeamId(story.workspace.team.id)
        await uow.channels.put(Channel(team, ChannelId(place), lead=UserId(PEOPLE[name])))
        await uow.commit()


async def sheet_of(by: Hands) -> Shown:
    """The checklist of OW-1, as somebody sees it now."""
    await by.command("/owroute evidence OW-1")
    return by.whispers()[-1]


def actor(story: Story, name: str = "ada") -> Actor:
    """Somebody who acts on a service, past the buttons."""
    team = TeamId(story.workspace.team.id)
    return Actor(team, UserId(PEOPLE[name]), team)


def paste(experiment: str = "OW-1", **more: object) -> str:
    """A paste-back as the capture script prints it."""
    rows = [{"case_id": f"c{n}", "pass": n != 2, "seconds": 0.5} for n in range(1, 6)]
    found: dict[str, object] = {
        "v": 1, "experiment": experiment, "private": False, "at": "2026-11-23T09:30:00Z",
        "repo": "Qwen/Qwen3-4B", "revision": COMMIT, "model": "Qwen/Qwen3-4B",
        "endpoint": "http://127.0.0.1:8000/v1",
        "runtime": {"name": "llama_cpp", "version": "b4321", "command": "llama-server -m q.gguf"},
        "first": {"prompt": "What is RAG?", "output": "Retrieval first.", "seconds": 1.25},
        "latency": {"p50": 0.5, "p95": 0.75},
        "memory": {"rss_mib": 4096},
        "disk_gib": 4.28,
        "environment": {"python": "3.11.2", "os": "Linux"},
        "cases": {
            "total": 5, "passed": 4, "failed": 1, "unjudged": 0, "sha256": "a" * 64, "rows": rows,
        },
        **more,
    }  # fmt: skip
    line = json.dumps({k: v for k, v in found.items() if v is not None}, separators=(",", ":"))
    digest = hashlib.sha256(line.encode()).hexdigest()[:16]
    return f"owroute-capture 1 {experiment}\n{line}\nsha256 {digest}"


async def say(person: Hands, text: str, channel: str = "ml-lab", thread: str | None = None) -> str:
    outcome = await person.actor.say(person.channel(channel).id, text, thread_ts=thread)
    return str(outcome.data["ts"])


async def from_message(person: Hands, ts: str, channel: str = "ml-lab") -> Modal:
    await person.about("attach_evidence", channel, ts)
    return person.modal
