"""What has happened before a visitor comes: an experiment half done, and a GPU that was forgotten.

Played by hand through the real bot, so that everything the visitor finds is the bot's own work.
"""

import hashlib
import json
from datetime import timedelta

from owroute.demo import world
from owroute.demo.looking import at_once, until
from owroute.demo.stage import Stage
from sandbox.person import Person
from sandbox.seen import Shown

CHANNEL = "ml-lab"
CARD = {
    "Task": "glossary of the course in plain words",
    "Privacy": "Internal",
    "Available route": "Local CPU",
    "Needs a service API": "No",
    "Needs fine-tuning": "No",
    "Budget": "Zero",
}
BURNS = timedelta(hours=6)
"""How long the forgotten GPU has run when the visitor comes: 4.14 USD at 0.69 an hour."""

STOPS_IN = timedelta(seconds=4)
"""A visitor who presses Stop now sees the proof after the bot's first reading."""

RENTED = {
    "Task": "five-case evaluation on a rented GPU",
    "Privacy": "Internal",
    "Available route": "Rented GPU",
    "Needs a service API": "Yes",
    "Needs fine-tuning": "No",
    "Budget": "Small",
}
WISHES = "hardware=rtx4090 tenancy=secure session_hours=4"
CASES = ("format", "citation", "safety", "latency", "regression")


async def prelude(up: Stage) -> None:
    """All of it; it ends `BURNS` later than it began."""
    await half_done(up)
    await forgotten(up)


async def forgotten(up: Stage) -> None:
    """Ada rents what her plan says, as it says, does not press *GPU started*, and goes to lunch."""
    ada = Person(up.workspace, world.ADA.id, at_once)
    await ada.command(f"/owroute plan {WISHES}", CHANNEL)
    await until(lambda: bool(ada.stack))
    await ada.modal.fill(RENTED)
    await ada.modal.submit()
    await until(lambda: RENTED["Task"] in _card(ada).text and bool(_card(ada).primary))
    name = f"{label(_card(ada)).lower()}-{world.ADA.name}"
    up.fleet.runpod.start(name, stop_takes=STOPS_IN)
    await up.workspace.advance(BURNS)
    await until(lambda: "Stop now" in ada.last("dm").buttons)


async def half_done(up: Stage) -> None:
    """Ada has planned a laptop run, started it and pasted what the script captured."""
    ada = Person(up.workspace, world.ADA.id, at_once)
    await ada.command("/owroute plan", CHANNEL)
    await until(lambda: bool(ada.stack))
    await ada.modal.fill(CARD)
    await ada.modal.submit()
    await until(lambda: bool(_card(ada).primary))
    await _card(ada).click(_card(ada).primary[0])
    await until(lambda: "Attach evidence" in _card(ada).primary)
    await _card(ada).click("Attach evidence")
    await until(lambda: bool(ada.stack))
    await ada.modal.fill({"Paste-back of the capture script": paste_back(label(_card(ada)))})
    await ada.modal.submit()
    await until(lambda: "wait for Accept" in _card(ada).text)


def label(card: Shown) -> str:
    """OW-n, as the card calls its experiment."""
    return next(word for word in card.text.replace("·", " ").split() if word.startswith("OW-"))


def paste_back(experiment: str) -> str:
    """What the capture script prints after five cases on a laptop, one of them failed."""
    rows = [{"case_id": name, "pass": name != "citation", "seconds": 2.4} for name in CASES]
    found = {
        "v": 1,
        "experiment": experiment,
        "private": False,
        "at": "2026-01-01T09:00:00Z",
        "runtime": {"name": "llama.cpp", "version": "b7100"},
        "first": {
            "prompt": "Explain RAG in one sentence.",
            "output": "The model answers from passages that were looked up first.",
            "seconds": 3.1,
        },
        "cases": {
            "total": len(rows),
            "passed": len(rows) - 1,
            "failed": 1,
            "unjudged": 0,
            "sha256": hashlib.sha256(json.dumps(rows).encode()).hexdigest(),
            "rows": rows,
        },
        "latency": {"p50": 2.4, "p95": 3.0},
        "memory": {"rss_mib": 3380},
        "disk_gib": 2.5,
        "environment": {"python": "3.12.3", "os": "Linux"},
    }
    line = json.dumps(found, separators=(",", ":"))
    digest = hashlib.sha256(line.encode()).hexdigest()[:16]
    return f"owroute-capture 1 {experiment}\n{line}\nsha256 {digest}"


def _card(person: Person) -> Shown:
    return person.last(CHANNEL)
