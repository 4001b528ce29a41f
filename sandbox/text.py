"""What Slack makes of typed text: three characters escaped, names turned into ids, links marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

LINK = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?)]")
PERSON = re.compile(r"(?<![\w/.])@([\w.-]*\w)")
ROOM = re.compile(r"(?<![\w/&])#([\w-]*\w)")
SPECIAL = re.compile(r"(?<![\w/.])@(here|channel|everyone)\b")


def escaped(text: str) -> str:
    """`&`, `<` and `>` as Slack stores them. A person cannot type a mention into being."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def with_ids(workspace: Workspace, text: str) -> str:
    """Escaped text in which known @names and #channels carry their ids (`should_escape`)."""

    def person(match: re.Match[str]) -> str:
        found = next((s for s in workspace.people.values() if s.name == match[1]), None)
        return f"<@{found.id}|{found.name}>" if found else match[0]

    def room(match: re.Match[str]) -> str:
        found = workspace.conversations.named(match[1])
        return f"<#{found.id}|{found.name}>" if found else match[0]

    return ROOM.sub(room, PERSON.sub(person, escaped(text)))


def as_message(workspace: Workspace, text: str) -> str:
    """A typed message as it is stored: mentions by id, links marked, the rest escaped."""
    marked = LINK.sub(lambda match: f"<{match[0]}>", with_ids(workspace, text))
    called = SPECIAL.sub(lambda match: f"<!{match[1]}>", marked)
    return re.sub(r"<([@#]\w+)\|[^>]*>", r"<\1>", called)
