"""Short words for blocks, elements and views."""

from typing import Any

from tests.sandbox.conftest import ADA, ROOM, Lamp

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "a", text: str = "A") -> Json:
    return {"text": plain(text), "value": value}


def button(**fields: Any) -> Json:
    return {"type": "button", "action_id": "press", "text": plain("Press"), **fields}


def buttons(count: int) -> list[Json]:
    return [button(action_id=str(n)) for n in range(count)]


def many(count: int) -> list[Json]:
    return [option(str(n)) for n in range(count)]


def pie(label: str, value: float) -> Json:
    chart = {"type": "pie", "segments": [{"label": label, "value": value}]}
    return {"type": "data_visualization", "title": "Spend", "chart": chart}


def section(text: str = "Hi", **fields: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **fields}


def actions(*elements: Json, **fields: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **fields}


def input_(element: Json, **fields: Any) -> Json:
    return {"type": "input", "label": plain("Label"), "element": element, **fields}


def text_input(**fields: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "v", **fields}


def select(**fields: Any) -> Json:
    return {"type": "static_select", "action_id": "v", "options": [option()], **fields}


def modal(*blocks: Json, **fields: Any) -> Json:
    kept = {"type": "modal", "title": plain("Title"), "submit": plain("Send"), **fields}
    return {**kept, "blocks": list(blocks) or [section()]}


def raw(text: str = "x") -> Json:
    return {"type": "raw_text", "text": text}


def bar(*series: Json, categories: tuple[str, ...] = ("a", "b")) -> Json:
    chart = {"type": "bar", "series": list(series), "axis_config": {"categories": [*categories]}}
    return {"type": "data_visualization", "title": "Spend", "chart": chart}


def series(name: str = "s", labels: tuple[str, ...] = ("a", "b")) -> Json:
    return {"name": name, "data": [{"label": label, "value": 1} for label in labels]}


def table(*rows: list[Json], **fields: Any) -> Json:
    return {"type": "table", "rows": list(rows), **fields}


def data_table(*rows: list[Json], **fields: Any) -> Json:
    return {"type": "data_table", "caption": "Routes", "rows": list(rows), **fields}


def container(*children: Json, **fields: Any) -> Json:
    return {"type": "container", "title": plain("T"), "child_blocks": list(children), **fields}


def task(status: str = "complete", **fields: Any) -> Json:
    return {"type": "task_card", "task_id": "t", "title": "Task", "status": status, **fields}


def number(least: object) -> Json:
    return {
        "type": "number_input",
        "action_id": "v",
        "is_decimal_allowed": True,
        "min_value": least,
    }


def answerable() -> Json:
    return {"type": "conversations_select", "action_id": "v", "response_url_enabled": True}


def markdown(length: int) -> Json:
    return {"type": "markdown", "text": "x" * length}


RICH = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]},
    ],
}
CONFIRM = {
    "title": plain("Sure?"),
    "text": mrkdwn("It stops."),
    "confirm": plain("Stop"),
    "deny": plain("Keep"),
    "style": "danger",
}


def form(*extra: Json, **fields: Any) -> Json:
    """A modal with one short text input, `name`/`v`, and whatever is added."""
    name = input_(text_input(max_length=10), block_id="name")
    return modal(name, *extra, callback_id="form", **fields)


COLOURS = [option("red", "Red"), option("blue", "Blue")]
CHOICE = input_(select(options=COLOURS), block_id="kind", optional=True, dispatch_action=True)


async def show(lamp: Lamp, view: Json, user: str = ADA) -> Json:
    """Open a modal before somebody; the answer is the view."""
    trigger = lamp.workspace.triggers.issue(user, channel=ROOM)
    answer = await lamp.client.views_open(trigger_id=trigger, view=view)
    found: Json = answer["view"]
    return found
