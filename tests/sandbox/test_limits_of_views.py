"""What Block Kit lets through in modals, Home tabs and typeahead lists."""

from typing import Any

import pytest

from sandbox.limits import Surface, option_problems, view_problems
from tests.sandbox.kit import (
    Json,
    answerable,
    bar,
    button,
    data_table,
    input_,
    modal,
    mrkdwn,
    number,
    option,
    plain,
    raw,
    section,
    series,
    table,
    text_input,
)

GOOD_VIEWS: list[Json] = [
    modal(),
    modal(submit=plain("S"), close=plain("C"), private_metadata="x" * 3000, notify_on_close=True),
    modal(*[section(str(n)) for n in range(100)]),
    modal({"type": "alert", "text": plain("Careful"), "level": "warning"}),
    modal(input_(text_input(multiline=True, max_length=500), optional=True, hint=plain("h"))),
    modal(input_(number("0"))),
    modal(input_({"type": "datetimepicker", "action_id": "v", "initial_date_time": 1795795200})),
    modal(input_({"type": "external_select", "action_id": "v", "min_query_length": 2})),
    modal(input_({"type": "conversations_select", "action_id": "v", "response_url_enabled": True,
                  "filter": {"include": ["public", "private"], "exclude_bot_users": True}})),
    modal(input_({"type": "radio_buttons", "action_id": "v",
                  "options": [{"text": mrkdwn("*a*"), "value": "a"}]})),
    {"type": "home", "blocks": []},
    {"type": "home", "blocks": [input_(text_input()), data_table([raw()], [raw()])]},
]  # fmt: skip

BAD_VIEWS: list[tuple[Json, str]] = [
    (modal(title=plain("x" * 25)), "/view/title/text"),
    (modal(submit=plain("x" * 25)), "/view/submit/text"),
    (modal(close=plain("")), "/view/close/text"),
    (modal(private_metadata="x" * 3001), "/view/private_metadata"),
    (modal(callback_id="x" * 256), "/view/callback_id"),
    (modal(*[section(str(n)) for n in range(101)]), "/view/blocks"),
    ({**modal(), "blocks": []}, "/view/blocks"),
    ({"type": "modal", "title": plain("T"), "blocks": [input_(text_input())]}, "/view"),
    (modal(input_(text_input(max_length=3001))), "/view/blocks/0/element/max_length"),
    (modal(input_(text_input(), label=mrkdwn("x"))), "/view/blocks/0/label/type"),
    (modal(input_(text_input(), label=plain("x" * 2001))), "/view/blocks/0/label/text"),
    (modal(input_({"type": "number_input", "action_id": "v"})), "/view/blocks/0/element"),
    (modal(input_(number(1))),
     "/view/blocks/0/element/min_value"),
    (modal(input_({"type": "datetimepicker", "action_id": "v", "initial_date_time": "17"})),
     "/view/blocks/0/element/initial_date_time"),
    (modal(input_(button())), "/view/blocks/0/element"),
    (modal(bar(series())), "/view/blocks/0"),
    (modal(table([raw()])), "/view/blocks/0"),
    (modal({"type": "markdown", "text": "x"}), "/view/blocks/0"),
    ({"type": "home", "blocks": [bar(series())]}, "/view/blocks/0"),
    ({"type": "home", "blocks": [{"type": "alert", "text": plain("x")}]}, "/view/blocks/0"),
    ({"type": "home", "blocks": [], "title": plain("x")}, "/view"),
    ({"type": "home", "blocks": [input_(answerable())]}, "/view/blocks/0/element"),
    ({"type": "workflow_step", "blocks": []}, "/view/type"),
]  # fmt: skip

BOTH = (Surface.MODAL, Surface.HOME)


@pytest.mark.parametrize("view", GOOD_VIEWS)
def test_what_a_view_may_hold(view: Json) -> None:
    assert view_problems(view, allowed=BOTH) == []


@pytest.mark.parametrize(("view", "pointer"), BAD_VIEWS)
def test_what_a_view_may_not_hold(view: Json, pointer: str) -> None:
    assert [problem.pointer for problem in view_problems(view, allowed=BOTH)] == [pointer]


@pytest.mark.parametrize("rubbish", [None, "x", 3, [], {"type": 1}])
def test_rubbish_is_no_view(rubbish: Any) -> None:
    assert view_problems(rubbish) != []


@pytest.mark.parametrize(
    ("body", "is_fine"),
    [
        ({"options": []}, True),
        ({"options": [option(str(n)) for n in range(100)]}, True),
        ({"options": [option(str(n)) for n in range(101)]}, False),
        ({"option_groups": [{"label": plain("G"), "options": [option()]}]}, True),
        ({"options": [], "option_groups": []}, False),
        ({}, False),
        ("", False),
    ],
)
def test_what_a_typeahead_may_offer(body: Any, *, is_fine: bool) -> None:
    assert (option_problems(body) == []) is is_fine
