"""Elements that hold a value: where they stand, what they hold at first, what can be chosen."""

from collections.abc import Iterator, Sequence
from typing import Any

from sandbox.errors import Refused
from sandbox.model import Channel, Json

TEXT_TYPES = frozenset(
    {"plain_text_input", "number_input", "url_text_input", "email_text_input"},
)
VALUE_FIELD = {
    "plain_text_input": "value",
    "number_input": "value",
    "url_text_input": "value",
    "email_text_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
LIST_FIELDS = frozenset(
    {"selected_options", "selected_users", "selected_conversations", "selected_channels"}
)
EXTERNAL_TYPES = frozenset({"external_select", "multi_external_select"})


def elements(block: Json) -> list[Json]:
    """The interactive elements that stand directly in a block."""
    match block.get("type"):
        case "input":
            return [block["element"]]
        case "section":
            return [block["accessory"]] if "accessory" in block else []
        case "actions" | "context_actions":
            return list(block["elements"])
        case _:
            return list(block.get("actions", []))


def children(block: Json) -> list[Json]:
    """The blocks inside a container or carousel."""
    return list(block["elements"] if block["type"] == "carousel" else block.get("child_blocks", []))


def placed(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Each (block, interactive element) of a surface, containers opened."""
    for block in blocks:
        yield from placed(children(block))
        yield from ((block, element) for element in elements(block))


def find(blocks: Sequence[Json], block_id: str, action_id: str) -> tuple[Json, Json]:
    """The block and element with these ids. Raises Refused where there is none."""
    for block, element in placed(blocks):
        if block.get("block_id") == block_id and element.get("action_id") == action_id:
            return block, element
    raise Refused("element_not_found")


def is_stateful(element: Json) -> bool:
    """Whether the element appears in `state.values`; buttons and overflow menus do not."""
    return element["type"] in VALUE_FIELD


def initial(element: Json, current: Channel | None) -> Json:
    """The value object before anybody touched the element; `current` is where it was opened."""
    kind = element["type"]
    field = VALUE_FIELD[kind]
    given = element.get(_initial_field(field))
    if given is None and current and element.get("default_to_current_conversation"):
        fitting = current.id if offers_conversation(element, current) else None
        given = [fitting] if field in LIST_FIELDS and fitting else fitting
    if given is None and field in LIST_FIELDS:
        given = []
    return {"type": kind, field: given}


def offers_conversation(element: Json, channel: Channel) -> bool:
    """Whether the `filter` of a conversations select lets this one through."""
    wanted = element.get("filter", {})
    if channel.is_im and wanted.get("exclude_bot_users"):
        return False
    kind = "im" if channel.is_im else "private" if channel.is_private else "public"
    return kind in wanted.get("include", ["im", "mpim", "private", "public"])


def _initial_field(field: str) -> str:
    if field in ("value", "rich_text_value"):
        return "initial_value"
    return field.replace("selected_", "initial_", 1)


def options(element: Json) -> list[Json]:
    """All options of a select, radio, checkbox or overflow element, groups opened."""
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def chosen(element: Json, value: Json, suggested: list[Json]) -> Json:
    """The value object after a person's choice, options completed from what was offered.

    `value` is the control API's form: one field such as `{"selected_option": {"value": "q4"}}`.
    Raises Refused for an option that is not on offer.
    """
    kind = element["type"]
    field = VALUE_FIELD[kind]
    picked = value.get(field)
    offered = [*options(element), *suggested] if kind in EXTERNAL_TYPES else options(element)
    if field == "selected_option":
        picked = picked and _on_offer(offered, picked)
    elif field == "selected_options":
        picked = [_on_offer(offered, option) for option in picked or []]
        if len(picked) > element.get("max_selected_items", len(picked)):
            raise Refused("too_many_options")
    elif field in LIST_FIELDS:
        picked = list(picked or [])
    elif picked == "":
        picked = None
    return {"type": kind, field: picked}


def _on_offer(offered: list[Json], picked: Any) -> Json:
    wanted = picked.get("value") if isinstance(picked, dict) else picked
    for option in offered:
        if option["value"] == wanted:
            return option
    raise Refused("invalid_option")
