"""The newer blocks: charts, tables, cards, containers, plans."""

from typing import Any

from sandbox.limits.elements import BUTTON
from sandbox.limits.layout import IMAGE_ELEMENT, LAYOUT, block
from sandbox.limits.objects import plain, text
from sandbox.limits.report import Report, Surface
from sandbox.limits.rich_text import RICH_TEXT
from sandbox.limits.shapes import (
    Check,
    at_least_one_of,
    boolean,
    choice,
    distinct,
    every,
    integer,
    listing,
    newer,
    number,
    one_of,
    only_on,
    positive,
    record,
    string,
    typed,
)

MESSAGE, MODAL, HOME = Surface.MESSAGE, Surface.MODAL, Surface.HOME
NAME = string(20)
AXES = record({"categories": listing(NAME, 1, 20)}, {"x_label": string(50), "y_label": string(50)})
POINT = record({"label": NAME, "value": number})
SERIES = record({"name": NAME, "data": listing(POINT, 1, 20)})
SEGMENT = record({"label": NAME, "value": positive})


def complete_series(value: Any, at: str, report: Report) -> None:
    """Each series has exactly one point for every category of the axis."""
    wanted = sorted(value["axis_config"]["categories"])
    for n, series in enumerate(value["series"]):
        if sorted(point["label"] for point in series["data"]) != wanted:
            why = "needs exactly one point for each category"
            report.add(f"{at}/series/{n}/data", why, "categories")


def axis_chart(kind: str) -> Check:
    """A bar, area or line chart."""
    series = every(listing(SERIES, 1, 6), distinct("name"))
    shape = record({"type": choice(kind), "series": series, "axis_config": AXES})
    return every(shape, complete_series)


CHART = typed(
    "chart",
    {
        "pie": record({"type": choice("pie"), "segments": listing(SEGMENT, 1, 6)}),
        **{kind: axis_chart(kind) for kind in ("bar", "area", "line")},
    },
)
RAW_TEXT = record({"type": choice("raw_text"), "text": string(3000, least=0)})
RAW_NUMBER = record({"type": choice("raw_number"), "value": number}, {"text": string(3000)})
CELL = typed("cell", {"raw_text": RAW_TEXT, "raw_number": RAW_NUMBER, "rich_text": RICH_TEXT})
TABLE_CELL = typed("cell", {"raw_text": RAW_TEXT, "rich_text": RICH_TEXT})


def rectangular(value: Any, at: str, report: Report) -> None:
    """All rows of a table are equally long."""
    width = len(value["rows"][0])
    for n, row in enumerate(value["rows"]):
        if len(row) != width:
            report.add(f"{at}/rows/{n}", f"must have {width} cells like the first row", "columns")


def plain_header(value: Any, at: str, report: Report) -> None:
    """The header row of a data_table holds no rich text."""
    for n, cell in enumerate(value["rows"][0]):
        if cell["type"] == "rich_text":
            report.add(f"{at}/rows/0/{n}", "rich_text is not allowed in the header row", "enum")


def nullable(check: Check) -> Check:
    """A value that may be null, as in skipped columns."""

    def either(value: Any, at: str, report: Report) -> None:
        if value is not None:
            check(value, at, report)

    return either


COLUMN = nullable(record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean}))
CARD = every(
    block(
        "card",
        {},
        {
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "subtext": text(200),
            "icon": IMAGE_ELEMENT,
            "slack_icon": record({"type": choice("icon"), "name": string(50)}),
            "hero_image": IMAGE_ELEMENT,
            "actions": every(listing(BUTTON, 1, 2), distinct("action_id")),
        },
    ),
    at_least_one_of("title", "body", "hero_image", "actions"),
)


def one_icon(value: Any, at: str, report: Report) -> None:
    """A card has `icon` or `slack_icon`, not both."""
    if "icon" in value and "slack_icon" in value:
        report.add(at, "icon and slack_icon exclude each other", "one_of")


SOURCE = record({"type": choice("url"), "url": string(3000), "text": string(3000)})
TASK_FIELDS: dict[str, Check] = {
    "details": RICH_TEXT,
    "output": RICH_TEXT,
    "sources": listing(SOURCE, 1, 20),
}


def task(*statuses: str) -> Check:
    """A task; its title is a bare string. `pending` exists only inside a plan."""
    required = {"task_id": string(255), "title": string(255), "status": choice(*statuses)}
    return block("task_card", required, TASK_FIELDS)


DONE_OR_NOT = ("in_progress", "complete", "error")
CHILD = typed("block", {kind: check for kind, check in LAYOUT.items() if kind != "input"})
CONTAINER = every(
    block(
        "container",
        {"child_blocks": listing(CHILD, 1, 10)},
        {
            "title": plain(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": plain(150),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "width": choice("narrow", "standard", "wide", "full"),
        },
    ),
    one_of("title", "rich_text_title"),
)
DATA_TABLE = block(
    "data_table",
    {"caption": string(3000), "rows": listing(listing(CELL, 1, 20), 2, 101)},
    {"page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
)
TABLE = block(
    "table",
    {"rows": listing(listing(TABLE_CELL, 1, 20), 1, 100)},
    {"column_settings": listing(COLUMN, 0, 20)},
)
ALERT = block(
    "alert",
    {"text": text(200)},
    {"level": choice("default", "info", "warning", "error", "success")},
)
NEWER: dict[str, Check] = {
    "data_visualization": every(
        newer,
        only_on(MESSAGE),
        block("data_visualization", {"title": string(50), "chart": CHART}),
    ),
    "data_table": every(
        newer, only_on(MESSAGE, HOME), every(DATA_TABLE, rectangular, plain_header)
    ),
    "table": every(newer, only_on(MESSAGE, HOME), every(TABLE, rectangular)),
    "markdown": every(newer, only_on(MESSAGE), block("markdown", {"text": string(12_000)})),
    "card": every(newer, every(CARD, one_icon)),
    "carousel": every(
        newer, only_on(MESSAGE, HOME), block("carousel", {"elements": listing(CARD, 1, 10)})
    ),
    "container": every(newer, only_on(MESSAGE, HOME), CONTAINER),
    "alert": every(newer, only_on(MODAL), ALERT),
    "task_card": every(newer, only_on(MESSAGE), task(*DONE_OR_NOT)),
    "plan": every(
        newer,
        only_on(MESSAGE),
        block(
            "plan",
            {"title": string(255)},
            {"tasks": listing(task("pending", *DONE_OR_NOT), 1, 50)},
        ),
    ),
}
