"""Canned blocks: at least one of each kind that the page draws."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str, text: str, description: str = "") -> Json:
    found: Json = {"text": plain(text), "value": value}
    return {**found, "description": plain(description)} if description else found


def field(block_id: str, label: str, element: Json, **more: Any) -> Json:
    kept = {"action_id": "v", **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": kept, **more}


def button(action_id: str, text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), "value": "1", **more}


CONFIRM: Json = {
    "title": plain("Stop gpu-17?"),
    "text": mrkdwn("Running since 09:14, *$6.32* so far."),
    "confirm": plain("Stop it"),
    "deny": plain("Keep running"),
    "style": "danger",
}
SIZES = [
    option("s", "Small", "Up to 20 USD a month"),
    option("m", "Medium", "Up to 200 USD a month"),
    option("l", "Large", "Up to 2,000 USD a month"),
]

CARD: list[Json] = [
    {
        "type": "header",
        "block_id": "h1",
        "text": plain("Lamp 12: course lamp :white_check_mark:"),
    },
    {
        "type": "section",
        "block_id": "verdict",
        "text": mrkdwn("*Rent one 24 GB lamp* for _about_ 2 h, said <@U0LIN> &amp; `lamp --on`"),
        "fields": [mrkdwn("*Cost*\n$1.20-$1.90"), mrkdwn("*Missing evidence*\n2 of 5")],
    },
    {"type": "divider"},
    {
        "type": "actions",
        "block_id": "card",
        "elements": [
            button("fix", "Fix", style="primary"),
            button("stop", "Stop now", style="danger", confirm=CONFIRM),
            button("again", "Re-plan"),
            {
                "type": "overflow",
                "action_id": "more",
                "options": [option("a", "Archive"), option("o", "Change owner")],
            },
        ],
    },
    {
        "type": "context",
        "block_id": "foot",
        "elements": [mrkdwn("Until <!date^1795516200^{date_short_pretty} {time}|24 Nov 2026>")],
    },
]

TABLES: list[Json] = [
    {
        "type": "data_table",
        "block_id": "routes",
        "caption": "Routes compared",
        "page_size": 2,
        "rows": [
            [{"type": "raw_text", "text": "Route"}, {"type": "raw_text", "text": "USD"}],
            [
                {"type": "raw_text", "text": "Rented GPU"},
                {"type": "raw_number", "value": 15.8, "text": "$15.80"},
            ],
            [
                {"type": "raw_text", "text": "Local CPU"},
                {"type": "raw_number", "value": 0, "text": "$0.00"},
            ],
            [
                {"type": "raw_text", "text": "Free Colab"},
                {"type": "raw_number", "value": 2.5, "text": "$2.50"},
            ],
        ],
    },
    {
        "type": "table",
        "block_id": "plain_table",
        "column_settings": [None, {"align": "right"}],
        "rows": [
            [{"type": "raw_text", "text": "Lamp"}, {"type": "raw_text", "text": "Watt"}],
            [{"type": "raw_text", "text": "Desk"}, {"type": "raw_text", "text": "40"}],
        ],
    },
]

TEXTS: list[Json] = [
    {
        "type": "rich_text",
        "block_id": "rich",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Rich &lt;b&gt; ", "style": {"bold": True}},
                    {"type": "user", "user_id": "U0ADA"},
                    {"type": "emoji", "name": "tada"},
                    {"type": "link", "url": "https://example.com/x", "text": "a link"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "two"}]},
                ],
            },
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "pre <b>"}]},
        ],
    },
    {
        "type": "markdown",
        "text": "## Why\n**It fits** in &lt;19&gt; GB.\n\n- one\n- two\n\n```\nlamp on\n```",
    },
    {
        "type": "container",
        "block_id": "box",
        "title": plain("Assumptions"),
        "is_collapsible": True,
        "default_collapsed": True,
        "child_blocks": [{"type": "section", "text": mrkdwn("8 h a day, no reserve.")}],
    },
    {
        "type": "plan",
        "title": "Evidence",
        "tasks": [
            {"type": "task_card", "task_id": "1", "title": "RAM measured", "status": "complete"},
            {"type": "task_card", "task_id": "2", "title": "Licence checked", "status": "pending"},
        ],
    },
    {
        "type": "image",
        "block_id": "away",
        "image_url": "https://example.com/a.png",
        "alt_text": "A far lamp",
    },
]

FORM: list[Json] = [
    {"type": "alert", "level": "info", "text": plain("The card goes to the channel you pick.")},
    field(
        "task",
        "Task",
        {"type": "plain_text_input", "max_length": 300, "placeholder": plain("course Q&A")},
        hint=plain("One sentence."),
    ),
    field("note", "Note", {"type": "plain_text_input", "multiline": True}, optional=True),
    field("budget", "Budget", {"type": "static_select", "options": SIZES}),
    field("routes", "Routes", {"type": "multi_static_select", "options": SIZES}, optional=True),
    field("model", "Model", {"type": "external_select", "min_query_length": 2}, optional=True),
    field("owner", "Owner", {"type": "users_select", "initial_user": "U0ADA"}),
    field("post_to", "Post to", {"type": "conversations_select"}, optional=True),
    field(
        "api",
        "Needs an API",
        {
            "type": "radio_buttons",
            "options": [option("y", "Yes", "Serves others"), option("n", "No")],
        },
        dispatch_action=True,
    ),
    field(
        "checks",
        "Checks",
        {"type": "checkboxes", "options": [option("a", "One"), option("b", "Two")]},
        optional=True,
    ),
    field("count", "Count", {"type": "number_input", "is_decimal_allowed": False}, optional=True),
    field("link", "Link", {"type": "url_text_input"}, optional=True),
    field("mail", "Mail", {"type": "email_text_input"}, optional=True),
    field("day", "Day", {"type": "datepicker"}, optional=True),
    field("hour", "Hour", {"type": "timepicker"}, optional=True),
    field("by", "Needed by", {"type": "datetimepicker"}, optional=True),
    {
        "type": "section",
        "block_id": "sort",
        "text": mrkdwn("*Sort* the list"),
        "accessory": {"type": "static_select", "action_id": "sort", "options": SIZES},
    },
]


def modal(view_id: str, title: str, blocks: list[Json], **more: Any) -> Json:
    """A view as the control API gives it; each element's state is empty."""
    return {
        "id": view_id,
        "type": "modal",
        "callback_id": "plan",
        "hash": "1.a",
        "title": plain(title),
        "submit": plain("Plan"),
        "close": plain("Cancel"),
        "blocks": blocks,
        "state": {
            block["block_id"]: {block["element"]["action_id"]: {"type": block["element"]["type"]}}
            for block in blocks
            if block["type"] == "input"
        },
        "errors": {},
        "busy": False,
        **more,
    }
