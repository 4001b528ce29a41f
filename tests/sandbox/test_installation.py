"""Coming and going: the request URL, permalinks, a removed app, files that are not ready."""

from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from sandbox.acts.places import InMessage
from tests.sandbox.conftest import ADA, BOT, ROOM, Lamp
from tests.sandbox.kit import Json, actions, button


async def test_a_bot_echoes_the_challenge(lamp: Lamp) -> None:
    assert await lamp.workspace.verify_url()


async def test_a_removed_app_hears_nothing_any_more(lamp: Lamp) -> None:
    heard: list[str] = []

    @lamp.bolt.action("press")
    async def on_press(ack: Any) -> None:
        heard.append("press")
        await ack()

    @lamp.bolt.event("app_home_opened")
    async def on_home() -> None:
        heard.append("home")

    @lamp.bolt.event("tokens_revoked")
    @lamp.bolt.event("app_uninstalled")
    async def on_end(event: Json) -> None:
        heard.append(event["type"])

    posted = await lamp.client.chat_postMessage(channel=ROOM, text="x", blocks=[actions(button())])
    await lamp.workspace.uninstall()
    pressed = await lamp.person().click(InMessage(ROOM, posted["ts"]), "press")
    await lamp.person().open_home()

    assert pressed.error == "dispatch_failed"
    assert heard == ["tokens_revoked", "app_uninstalled"]


async def test_a_permalink_leads_to_its_place_on_the_page(lamp: Lamp) -> None:
    parent = (await lamp.client.chat_postMessage(channel=ROOM, text="Hi"))["ts"]
    reply = await lamp.client.chat_postMessage(channel=ROOM, text="Ho", thread_ts=parent)
    async with httpx.AsyncClient(trust_env=False) as browser:
        links = [
            (await lamp.client.chat_getPermalink(channel=ROOM, message_ts=ts))["permalink"]
            for ts in (parent, reply["ts"])
        ]
        places = [(await browser.get(link)).headers["location"] for link in links]

    assert places == [f"/#{ROOM}", f"/#{ROOM}/{parent}"]


@pytest.mark.parametrize("which", ["reply", "whisper", "nothing"])
async def test_a_thread_hangs_on_a_message_of_the_channel_only(lamp: Lamp, which: str) -> None:
    parent = (await lamp.client.chat_postMessage(channel=ROOM, text="Hi"))["ts"]
    reply = await lamp.client.chat_postMessage(channel=ROOM, text="Ho", thread_ts=parent)
    whisper = await lamp.client.chat_postEphemeral(channel=ROOM, user=ADA, text="x")
    ts = {"reply": reply["ts"], "whisper": whisper["message_ts"], "nothing": "1.000000"}[which]

    with pytest.raises(SlackApiError) as refused:
        await lamp.client.chat_postMessage(channel=ROOM, text="below", thread_ts=ts)

    assert refused.value.response["error"] == "thread_not_found"


async def test_a_picture_can_be_shown_once_it_was_looked_through(lamp: Lamp) -> None:
    assert lamp.client.session is not None
    address = await lamp.client.files_getUploadURLExternal(filename="a.png", length=3)
    await lamp.client.session.post(address["upload_url"], data=b"png")
    files = [{"id": address["file_id"], "title": "A"}]
    await lamp.client.files_completeUploadExternal(files=files)
    picture = {"type": "image", "alt_text": "A", "slack_file": {"id": address["file_id"]}}

    with pytest.raises(SlackApiError) as refused:
        await lamp.client.chat_postMessage(channel=ROOM, text="x", blocks=[picture])
    await lamp.workspace.chores.settle()
    shown = await lamp.client.chat_postMessage(channel=ROOM, text="x", blocks=[picture])

    [message] = refused.value.response["response_metadata"]["messages"]
    assert message == "[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]"
    assert shown["ok"]


async def test_blocks_are_validated_without_posting_or_token(lamp: Lamp) -> None:
    url = f"{lamp.client.base_url}blocks.validate"
    async with httpx.AsyncClient(trust_env=False) as anyone:
        fine = (await anyone.post(url, json={"blocks": [{"type": "divider"}]})).json()
        bad = (await anyone.post(url, json={"view": {"type": "modal", "blocks": []}})).json()
        both = (await anyone.post(url, json={"blocks": [], "view": {}})).json()

    assert fine == {"ok": True}
    assert {error["pointer"] for error in bad["errors"]} == {"/view", "/view/blocks"}
    assert both["error"] == "invalid_arguments"


async def test_the_newer_blocks_can_be_unknown_to_a_workspace(lamp: Lamp) -> None:
    async with httpx.AsyncClient(base_url=lamp.workspace.base_url, trust_env=False) as page:
        await page.post("/_sandbox/switches", json={"newer_blocks": False})
    rows = [[{"type": "raw_text", "text": "a"}]] * 2
    table = {"type": "data_table", "caption": "T", "rows": rows}

    with pytest.raises(SlackApiError) as refused:
        await lamp.client.chat_postMessage(channel=ROOM, text="x", blocks=[table])

    assert refused.value.response["error"] == "invalid_blocks"


async def test_events_are_held_and_doubled_through_the_control_api(lamp: Lamp) -> None:
    heard: list[str] = []

    @lamp.bolt.event("app_home_opened")
    async def on_home(body: Json) -> None:
        heard.append(body["event_id"])

    async with httpx.AsyncClient(base_url=lamp.workspace.base_url, trust_env=False) as page:
        await page.post("/_sandbox/deliveries", json={"copies": 2})
        await lamp.person().open_home()
        await page.post("/_sandbox/deliveries", json={"copies": 1, "hold": True})
        await lamp.person().open_home()
        held = len(heard)
        await page.post("/_sandbox/deliveries", json={"release": True})

    assert (held, len(heard), len(set(heard))) == (2, 3, 2)


async def test_the_bot_is_named_like_in_its_manifest(lamp: Lamp) -> None:
    bot = (await lamp.client.users_info(user=BOT))["user"]

    assert (bot["name"], bot["is_bot"]) == ("lamp", True)
