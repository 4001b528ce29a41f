"""Modals from the trigger to the last answer, driven by Bolt and the real client."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.views import OpenView
from sandbox.workspace import Workspace
from tests.sandbox.conftest import ADA, LIN, ROOM, Lamp, lit
from tests.sandbox.kit import CHOICE, Json, plain, show
from tests.sandbox.kit import form as form_view


@pytest.fixture
async def form(lamp: Lamp) -> Lamp:
    """A lamp whose command opens the form."""
    return with_form(lamp)


def with_form(lamp: Lamp) -> Lamp:
    @lamp.bolt.command("/lamp")
    async def on_command(ack: Any, body: Json, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=form_view(CHOICE))
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
    assert "Title did not work" in form.workspace.notices[-1].text
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
        await client.views_update(
            view_id=view["id"], hash=view["hash"], view=form_view(CHOICE, hint)
        )
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
        await form.client.views_update(view_id=view.id, hash="1.old", view=form_view())

    assert refused.value.response["error"] == "hash_conflict"


async def test_a_closed_view_is_not_found(form: Lamp) -> None:
    view = await opened(form)
    await form.person().close(view.id)

    with pytest.raises(SlackApiError) as refused:
        await form.client.views_update(view_id=view.id, view=form_view())

    assert refused.value.response["error"] == "not_found"


async def test_closing_tells_the_bot_only_where_it_asked_to_know(lamp: Lamp) -> None:
    heard: list[bool] = []

    @lamp.bolt.view_closed("form")
    async def on_close(ack: Any, body: Json) -> None:
        heard.append(body["is_cleared"])
        await ack()

    for notify in (False, True):
        for whole in (False, True):
            view = await show(lamp, form_view(notify_on_close=notify))
            await lamp.person().close(view["id"], all=whole)

    assert heard == [False, True]


async def test_a_late_bot_leaves_the_modal_open_with_a_visible_failure(
    workspace: Workspace,
) -> None:
    async with lit(workspace, patience=0.2) as lamp:
        form, late, done = with_form(lamp), asyncio.Event(), asyncio.Event()

        @form.bolt.view("form")
        async def on_submit(ack: Any) -> None:
            await late.wait()
            await ack()
            done.set()

        view = await opened(form)
        await form.person().input(view.id, "name", "v", {"value": "Ada"})
        outcome = await form.person().submit(view.id)

        assert outcome.error == "operation_timeout"
        assert len(form.workspace.views.stack(ADA)) == 1
        late.set()
        async with asyncio.timeout(20):
            await done.wait()
