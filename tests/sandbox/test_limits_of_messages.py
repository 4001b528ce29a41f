"""What Block Kit lets through in messages, and what it refuses where."""

from typing import Any

import pytest

from sandbox.limits import Problem, message_problems
from tests.sandbox.kit import (
    CONFIRM,
    RICH,
    Json,
    actions,
    bar,
    button,
    buttons,
    container,
    data_table,
    many,
    markdown,
    mrkdwn,
    option,
    pie,
    plain,
    raw,
    section,
    select,
    series,
    table,
    task,
    text_input,
)

EL = "/blocks/0/elements/0"
GOOD_MESSAGES: list[list[Json]] = [
    [],
    [section(fields=[mrkdwn("a")] * 10, expand=True)],
    [section(accessory=select())],
    [actions(*[button(action_id=str(n)) for n in range(25)])],
    [actions(button(confirm=CONFIRM, style="danger", accessibility_label="Stop it"))],
    [
        {
            "type": "context",
            "elements": [mrkdwn("a"), {"type": "image", "image_url": "u", "alt_text": "a"}],
        }
    ],
    [{"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A"}],
    [RICH],
    [bar(series(), series("t"))],
    [
        {
            "type": "data_visualization",
            "title": "P",
            "chart": {"type": "pie", "segments": [{"label": "a", "value": 1}]},
        }
    ],
    [data_table([raw("Route"), raw("USD")], [raw("CPU"), {"type": "raw_number", "value": 0}])],
    [table([raw(), raw()], [raw(), RICH], column_settings=[{"align": "right"}, None])],
    [{"type": "markdown", "text": "**why**"}],
    [{"type": "card", "title": mrkdwn("gpu"), "actions": [button()]}],
    [{"type": "carousel", "elements": [{"type": "card", "title": mrkdwn("gpu")}]}],
    [container(section(), is_collapsible=True)],
    [{"type": "plan", "title": "Evidence", "tasks": [task("pending"), task()]}],
    [task("in_progress")],
    [section(str(n)) for n in range(50)],
]

