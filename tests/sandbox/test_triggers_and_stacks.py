"""Trigger ids, stacks of views, typeahead."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.acts.places import InView
from tests.sandbox.conftest import ADA, LIN, Lamp
from tests.sandbox.kit import Json, form, plain, show


async def test_three_views_stand_on_each_other_and_each_person_has_a_stack(lamp: Lamp) -> None:
    first = await show(lamp, form())
    await show(lamp, form(), LIN)
    below = first
    for _ in range(2):
        trigger = lamp.workspace.triggers.issue(ADA, view_id=below["id"])
        pushed = await lamp.client.views_push(trigger_id=trigger, view=form())
        assert pushed["view"]["previous_view_id"] == below["id"]
        assert pushed["view"]["root_view_id"] == first["id"]
        below = pushed["view"]
    trigger = lamp.workspace.triggers.issue(ADA, view_id=below["id"])

    with pytest.raises(SlackApiError) as refused:
        await lamp.client.views_push(trigger_id=trigger, view=form())

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
        await lamp.client.views_open(trigger_id=trigger, view=form())
    lamp.workspace.clock.advance(timedelta(seconds=seconds))

    with pytest.raises(SlackApiError) as refused:
        await lamp.client.views_open(trigger_id=trigger, view=form())

    assert refused.value.response["error"] == error


async def test_a_made_up_trigger_opens_nothing(lamp: Lamp) -> None:
    with pytest.raises(SlackApiError) as refused:
        await lamp.client.views_open(trigger_id="1.2.abc", view=form())

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
    view = await show(lamp, form(search))
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
