"""Buttons, menus and shortcuts, and what their payloads carry."""

from typing import Any

from sandbox.acts.places import InMessage
from tests.sandbox.conftest import ADA, CLOSED, ROOM, Lamp

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


CONFIRM = {
    "title": plain("Sure?"),
    "text": plain("It is dark then."),
    "confirm": plain("Off"),
    "deny": plain("Stay"),
}
ROW: Json = {
    "type": "actions",
    "block_id": "row",
    "elements": [
        {"type": "button", "action_id": "off", "value": "7", "text": plain("Off")},
        {"type": "button", "action_id": "all", "text": plain("All off"), "confirm": CONFIRM},
        {
            "type": "overflow",
            "action_id": "more",
            "options": [{"text": plain("Dim"), "value": "dim"}],
        },
        {
            "type": "static_select",
            "action_id": "colour",
            "options": [{"text": plain("Red"), "value": "red"}],
        },
    ],
}


async def test_a_press_tells_who_pressed_what_where(lamp: Lamp) -> None:
    heard: list[Json] = []

    @lamp.bolt.action("off")
    async def on_off(ack: Any, body: Json) -> None:
        heard.append(body)
        await ack()

    parent = (await lamp.client.chat_postMessage(channel=ROOM, text="Lamps"))["ts"]
    posted = await lamp.client.chat_postMessage(
        channel=ROOM, text="Lamp", blocks=[ROW], thread_ts=parent
    )
    outcome = await lamp.person().click(InMessage(ROOM, posted["ts"]), "off")

    assert outcome.ok, outcome
    [body] = heard
    assert body["user"] == {
        "id": ADA,
        "username": "ada",
        "name": "ada",
        "team_id": lamp.workspace.team.id,
    }
    assert body["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": ROOM,
        "is_ephemeral": False,
        "thread_ts": parent,
    }
    assert body["message"]["blocks"][0]["block_id"] == "row"
    [action] = body["actions"]
    assert (action["type"], action["value"], action["block_id"]) == ("button", "7", "row")
    assert body["trigger_id"]
    assert body["response_url"].startswith(lamp.workspace.base_url)
    assert body["state"]["values"]["row"]["colour"]["selected_option"] is None


async def test_the_message_of_a_whisper_does_not_come_along(lamp: Lamp) -> None:
    heard: list[Json] = []

    @lamp.bolt.action("off")
    async def on_off(ack: Any, body: Json) -> None:
        heard.append(body)
        await ack()

    whisper = await lamp.client.chat_postEphemeral(channel=ROOM, user=ADA, text="x", blocks=[ROW])
    await lamp.person().click(InMessage(ROOM, whisper["message_ts"]), "off")

    assert heard[0]["container"]["is_ephemeral"]
    assert "message" not in heard[0]


async def test_a_button_that_asks_first_is_pressed_only_when_confirmed(lamp: Lamp) -> None:
    heard: list[str] = []

    @lamp.bolt.action("all")
    async def on_all(ack: Any) -> None:
        heard.append("all")
        await ack()

    posted = await lamp.client.chat_postMessage(channel=ROOM, text="Lamp", blocks=[ROW])
    where = InMessage(ROOM, posted["ts"])
    asked = await lamp.person().click(where, "all")
    pressed = await lamp.person().click(where, "all", confirmed=True)

    assert (asked.error, asked.data["confirm"]["title"]["text"]) == ("confirm_required", "Sure?")
    assert pressed.ok
    assert heard == ["all"]


async def test_menus_answer_with_the_whole_option(lamp: Lamp) -> None:
    heard: list[Json] = []

    @lamp.bolt.action("more")
    @lamp.bolt.action("colour")
    async def on_choice(ack: Any, body: Json) -> None:
        heard.append(body)
        await ack()

    posted = await lamp.client.chat_postMessage(channel=ROOM, text="Lamp", blocks=[ROW])
    where = InMessage(ROOM, posted["ts"])
    await lamp.person().click(where, "more", value={"selected_option": {"value": "dim"}})
    await lamp.person().click(where, "colour", value={"selected_option": {"value": "red"}})
    wrong = await lamp.person().click(where, "colour", value={"selected_option": {"value": "x"}})

    assert [body["actions"][0]["selected_option"]["text"]["text"] for body in heard] == [
        "Dim",
        "Red",
    ]
    assert heard[1]["state"]["values"]["row"]["colour"]["selected_option"]["value"] == "red"
    assert wrong.error == "invalid_option"


async def test_an_unhandled_press_is_a_visible_failure(lamp: Lamp) -> None:
    posted = await lamp.client.chat_postMessage(channel=ROOM, text="Lamp", blocks=[ROW])
    outcome = await lamp.person().click(InMessage(ROOM, posted["ts"]), "off")

    assert outcome.error == "dispatch_failed"
    assert outcome.text == lamp.workspace.notices[-1].text
    assert outcome.text.startswith("Off did not work")


async def test_a_global_shortcut_has_neither_channel_nor_response_address(lamp: Lamp) -> None:
    heard: list[Json] = []

    @lamp.bolt.shortcut("light")
    async def on_shortcut(ack: Any, body: Json) -> None:
        heard.append(body)
        await ack()

    outcome = await lamp.person().shortcut("light")

    assert outcome.ok, outcome
    assert heard[0]["type"] == "shortcut"
    assert "channel" not in heard[0]
    assert "response_url" not in heard[0]


async def test_a_message_shortcut_brings_the_message_from_anywhere(lamp: Lamp) -> None:
    heard: list[Json] = []

    @lamp.bolt.shortcut("point")
    async def on_shortcut(ack: Any, body: Json) -> None:
        heard.append(body)
        await ack()

    said = await lamp.person().say(CLOSED, "a < b & <!channel> https://example.com/x?y=1.")
    outcome = await lamp.person().message_shortcut("point", CLOSED, said.data["ts"])

    assert outcome.ok, outcome
    assert heard[0]["message"]["text"] == (
        "a &lt; b &amp; &lt;!channel&gt; <https://example.com/x?y=1>."
    )
    assert heard[0]["channel"] == {"id": CLOSED, "name": "privategroup"}


async def test_what_somebody_cannot_see_they_cannot_press(lamp: Lamp) -> None:
    lamp.workspace.conversations.join(CLOSED, lamp.workspace.app.bot_user_id)
    posted = await lamp.client.chat_postMessage(channel=CLOSED, text="Lamp", blocks=[ROW])

    outcome = await lamp.person("U0LIN").click(InMessage(CLOSED, posted["ts"]), "off")

    assert outcome.error == "channel_not_found"