BAD_MESSAGES: list[tuple[list[Json], str]] = [
    ([section(str(n)) for n in range(51)], "/blocks"),
    ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    ([{"type": "header", "text": mrkdwn("x")}], "/blocks/0/text/type"),
    ([section("")], "/blocks/0/text/text"),
    ([section("x" * 3001)], "/blocks/0/text/text"),
    ([{"type": "section"}], "/blocks/0"),
    ([section(fields=[mrkdwn("a")] * 11)], "/blocks/0/fields"),
    ([section(fields=[mrkdwn("x" * 2001)])], "/blocks/0/fields/0/text"),
    ([section(colour="red")], "/blocks/0"),
    ([{"type": "marquee"}], "/blocks/0"),
    ([section(block_id="x" * 256)], "/blocks/0/block_id"),
    ([section(block_id="a"), section(block_id="a")], "/blocks/1/block_id"),
    ([actions()], "/blocks/0/elements"),
    ([actions(*buttons(26))], "/blocks/0/elements"),
    ([actions(button(), button())], "/blocks/0/elements/1/action_id"),
    ([actions(text_input())], EL),
    ([actions(button(text=plain("x" * 76)))], EL + "/text/text"),
    ([actions(button(text=mrkdwn("x")))], EL + "/text/type"),
    ([actions(button(value="x" * 2001))], EL + "/value"),
    ([actions(button(style="warning"))], EL + "/style"),
    ([actions(button(accessibility_label="x" * 76))], EL + "/accessibility_label"),
    ([actions(button(confirm={**CONFIRM, "deny": plain("x" * 31)}))], EL + "/confirm/deny/text"),
    ([actions(button(confirm={**CONFIRM, "title": mrkdwn("x")}))], EL + "/confirm/title/type"),
    ([actions(select(options=many(101)))], EL + "/options"),
    ([actions(select(options=[option("x" * 151)]))], EL + "/options/0/value"),
    ([actions(select(options=[option(text="x" * 76)]))], EL + "/options/0/text/text"),
    ([actions(select(initial_option=option("b")))], EL),
    ([actions(select(placeholder=plain("x" * 151)))], EL + "/placeholder/text"),
    ([actions({"type": "overflow", "action_id": "o", "options": many(6)})], EL + "/options"),
    ([actions({"type": "checkboxes", "action_id": "c", "options": many(11)})], EL + "/options"),
    ([section(accessory={"type": "datetimepicker", "action_id": "d"})], "/blocks/0/accessory"),
    ([{"type": "context", "elements": [mrkdwn("a")] * 11}], "/blocks/0/elements"),
    ([{"type": "image", "image_url": "https://example.com/a.png"}], "/blocks/0"),
    ([{"type": "image", "alt_text": "A"}], "/blocks/0"),
    ([bar(series()), bar(series()), bar(series())], "/blocks"),
    ([bar(series(labels=("a",)))], "/blocks/0/chart/series/0/data"),
    ([bar(series(), series())], "/blocks/0/chart/series/1/name"),
    ([bar(*[series(str(n)) for n in range(7)])], "/blocks/0/chart/series"),
    ([pie("x" * 21, 1)], "/blocks/0/chart/segments/0/label"),
    ([pie("a", 0)], "/blocks/0/chart/segments/0/value"),
    ([data_table([raw(), raw()])], "/blocks/0/rows"),
    ([data_table([raw(), raw()], [raw()])], "/blocks/0/rows/1"),
    ([data_table([RICH, raw()], [raw(), raw()])], "/blocks/0/rows/0/0"),
    ([{"type": "data_table", "rows": [[raw()], [raw()]]}], "/blocks/0"),
    ([data_table([raw()], [raw()], page_size=0)], "/blocks/0/page_size"),
    ([table([raw()]), table([raw()])], "/blocks"),
    ([table([{"type": "raw_number", "value": 1}])], "/blocks/0/rows/0/0"),
    ([table(*[[raw("x" * 195)]] * 52)], "/blocks"),
    ([markdown(6001), markdown(6000)], "/blocks"),
    ([{"type": "card", "title": "gpu"}], "/blocks/0/title"),
    ([{"type": "card", "title": mrkdwn("g"), "actions": buttons(3)}], "/blocks/0/actions"),
    ([container(container(section()))], "/blocks/0/child_blocks/0"),
    ([container(*[section()] * 11)], "/blocks/0/child_blocks"),
    ([{"type": "container", "child_blocks": [section()]}], "/blocks/0"),
    ([{"type": "alert", "text": plain("Careful")}], "/blocks/0"),
    ([task("pending")], "/blocks/0/status"),
    ([task(title=plain("Task"))], "/blocks/0/title"),
    ([section("x" * 2900) for _ in range(5)], "/blocks"),
]  # fmt: skip


@pytest.mark.parametrize("blocks", GOOD_MESSAGES)
def test_what_a_message_may_hold(blocks: list[Json]) -> None:
    assert message_problems(blocks) == []


@pytest.mark.parametrize(("blocks", "pointer"), BAD_MESSAGES)
def test_what_a_message_may_not_hold(blocks: list[Json], pointer: str) -> None:
    found = message_problems(blocks)

    assert [problem.pointer for problem in found] == [pointer]
    assert str(found[0]) == f"[ERROR] {found[0].why} [json-pointer:{pointer}]"


def test_blocks_too_long_together_have_a_code_of_their_own() -> None:
    [problem] = message_problems([section("x" * 2900) for _ in range(5)])

    assert problem.code == "msg_blocks_too_long"


@pytest.mark.parametrize("rubbish", ["x", [3], [None], [{"type": []}], [{}], {}])
def test_rubbish_is_no_message(rubbish: Any) -> None:
    assert message_problems(rubbish) != []


def test_a_workspace_without_the_newer_blocks_refuses_them() -> None:
    newer = [blocks for blocks in GOOD_MESSAGES if blocks and blocks[0]["type"] == "data_table"]

    [problem] = message_problems(newer[0], refuses_newer=True)

    assert problem == Problem("/blocks/0", "unsupported block type: data_table", "enum")
    assert message_problems([section()], refuses_newer=True) == []
