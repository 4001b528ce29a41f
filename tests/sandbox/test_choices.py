"""What can be chosen in people and conversation pickers, and what they start with."""

from typing import Any

import pytest

from tests.sandbox.conftest import ADA, BOT, CLOSED, LIN, ROOM, Lamp
from tests.sandbox.kit import Json, form, input_


def picker(**fields: Any) -> Json:
    element = {"type": "conversations_select", "action_id": "v", **fields}
    return input_(element, block_id="where")


IN_CHANNELS = {"include": ["public", "private"], "exclude_bot_users": True}


async def opened(lamp: Lamp, view: Json, channel: str) -> Json:
    trigger = lamp.workspace.triggers.issue(ADA, channel=channel)
    answer = await lamp.client.views_open(trigger_id=trigger, view=view)
    found: Json = answer["view"]
    return found


@pytest.mark.parametrize(("channel", "offered"), [(ROOM, True), (CLOSED, True), ("dm", False)])
async def test_the_current_conversation_is_proposed_where_the_filter_lets_it(
    lamp: Lamp, channel: str, *, offered: bool
) -> None:
    if channel == "dm":
        channel = lamp.workspace.conversations.direct(ADA, BOT).id
    where = picker(default_to_current_conversation=True, filter=IN_CHANNELS)

    view = await opened(lamp, form(where), channel)

    chosen = view["state"]["values"]["where"]["v"]["selected_conversation"]
    assert chosen == (channel if offered else None)


async def test_only_what_the_person_sees_can_be_chosen(lamp: Lamp) -> None:
    view = await opened(lamp, form(picker(filter=IN_CHANNELS)), ROOM)
    direct = lamp.workspace.conversations.direct(ADA, BOT).id
    hidden = "G0HIDDEN"

    async def choose(channel: str) -> bool:
        value = {"selected_conversation": channel}
        return (await lamp.person().input(view["id"], "where", "v", value)).ok

    assert [await choose(c) for c in (ROOM, CLOSED, direct, hidden)] == [True, True, False, False]


async def test_people_who_left_cannot_be_chosen(lamp: Lamp) -> None:
    owner = input_({"type": "users_select", "action_id": "v"}, block_id="owner")
    view = await opened(lamp, form(owner), ROOM)

    async def choose(user: str) -> str:
        value = {"selected_user": user}
        return (await lamp.person().input(view["id"], "owner", "v", value)).error

    assert [await choose(u) for u in (LIN, "U0GONE")] == ["", "invalid_option"]


async def test_a_submission_brings_a_response_address_for_the_chosen_channel(lamp: Lamp) -> None:
    heard: list[Json] = []

    @lamp.bolt.view("form")
    async def on_submit(ack: Any, body: Json) -> None:
        heard.extend(body["response_urls"])
        await ack()

    where = picker(default_to_current_conversation=True, response_url_enabled=True)
    view = await opened(lamp, form(where), CLOSED)
    await lamp.person().input(view["id"], "name", "v", {"value": "Ada"})
    outcome = await lamp.person().submit(view["id"])

    assert outcome.ok, outcome
    assert [(u["block_id"], u["action_id"], u["channel_id"]) for u in heard] == [
        ("where", "v", CLOSED)
    ]
    assert lamp.client.session is not None
    async with lamp.client.session.post(heard[0]["response_url"], json={"text": "Hi"}) as answer:
        assert answer.status == 200
    [said] = lamp.workspace.conversations.visible(CLOSED, ADA)
    assert said.text == "Hi", "posted without membership"


async def test_every_element_is_in_the_state_untouched_and_typed(lamp: Lamp) -> None:
    choices = [{"text": {"type": "plain_text", "text": "A"}, "value": "a"}]
    elements: list[Json] = [
        {"type": "plain_text_input", "initial_value": "hello"},
        {"type": "number_input", "is_decimal_allowed": True},
        {"type": "url_text_input"},
        {"type": "radio_buttons", "options": choices},
        {"type": "checkboxes", "options": choices},
        {"type": "multi_static_select", "options": choices, "initial_options": choices},
        {"type": "datepicker", "initial_date": "2026-11-24"},
        {"type": "timepicker"},
        {"type": "datetimepicker"},
        {"type": "users_select", "initial_user": ADA},
    ]
    named = [{**element, "action_id": "v"} for element in elements]
    blocks = [input_(element, block_id=element["type"], optional=True) for element in named]
    view = await opened(lamp, form(*blocks), ROOM)

    typed: dict[str, Json] = {
        "number_input": {"value": "1.5"},
        "datetimepicker": {"selected_date_time": 1795795200},
        "checkboxes": {"selected_options": [{"value": "a"}]},
    }
    for block_id, value in typed.items():
        outcome = await lamp.person().input(view["id"], block_id, "v", value)
        assert outcome.ok, outcome

    def held(values: Json) -> list[Any]:
        return [
            next(v for k, v in values[element["type"]]["v"].items() if k != "type")
            for element in elements
        ]

    full = [{"text": {"type": "plain_text", "text": "A", "emoji": True}, "value": "a"}]
    before = ["hello", None, None, None, [], full, "2026-11-24", None, None, ADA]
    after = ["hello", "1.5", None, None, full, full, "2026-11-24", None, 1795795200, ADA]
    assert held(view["state"]["values"]) == before
    assert held(lamp.workspace.views.find(view["id"]).values()) == after
