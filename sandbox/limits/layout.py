"""The layout blocks that Slack has had for long."""

from collections.abc import Mapping
from typing import Any

from sandbox.limits.elements import ACCESSORIES, IN_ACTIONS, IN_CONTEXT_ACTIONS, IN_INPUT
from sandbox.limits.objects import ADDRESS, ID, plain, text
from sandbox.limits.report import Report, Surface
from sandbox.limits.rich_text import RICH_TEXT_ELEMENTS
from sandbox.limits.shapes import (
    Check,
    at_least_one_of,
    boolean,
    choice,
    distinct,
    every,
    integer,
    listing,
    one_of,
    only_on,
    record,
    string,
    typed,
)

SLACK_FILE = every(record({}, {"id": ID, "url": ADDRESS}), one_of("id", "url"))
PICTURE: dict[str, Check] = {"image_url": ADDRESS, "slack_file": SLACK_FILE}


def block(
    kind: str, required: Mapping[str, Check], optional: Mapping[str, Check] | None = None
) -> Check:
    """A block: its type, its own fields and, always possible, a block id."""
    return record({"type": choice(kind), **required}, {"block_id": ID, **(optional or {})})


def response_only_in_modals(value: Any, at: str, report: Report) -> None:
    """Menus that yield response addresses work only as inputs of a modal."""
    if value["element"].get("response_url_enabled") and report.surface is not Surface.MODAL:
        report.add(f"{at}/element", "response_url_enabled works only in modals", "surface")


IMAGE_ELEMENT = every(
    record({"type": choice("image"), "alt_text": string(2000)}, PICTURE),
    one_of("image_url", "slack_file"),
)
IN_CONTEXT = typed(
    "element", {"image": IMAGE_ELEMENT, "plain_text": text(3000), "mrkdwn": text(3000)}
)
SECTION = every(
    block(
        "section",
        {},
        {
            "text": text(3000),
            "fields": listing(text(2000), 1, 10),
            "accessory": typed("accessory", {"image": IMAGE_ELEMENT, **ACCESSORIES}),
            "expand": boolean,
        },
    ),
    at_least_one_of("text", "fields"),
)
IMAGE = every(
    block("image", {"alt_text": string(2000)}, {"title": plain(2000), **PICTURE}),
    one_of("image_url", "slack_file"),
)
INPUT = every(
    block(
        "input",
        {"label": plain(2000), "element": IN_INPUT},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    response_only_in_modals,
)
LAYOUT: dict[str, Check] = {
    "actions": block(
        "actions", {"elements": every(listing(IN_ACTIONS, 1, 25), distinct("action_id"))}
    ),
    "context": block("context", {"elements": listing(IN_CONTEXT, 1, 10)}),
    "context_actions": every(
        block(
            "context_actions",
            {"elements": every(listing(IN_CONTEXT_ACTIONS, 1, 5), distinct("action_id"))},
        ),
        only_on(Surface.MESSAGE),
    ),
    "divider": block("divider", {}),
    "header": block("header", {"text": plain(150)}, {"level": integer(1, 4)}),
    "image": IMAGE,
    "input": INPUT,
    "rich_text": block("rich_text", {"elements": RICH_TEXT_ELEMENTS}),
    "section": SECTION,
}
