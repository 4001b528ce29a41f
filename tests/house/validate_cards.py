"""`make validate-cards`: send every golden card to Slack's own `blocks.validate`.

Needs the network and no token. Prints what Slack finds, with Slack's pointers; the exit code is the
number of cards it does not like, at most 99, or 100 when Slack could not be asked.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

GOLDEN = Path(__file__).parents[1]
SLACK = "https://slack.com/api/"
UNASKED = 100


def cards(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every golden card or view under `folder`, as the argument that Slack's method wants."""
    for file in sorted(folder.rglob("golden/**/*.json")):
        found = json.loads(file.read_text("utf-8"))
        if not isinstance(found, dict) or "blocks" not in found:
            continue
        is_view = found.get("type") in {"modal", "home"}
        argument = {"view": found} if is_view else {"blocks": found["blocks"]}
        yield str(file.relative_to(folder)), argument


def complaints(client: httpx.Client, argument: dict[str, Any]) -> list[str]:
    """What Slack says against one card; waits as long as Slack asks where it is asked too often."""
    while True:
        answer = client.post("blocks.validate", json=argument)
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            break
        time.sleep(min(60, int(answer.headers.get("retry-after", "5"))))
    answer.raise_for_status()
    body = answer.json()
    if body["ok"] and not body.get("errors"):
        return []
    found = [f"{e.get('pointer', '')} {e.get('message', e)}" for e in body.get("errors") or ()]
    return found or [str(body.get("error"))]


def main(client: httpx.Client, folder: Path) -> int:
    """Ask for all of them and print what is wrong."""
    checked = wrong = 0
    try:
        for name, argument in cards(folder):
            checked += 1
            found = complaints(client, argument)
            wrong += bool(found)
            for line in found:
                print(f"{name}: {line}")  # noqa: T201  # a command that prints
    except httpx.HTTPError as error:
        print(f"Slack could not be asked: {type(error).__name__}")  # noqa: T201  # the same command
        return UNASKED
    print(f"{checked} cards checked, {wrong} not valid")  # noqa: T201  # the same command
    return min(wrong, UNASKED - 1) if checked else UNASKED


if __name__ == "__main__":
    address = os.environ.get("SLACK_API_URL", SLACK)
    with httpx.Client(base_url=address, timeout=20) as slack:
        sys.exit(main(slack, GOLDEN))
