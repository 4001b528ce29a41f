"""A table in a message, on the best rung of Slack's ladder that a workspace takes.

Newer blocks are not everywhere: a `data_table` may be refused where a `table` is not, and both
where sections with fields are read as well. Cells are plain text on every rung, save that a
link to a channel stays one: Slack shows its name to whoever may see it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bot.cards.blocks import capped, plain, section
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, bold, code, joined, unescaped
from bot.domain.delivery import Block

CELL = 300
CHANNEL = re.compile("<#([A-Z0-9]+)>")
"""A link to a channel; nobody's own text holds one, since `<` is escaped there."""

NOTHING = Mrkdwn("–")
"""What a cell says where there is nothing to say."""


class Rung(StrEnum):
    """How a table is drawn, best first."""

    DATA_TABLE = "data_table"
    TABLE = "table"
    FIELDS = "fields"


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, a heading per column, and rows; the first cell names its row."""

    caption: Mrkdwn
    head: tuple[Mrkdwn, ...]
    rows: tuple[tuple[Mrkdwn, ...], ...]


def drawn(table: Table, rung: Rung) -> list[Block]:
    """The table as blocks."""
    match rung:
        case Rung.DATA_TABLE:
            return [
                {
                    "type": "data_table",
                    "caption": table.caption,
                    "page_size": len(table.rows),
                    "rows": _rows(table),
                }
            ]
        case Rung.TABLE:
            wraps = [{"is_wrapped": True} for _ in table.head]
            return [{"type": "table", "column_settings": wraps, "rows": _rows(table)}]
        case Rung.FIELDS:
            return [_fields(table.head, row) for row in table.rows]
        case _:
            assert_never(rung)


def plainer(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The same blocks for where Slack takes no `data_table`: a section with fields for each row."""
    return tuple(found for block in blocks for found in _plainer(block))


def _plainer(block: Block) -> list[Block]:
    if block["type"] != Rung.DATA_TABLE.value:
        return [block]
    head, *rows = [[_read(cell) for cell in row] for row in block["rows"]]
    return [_fields(head, row) for row in rows]


def lines(table: Table, lang: str) -> list[Mrkdwn]:
    """A line per row, for notifications and screen readers; empty cells are left out."""
    pair = words(lang).detail.pair
    return [
        joined(" · ", row[0], *(pair(*found) for found in _filled(table.head, row)))
        for row in table.rows
    ]


def _rows(table: Table) -> list[list[Block]]:
    return [[_cell(text) for text in row] for row in (table.head, *table.rows)]


def _cell(text: Mrkdwn) -> Block:
    if not CHANNEL.search(text):
        return {"type": "raw_text", "text": capped(text, CELL)}
    pieces = [_piece(part, n % 2 == 1) for n, part in enumerate(CHANNEL.split(text)) if part]
    section_ = {"type": "rich_text_section", "elements": pieces}
    return {"type": "rich_text", "elements": [section_]}


def _piece(part: str, is_channel: bool) -> Block:
    if is_channel:
        return {"type": "channel", "channel_id": part}
    return {"type": "text", "text": part}


def _read(cell: Block) -> Mrkdwn:
    """What `_cell` drew."""
    if "text" in cell:
        return Mrkdwn(cell["text"])
    pieces = [piece for line in cell["elements"] for piece in line["elements"]]
    return joined("", *(Mrkdwn(p.get("text") or f"<#{p['channel_id']}>") for p in pieces))


def _fields(head: Sequence[Mrkdwn], row: Sequence[Mrkdwn]) -> Block:
    fields = [plain(joined("\n", *pair), CELL) for pair in zip(head[1:], row[1:], strict=True)]
    return {**section(_named(row[0])), "fields": fields}


def _named(cell: Mrkdwn) -> Mrkdwn:
    """A row's name in bold; as code where a part of it could be taken for markup."""
    return code(unescaped(cell)) if set(cell) & set("*_~`") else bold(cell)


def _filled(head: Sequence[Mrkdwn], row: Sequence[Mrkdwn]) -> list[tuple[Mrkdwn, Mrkdwn]]:
    return [p for p in zip(head[1:], row[1:], strict=True) if p[1] != NOTHING]
