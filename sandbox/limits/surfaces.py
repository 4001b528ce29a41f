"""Messages, modals and Home tabs as wholes: counts, totals, and ids that must differ."""

import json
from collections.abc import Iterable
from typing import Any

from sandbox.limits.layout import LAYOUT
from sandbox.limits.newer import NEWER
from sandbox.limits.objects import GROUPS, OPTIONS, plain
from sandbox.limits.report import Problem, Report, Surface
from sandbox.limits.shapes import (
    boolean,
    choice,
    distinct,
    every,
    listing,
    record,
    string,
    typed,
)

BLOCK = typed("block", {**LAYOUT, **NEWER})
MESSAGE_BLOCKS = every(listing(BLOCK, 0, 50), distinct("block_id"))
VIEW_BLOCKS = every(listing(BLOCK, 1, 100), distinct("block_id"))
HOME_BLOCKS = every(listing(BLOCK, 0, 100), distinct("block_id"))
ALL_BLOCKS_MOST = 13_200
MARKDOWN_MOST = 12_000
TABLE_MOST = 10_000
DATA_TABLE_MOST = 20_000
MOST_OF_KIND = {"data_visualization": 2, "table": 1}
COMMON = {
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
    "private_metadata": string(3000, least=0),
}
MODAL = record(
    {"type": choice("modal"), "title": plain(24), "blocks": VIEW_BLOCKS},
    {
        **COMMON,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
HOME = record({"type": choice("home"), "blocks": HOME_BLOCKS}, COMMON)


def message_problems(blocks: Any, *, refuses_newer: bool = False) -> list[Problem]:
    """What Slack refuses in the blocks of a message."""
    report = Report(Surface.MESSAGE, refuses_newer)
    MESSAGE_BLOCKS(blocks, "/blocks", report)
    if not report.problems:
        _totals(blocks, report)
    return report.problems


def view_problems(
    view: Any, *, allowed: Iterable[Surface] = (Surface.MODAL,), refuses_newer: bool = False
) -> list[Problem]:
    """What Slack refuses in a view, which has to be of one of the `allowed` types."""
    kind = view.get("type") if isinstance(view, dict) else None
    if kind not in set(allowed):
        return [Problem("/view/type", f"unsupported view type here: {kind}", "enum")]
    surface = Surface(kind)
    report = Report(surface, refuses_newer)
    shape = MODAL if surface is Surface.MODAL else HOME
    shape(view, "/view", report)
    if not report.problems and surface is Surface.MODAL:
        _submit_where_inputs(view, report)
    return report.problems


def option_problems(body: Any) -> list[Problem]:
    """What Slack refuses in the answer to a typeahead; an empty list is fine."""
    report = Report(Surface.MODAL)
    if not isinstance(body, dict) or set(body) not in ({"options"}, {"option_groups"}):
        report.add("", "must have exactly one of options, option_groups", "one_of")
    elif body.get("options") == [] or body.get("option_groups") == []:
        return []
    elif "options" in body:
        OPTIONS(body["options"], "/options", report)
    else:
        GROUPS(body["option_groups"], "/option_groups", report)
    return report.problems


def _submit_where_inputs(view: Any, report: Report) -> None:
    """A modal that asks for something needs a submit button."""
    if "submit" in view:
        return
    if any(block["type"] == "input" for block in view["blocks"]):
        report.add("/view", "missing required field: submit", "required")


def _totals(blocks: list[Any], report: Report) -> None:
    """Rules about all blocks of a message together."""
    for kind, most in MOST_OF_KIND.items():
        if sum(block["type"] == kind for block in blocks) > most:
            report.add("/blocks", f"at most {most} blocks of type {kind} in a message", "max_items")
    if sum(len(b["text"]) for b in blocks if b["type"] == "markdown") > MARKDOWN_MOST:
        report.add("/blocks", f"more than {MARKDOWN_MOST} characters of markdown", "max_length")
    for kind, most in (("table", TABLE_MOST), ("data_table", DATA_TABLE_MOST)):
        if sum(_cells(block) for block in blocks if block["type"] == kind) > most:
            report.add("/blocks", f"more than {most} characters in cells of {kind}", "max_length")
    if len(json.dumps(blocks, ensure_ascii=False)) > ALL_BLOCKS_MOST:
        why = f"all blocks together are longer than {ALL_BLOCKS_MOST} characters"
        report.problems.append(Problem("/blocks", why, "max_length", "msg_blocks_too_long"))


def _cells(block: Any) -> int:
    cells = [cell for row in block["rows"] for cell in row]
    return sum(len(str(cell.get("text", cell.get("value", cell)))) for cell in cells)
