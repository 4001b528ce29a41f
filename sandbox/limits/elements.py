"""Interactive elements: buttons, menus, pickers, text inputs."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.limits.objects import (
    ADDRESS,
    CONFIRM,
    GROUPS,
    ID,
    OPTIONS,
    PLACEHOLDER,
    offered,
    option,
    plain,
)
from sandbox.limits.report import Report
from sandbox.limits.shapes import (
    Check,
    boolean,
    choice,
    distinct,
    every,
    integer,
    listing,
    one_of,
    record,
    string,
    typed,
)

EPOCH = integer(1_000_000_000, 9_999_999_999)
TEXT_MOST = 3000


def matching(pattern: str, what: str) -> Check:
    """Text of a fixed form, such as a date."""
    form = re.compile(pattern)

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, str) or not form.fullmatch(value):
            report.add(at, f"must be {what}", "format")

    return check


DATE = matching(r"\d{4}-\d{2}-\d{2}", "a date such as 2026-11-24")
TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 09:30")
DECIMAL = matching(r"-?\d+(\.\d+)?", "a number written as a string")


def element(kind: str, required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """An element; an action id and, outside inputs, a confirmation are always possible."""
    common: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean}
    return record({"type": choice(kind), **required}, {**common, **optional})


def menu(kind: str, own: Mapping[str, Check], *, most: int | None = None) -> Check:
    """A select menu; `most` is given for one in which several can be chosen."""
    several: dict[str, Check] = {} if most is None else {"max_selected_items": integer(1, most)}
    return element(kind, {}, {"placeholder": PLACEHOLDER, **several, **own})


def chosen_from_list(kind: str, initial: Mapping[str, Check], *, most: int | None = None) -> Check:
    """A select menu with its options or option groups in it."""
    own = {"options": OPTIONS, "option_groups": GROUPS, **initial}
    lists = menu(kind, own, most=most)
    return every(lists, one_of("options", "option_groups"), offered)


def choices(kind: str, initial: dict[str, Check]) -> Check:
    """Radio buttons or checkboxes."""
    listed = every(listing(option(rich=True), 1, 10), distinct("value"))
    return every(element(kind, {"options": listed}, initial), offered)


FILTER = record(
    {},
    {
        "include": listing(choice("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
ONE = {"initial_option": option()}
MANY = {"initial_options": listing(option(), 1, 100)}
CONVERSATION: dict[str, Check] = {"default_to_current_conversation": boolean, "filter": FILTER}
RESPONSE: dict[str, Check] = {"response_url_enabled": boolean}
QUERY = {"min_query_length": integer(0, 75)}
IDS = listing(ID, 1, 100)
DISPATCH = record(
    {"trigger_actions_on": listing(choice("on_enter_pressed", "on_character_entered"), 1, 2)}
)
TYPED: dict[str, Check] = {"placeholder": PLACEHOLDER, "dispatch_action_config": DISPATCH}
LINE: dict[str, Check] = {"initial_value": string(TEXT_MOST, least=0), **TYPED}

BUTTON = element(
    "button",
    {"text": plain(75)},
    {
        "value": string(2000),
        "url": ADDRESS,
        "style": choice("primary", "danger"),
        "accessibility_label": string(75),
    },
)
MENUS: dict[str, Check] = {
    "static_select": chosen_from_list("static_select", ONE),
    "multi_static_select": chosen_from_list("multi_static_select", MANY, most=100),
    "external_select": menu("external_select", {**ONE, **QUERY}),
    "multi_external_select": menu("multi_external_select", {**MANY, **QUERY}, most=100),
    "users_select": menu("users_select", {"initial_user": ID}),
    "multi_users_select": menu("multi_users_select", {"initial_users": IDS}, most=100),
    "conversations_select": menu(
        "conversations_select", {"initial_conversation": ID, **CONVERSATION, **RESPONSE}
    ),
    "multi_conversations_select": menu(
        "multi_conversations_select", {"initial_conversations": IDS, **CONVERSATION}, most=100
    ),
    "channels_select": menu("channels_select", {"initial_channel": ID, **RESPONSE}),
    "multi_channels_select": menu("multi_channels_select", {"initial_channels": IDS}, most=100),
}
PICKERS: dict[str, Check] = {
    "datepicker": menu("datepicker", {"initial_date": DATE}),
    "timepicker": menu("timepicker", {"initial_time": TIME, "timezone": string(100)}),
    "radio_buttons": choices("radio_buttons", {"initial_option": option(rich=True)}),
    "checkboxes": choices("checkboxes", {"initial_options": listing(option(rich=True), 1, 10)}),
}
MOMENT = element("datetimepicker", {}, {"initial_date_time": EPOCH})
OVERFLOW = element("overflow", {"options": listing(option(linked=True), 1, 5)}, {})
TEXTS: dict[str, Check] = {
    "plain_text_input": element(
        "plain_text_input",
        {},
        {
            **LINE,
            "multiline": boolean,
            "min_length": integer(0, TEXT_MOST),
            "max_length": integer(1, TEXT_MOST),
        },
    ),
    "number_input": element(
        "number_input",
        {"is_decimal_allowed": boolean},
        {**TYPED, "initial_value": DECIMAL, "min_value": DECIMAL, "max_value": DECIMAL},
    ),
    "url_text_input": element("url_text_input", {}, LINE),
    "email_text_input": element("email_text_input", {}, LINE),
}
FEEDBACK = record({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
IN_CONTEXT_ACTIONS = typed(
    "element",
    {
        "feedback_buttons": element(
            "feedback_buttons", {"positive_button": FEEDBACK, "negative_button": FEEDBACK}, {}
        ),
        "icon_button": element(
            "icon_button",
            {"icon": string(50), "text": plain(75)},
            {"value": string(2000), "accessibility_label": string(75)},
        ),
    },
)
IN_ACTIONS = typed(
    "element",
    {"button": BUTTON, "overflow": OVERFLOW, "datetimepicker": MOMENT, **MENUS, **PICKERS},
)
IN_INPUT = typed("element", {"datetimepicker": MOMENT, **MENUS, **PICKERS, **TEXTS})
ACCESSORIES: dict[str, Check] = {"button": BUTTON, "overflow": OVERFLOW, **MENUS, **PICKERS}
