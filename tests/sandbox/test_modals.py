"""Modals from the trigger to the last answer, driven by Bolt and the real client."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.acts.places import InView
from sandbox.views import OpenView
from tests.sandbox.conftest import ADA, LIN, ROOM, Lamp

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def modal(*extra: Json, **fields: Any) -> Json:
    name = {
        "type": "input",
        "block_id": "name",
        "label": plain("Name"),
        "element": {"type": "plain_text_input", "action_id": "v", "max_length": 10},
    }
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Form"),
        "submit": plain("Send"),
        "blocks": [name, *extra],
        **fields,
    }


CHOICE: Json = {
    "type": "input",
    "block_id": "kind",
    "optional": True,
    "dispatch_action": True,
    "label": plain("Kind"),
    "element": {
        "type": "static_select",
        "action_id": "v",
        "options": [
            {"text": plain("Red"), "value": "red"},
            {"text": plain("Blue"), "value": "blue"},
        ],
    },
}


@pytest.fixture
async def form(lamp: Lamp) -> Lamp:
    """A lamp whose command opens the form."""

    @lamp.bolt.command("/lamp")
    async def on_command(ack: Any, body: Json, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(CHOICE))
        await ack()

    return lamp


async def opened(lamp: Lamp, user: str = ADA) -> OpenView:
    outcome = await lamp.person(user).command(ROOM, "/lamp")
    assert outcome.ok, outcome
    return lamp.workspace.views.stack(user)[-1]


async def test_what_is_typed_arrives_and_an_empty_answer_closes_the_modal(form: Lamp) -> None:
    heard: list[Json] = []

    @form.bolt.view("form")
    async def on_submit(ack: Any, view: Json) -> None:
        heard.append(view)
        await ack()

    view = await opened(form)
    await form.person().input(view.id, "name", "v", {"value": "Ada"})
    outcome = await form.person().submit(view.id)

    assert outcome.ok, outcome
    assert form.workspace.views.stack(ADA) == []
    assert heard[0]["state"]["values"] == {
        "name": {"v": {"type": "plain_text_input", "value": "Ada"}},
        "kind": {"v": {"type": "static_select", "selected_option": None}},
    }
    assert heard[0]["root_view_id"] == heard[0]["id"] == view.id


async def test_a_required_field_keeps_the_submission_in_the_client(form: Lamp) -> None:
    heard: list[Json] = []

    @form.bolt.view("form")
    async def on_submit(ack: Any, view: Json) -> None:
        heard.append(view)
        await ack()

    view = await opened(form, LIN)
    outcome = await form.person(LIN).submit(view.id)

    assert (outcome.ok, outcome.error) == (False, "invalid_fields")
    assert outcome.errors == {"name": "请填写此栏。"}
    assert heard == []


async def test_the_bots_errors_stand_beside_their_inputs(form: Lamp) -> None:
    @form.bolt.view("form")
    async def on_submit(ack: Any) -> None:
        await ack(response_action="errors", errors={"name": "Taken."})

    view = await opened(form)
    await form.person().input(view.id, "name", "v", {"value": "Ada"})
    outcome = await form.person().submit(view.id)

    assert outcome.errors == {"name": "Taken."}
    [still] = form.workspace.views.stack(ADA)
    assert still.values()["name"]["v"]["value"] == "Ada"
    assert still.errors == {"name": "Taken."}


async def test_errors_for_a_block_that_is_no_input_are_not_understood(form: Lamp) -> None:
    @form.bolt.view("form")
    async def on_submit(ack: Any) -> None:
        await ack(response_action="errors", errors={"v": "an action id, not a block id"})

    view = await opened(form)
    await form.person().input(view.id, "name", "v", {"value": "Ada"})
    outcome = await form.person().submit(view.id)

    assert outcome.error == "dispatch_failed"
    assert "Form did not work" in form.workspace.notices[-1].text
    assert len(form.workspace.views.stack(ADA)) == 1


async def test_a_choice_that_dispatches_sends_the_whole_state_and_typed_words_survive(
    form: Lamp,
) -> None:
    heard: list[Json] = []

    @form.bolt.action("v")
    async def on_choice(ack: Any, body: Json, client: Any) -> None:
        heard.append(body)
        view = body["view"]
        hint = {"type": "section", "text": plain("You chose red.")}
        await client.views_update(view_id=view["id"], hash=view["hash"], view=modal(CHOICE, hint))
        await ack()

    view = await opened(form)
    first_hash = view.hash
    await form.person().input(view.id, "name", "v", {"value": "Ada"})
    outcome = await form.person().input(view.id, "kind", "v", {"selected_option": {"value": "red"}})

    assert outcome.ok, outcome
    assert len(heard) == 1, "typing in the name told nobody"
    assert heard[0]["actions"][0]["selected_option"]["text"]["text"] == "Red"
    assert heard[0]["view"]["state"]["values"]["name"]["v"]["value"] == "Ada"
    assert heard[0]["container"] == {"type": "view", "view_id": view.id}
    [now] = form.workspace.views.stack(ADA)
    assert now.values()["name"]["v"]["value"] == "Ada"
    assert now.hash != first_hash
    assert len(now.blocks) == 3


async def test_a_stale_hash_is_a_conflict(form: Lamp) -> None:
    view = await opened(form)

    with pytest.raises(SlackApiError) as refused:
        await form.client.views_update(view_id=view.id, hash="1.old", view=modal())

    assert refused.value.response["error"] == "hash_conflict"


async def test_a_closed_view_is_not_found(form: Lamp) -> None:
    view = await opened(form)
    await form.person().close(view.id)

    with pytest.raises(SlackApiError) as refused:
        await form.client.views_update(view_id=view.id, view=modal())

    assert refused.value.response["error"] == "not_found"


async def test_closing_tells_the_bot_only_where_it_asked_to_know(lamp: Lamp) -> None:
    heard: list[bool] = []

    @lamp.bolt.view_closed("form")
    async def on_close(ack: Any, body: Json) -> None:
        heard.append(body["is_cleared"])
        await ack()

    for notify in (False, True):
        for whole in (False, True):
            view = await opened_by_hand(lamp, modal(notify_on_close=notify))
            await lamp.person().close(view["id"], all=whole)

    assert heard == [False, True]


async def opened_by_hand(lamp: Lamp, view: Json, user: str = ADA) -> Json:
    trigger = lamp.workspace.triggers.issue(user, channel=ROOM)
    answer = await lamp.client.views_open(trigger_id=trigger, view=view)
    found: Json = answer["view"]
    return found


async def test_three_views_stand_on_each_other_and_each_person_has_a_stack(lamp: Lamp) -> None:
    first = await opened_by_hand(lamp, modal())
    await opened_by_hand(lamp, modal(), LIN)
    below = first
    for _ in range(2):
        trigger = lamp.workspace.triggers.issue(ADA, view_id=below["id"])
        pushed = await lamp.client.views_push(trigger_id=trigger, view=modal())
        assert pushed["view"]["previous_view_id"] == below["id"]
        assert pushed["view"]["root_view_id"] == first["id"]
        below = pushed["view"]
    trigger = lamp.workspace.triggers.issue(ADA, view_id=below["id"])

    with pytest.raises(SlackApiError) as refused:
        await lamp.client.views_push(trigger_id=trigger, view=modal())

    assert refused.value.response["error"] == "push_limit_reached"
    assert len(lamp.workspace.views.stack(LIN)) == 1


@pytest.mark.parametrize(
    ("seconds", "times", "error"),
    [(0, 1, "exchanged_trigger_id"), (4, 0, "expired_trigger_id")],
)
async def test_a_trigger_opens_one_view_within_three_seconds(
    lamp: Lamp, seconds: int, times: int, error: str
) -> None:
    trigger = lamp.workspace.triggers.issue(ADA)
    for _ in range(times):
        await lamp.client.views_open(trigger_id=trigger, view=modal())
    lamp.workspace.clock.advance(timedelta(seconds=seconds))

    with pytest.raises(SlackApiError) as refused:
        await lamp.client.views_open(trigger_id=trigger, view=modal())

    assert refused.value.response["error"] == error


async def test_a_made_up_trigger_opens_nothing(lamp: Lamp) -> None:
    with pytest.raises(SlackApiError) as refused:
        await lamp.client.views_open(trigger_id="1.2.abc", view=modal())

    assert refused.value.response["error"] == "invalid_trigger_id"


async def test_typeahead_asks_the_bot_and_takes_only_what_was_offered(lamp: Lamp) -> None:
    asked: list[str] = []

    @lamp.bolt.options("search")
    async def on_search(ack: Any, payload: Json) -> None:
        asked.append(payload["value"])
        await ack(options=[{"text": plain("Qwen"), "value": "q"}])

    search = {
        "type": "input",
        "block_id": "model",
        "label": plain("Model"),
        "element": {"type": "external_select", "action_id": "search", "min_query_length": 2},
    }
    view = await opened_by_hand(lamp, modal(search))
    place = InView(view["id"])

    short = await lamp.person().suggest(place, "search", "q")
    offered = await lamp.person().suggest(place, "search", "qw", block_id="model")
    refused = await lamp.person().input(
        view["id"], "model", "search", {"selected_option": {"value": "other"}}
    )
    taken = await lamp.person().input(
        view["id"], "model", "search", {"selected_option": {"value": "q"}}
    )

    assert short.data == {"options": []}
    assert asked == ["qw"]
    assert offered.data["options"][0]["value"] == "q"
    assert (refused.error, taken.ok) == ("invalid_option", True)


async def test_a_late_bot_leaves_the_modal_open_with_a_visible_failure(
    form: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    monkeypatch.setattr("sandbox.delivery.ACK_SECONDS", 0.2)
    done = asyncio.Event()

    @form.bolt.view("form")
    async def on_submit(ack: Any) -> None:
        await asyncio.sleep(0.4)
        await ack()
        done.set()

    view = await opened(form)
    await form.person().input(view.id, "name", "v", {"value": "Ada"})
    outcome = await form.person().submit(view.id)

    assert outcome.error == "operation_timeout"
    assert len(form.workspace.views.stack(ADA)) == 1
    async with asyncio.timeout(2):
        await done.wait()
