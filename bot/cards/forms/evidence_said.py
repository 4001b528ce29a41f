"""A message that becomes evidence: where it stands, who wrote it, and its text while that may be.

The text travels in the view itself, in blocks that Slack sends back whole: a view's own memory
holds 3,000 characters, a message 40,000.
"""

import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.cards.blocks import SECTION, section
from bot.cards.text import esc
from bot.domain.capture import read_paste
from bot.domain.capture_form import Capture
from bot.domain.delivery import Block

MARK = "owroute-capture"
"""What every paste-back begins with."""

BLOCK = "said"
MOST = 70
"""Blocks of text: more than Slack's longest message needs."""

_SHORT = 600
_LINK = re.compile(r"<((?:https?|mailto):[^|>]+)(?:\|[^>]*)?>")
_NAME = re.compile(r"<[@#!]([^|>]+)(?:\|([^>]*))?>")
_FENCE = re.compile(r"\A\s*```[ \t]*\n?(.*?)\n?```\s*\Z", re.DOTALL)


class Said(BaseModel):
    """What a view remembers of the message. `hidden` is one in a private place.

    `text` is not part of what is remembered; "" when it is withheld or was.
    """

    model_config = ConfigDict(frozen=True)

    link: str
    author: str
    channel: str
    hidden: bool
    sha256: str
    chars: int
    text: str = ""

    @property
    def withheld(self) -> "Said":
        """The same without its words."""
        return self.model_copy(update={"text": ""})

    def fit_for(self, *, private: bool) -> "Said":
        """Without its words where they may not go, unless it is a capture that holds none."""
        if not private:
            return self
        found = read_paste(self.text) if MARK in self.text else None
        return self if isinstance(found, Capture) and found.private else self.withheld


def read_message(body: Mapping[str, Any]) -> Said:
    """The message of a message shortcut."""
    message, channel = body.get("message") or {}, body.get("channel") or {}
    place, ts = str(channel.get("id") or ""), str(message.get("ts") or body.get("message_ts") or "")
    text = plain(str(message.get("text") or ""))
    domain = str((body.get("team") or {}).get("domain") or "")
    thread = str(message.get("thread_ts") or "")
    reply = f"?thread_ts={thread}&cid={place}" if thread and thread != ts else ""
    name = str(channel.get("name") or "")
    return Said(
        link=f"https://{domain}.slack.com/archives/{place}/p{ts.replace('.', '')}{reply}",
        author=str(message.get("user") or message.get("bot_id") or ""),
        channel=place,
        hidden=name in ("privategroup", "directmessage") or place[:1] in "DG",
        sha256=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        chars=len(text),
        text=text,
    )


def thread_of(body: Mapping[str, Any]) -> str:
    """The first message of the thread that a message of a shortcut is in; else the message."""
    message = body.get("message") or {}
    return str(message.get("thread_ts") or message.get("ts") or body.get("message_ts") or "")


def clean(text: str) -> str:
    """A text that every database keeps: no NUL, no half of a character."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def plain(text: str) -> str:
    """A message's text as it was typed: Slack's own markup of links and names undone."""
    text = clean(text).replace("\r\n", "\n").replace("\r", "\n")
    bare = _NAME.sub(lambda m: m[2] or m[1], _LINK.sub(r"\1", text))
    fenced = _FENCE.match(bare)
    return html.unescape(fenced[1] if fenced else bare)


def shown(said: Said) -> list[Block]:
    """The text as blocks, so many that all of it fits."""
    return [
        section_of(piece, f"{BLOCK}:{number}:{'more' if goes_on else 'line'}")
        for number, (piece, goes_on) in enumerate(_pieces(said.text))
    ][:MOST]


def section_of(text: str, block_id: str) -> Block:
    """A paragraph of plain text."""
    block = section("", block_id=block_id)
    return {**block, "text": {"type": "plain_text", "text": esc(text), "emoji": False}}


def text_in(view: Mapping[str, Any]) -> str:
    """The text that a view shows, put together again."""
    whole = ""
    for block in view.get("blocks") or ():
        name = str(block.get("block_id") or "")
        if name.startswith(f"{BLOCK}:"):
            piece = html.unescape(str(block["text"]["text"]))
            piece = "" if piece.strip() == _EMPTY else piece
            whole += piece if not whole or name.endswith(":more") else f"\n{piece}"
    return whole


_EMPTY = "\u00b7"
"""Stands for a piece of nothing, which Slack refuses."""


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Lines in pieces that fit a block; whether a piece goes on within a line."""
    held: list[str] = []
    for line in text.split("\n"):
        if held and len(esc("\n".join([*held, line]))) > SECTION:
            yield _piece(held), False
            held = []
        if len(esc(line)) <= SECTION:
            held.append(line)
            continue
        for number, start in enumerate(range(0, len(line), _SHORT)):
            yield line[start : start + _SHORT], number > 0
    if held:
        yield _piece(held), False


def _piece(lines: list[str]) -> str:
    text = "\n".join(lines)
    return text if text.strip() else _EMPTY
