"""The same workspace over Socket Mode, with the handler that bots use."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.app import SocketTransport, create_app
from sandbox.socket_mode import SocketCourier
from sandbox.workspace import Workspace
from tests.sandbox.conftest import ADA, ROOM, Lamp, served

Json = dict[str, Any]


@pytest.fixture
async def plugged(workspace: Workspace) -> AsyncIterator[Lamp]:
    """A lamp that listens on a socket."""
    app = create_app(workspace, transport=SocketTransport("xapp-tests"))
    async with served(app) as base, aiohttp.ClientSession() as session:
        workspace.base_url = base
        lamp = Lamp(workspace, session)
        handler = handler_of(lamp)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's own gap
        await connected(workspace, 1)
        yield lamp
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's own gap


def handler_of(lamp: Lamp) -> AsyncSocketModeHandler:
    token = lamp.workspace.app.app_token
    web = AsyncWebClient(token=token, base_url=f"{lamp.workspace.base_url}/api/")
    return AsyncSocketModeHandler(lamp.bolt, token, web_client=web)


async def connected(workspace: Workspace, count: int) -> None:
    assert isinstance(workspace.courier, SocketCourier)
    async with asyncio.timeout(5):
        while workspace.courier.connections != count:
            await asyncio.sleep(0.01)


async def test_commands_modals_and_events_come_over_the_socket(plugged: Lamp) -> None:
    heard: list[str] = []

    @plugged.bolt.command("/lamp")
    async def on_command(ack: Any, body: Json, client: Any) -> None:
        heard.append(body["text"])
        view = {
            "type": "modal",
            "callback_id": "form",
            "title": {"type": "plain_text", "text": "Form"},
            "submit": {"type": "plain_text", "text": "Send"},
            "blocks": [{"type": "divider"}],
        }
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack("opened")

    @plugged.bolt.view("form")
    async def on_submit(ack: Any) -> None:
        await ack(response_action="clear")

    @plugged.bolt.event("app_home_opened")
    async def on_home(event: Json) -> None:
        heard.append(event["tab"])

    assert (await plugged.person().command(ROOM, "/lamp on")).ok
    [view] = plugged.workspace.views.stack(ADA)
    outcome = await plugged.person().submit(view.id)
    await plugged.person().open_home()

    assert outcome.ok, outcome
    assert plugged.workspace.views.stack(ADA) == []
    assert heard == ["on", "home"]
    assert plugged.workspace.conversations.visible(ROOM, ADA)[0].text == "opened"


async def test_without_a_connection_a_person_sees_a_failure(workspace: Workspace) -> None:
    create_app(workspace, transport=SocketTransport("xapp-tests"))
    workspace.base_url = "http://127.0.0.1:1"

    outcome = await workspace.actor(ADA).command(ROOM, "/lamp")

    assert outcome.error == "dispatch_failed"


async def test_only_the_app_level_token_opens_a_connection(plugged: Lamp) -> None:
    with pytest.raises(SlackApiError) as refused:
        await plugged.client.apps_connections_open(app_token=plugged.workspace.app.bot_token)

    assert refused.value.response["error"] == "not_allowed_token_type"


async def test_each_payload_goes_to_one_of_two_sockets(plugged: Lamp) -> None:
    heard: list[str] = []

    @plugged.bolt.command("/lamp")
    async def on_command(ack: Any, command: Json) -> None:
        heard.append(command["text"])
        await ack()

    second = handler_of(plugged)
    await second.connect_async()  # type: ignore[no-untyped-call]  # Bolt's own gap
    await connected(plugged.workspace, 2)
    for n in range(4):
        assert (await plugged.person().command(ROOM, f"/lamp {n}")).ok
    await second.close_async()  # type: ignore[no-untyped-call]  # Bolt's own gap

    assert heard == ["0", "1", "2", "3"]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_closed_socket_is_opened_again_by_the_client(
    plugged: Lamp, *, announced: bool
) -> None:
    @plugged.bolt.command("/lamp")
    async def on_command(ack: Any) -> None:
        await ack()

    courier = plugged.workspace.courier
    assert isinstance(courier, SocketCourier)
    await (courier.disconnect() if announced else courier.drop())

    async with asyncio.timeout(10):  # the client may open two at once and then close one
        while not (await plugged.person().command(ROOM, "/lamp")).ok:
            await asyncio.sleep(0.05)
