"""Captures as a machine would send them, and the machine's side of the address."""

import json
import re
from typing import Any

import httpx

from tests.harness.stories import Hands, Story

PUBLIC = {"OWROUTE_PUBLIC_URL": "https://owroute.example.org"}
SAID = "the-words-of-the-model-xyzzy"
"""A text that must be found nowhere when the experiment is private."""


def capture(label: str = "OW-1", **changes: Any) -> dict[str, Any]:
    """What the script sends of a run with five cases, one of them failed."""
    rows = [
        {"case_id": f"c{n}", "pass": n != 3, "seconds": 0.5, "prompt": f"q{n}", "output": SAID}
        for n in range(5)
    ]
    found: dict[str, Any] = {
        "v": 1, "experiment": label, "private": False, "at": "2026-11-23T09:00:00Z",
        "first": {"prompt": "Say hello.", "output": SAID, "seconds": 1.25},
        "latency": {"p50": 0.5, "p95": 0.75},
        "repo": "Qwen/Qwen3-4B-GGUF", "revision": "bc640142c66e1fdd12af0bd68f40445458f3869b",
        "runtime": {"name": "llama.cpp", "version": "b7100", "command": "llama-server -m m.gguf"},
        "cases": {
            "total": 5, "passed": 4, "failed": 1, "unjudged": 0, "sha256": "a" * 64, "rows": rows,
        },
        "memory": {"rss_mib": 4096}, "disk_gib": 4.2,
        "environment": {"python": "3.12.1", "os": "Linux"},
    }  # fmt: skip
    return {**found, **changes}


def withheld_capture(label: str = "OW-1") -> dict[str, Any]:
    """The same with `--private`: hashes and lengths."""
    hidden = {"sha256": "b" * 64, "chars": len(SAID)}
    found = capture(label, private=True)
    found["first"] = {"prompt": hidden, "output": hidden, "seconds": 1.25}
    for row in found["cases"]["rows"]:
        row.update(prompt=hidden, output=hidden)
    return found


async def token(by: Hands, label: str = "OW-1") -> str:
    """The token that *Capture command* shows to who steers."""
    await by.command(f"/owroute evidence {label}")
    await by.whispers()[-1].click("Capture command")
    found = re.search(r"OWROUTE_CAPTURE_TOKEN=([\w-]+)", by.whispers()[-1].text)
    assert found, by.whispers()[-1].text
    return found[1]


async def send(story: Story, secret: str | None, body: Any, **options: Any) -> httpx.Response:
    """Post a capture to the bot, as the script does."""
    content = body if isinstance(body, bytes) or hasattr(body, "__aiter__") else encoded(body)
    headers = {"Authorization": f"Bearer {secret}"} if secret is not None else {}
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        answer = await client.post(
            f"http://127.0.0.1:{story.settings.port}/capture",
            content=content,
            headers={**headers, **options},
        )
    await story.settle()
    return answer


def encoded(body: Any) -> bytes:
    """JSON as the script writes it."""
    return json.dumps(body, separators=(",", ":")).encode()
