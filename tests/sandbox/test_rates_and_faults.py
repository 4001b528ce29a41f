"""429s by the sandbox's clock, and the ways in which Slack loses a call."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from sandbox.faults import Fault, FaultKind
from sandbox.rate import MESSAGE_BURST
from tests.sandbox.conftest import ADA, ROOM, Lamp


async def burst(lamp: Lamp) -> None:
    for n in range(MESSAGE_BURST):
        await lamp.client.chat_postMessage(channel=ROOM, text=str(n))


async def test_one_message_a_second_after_a_short_burst(lamp: Lamp) -> None:
    await burst(lamp)
    with pytest.raises(SlackApiError) as refused:
        await lamp.client.chat_postMessage(channel=ROOM, text="too much")
    elsewhere = await lamp.client.chat_postMessage(channel=ADA, text="elsewhere")
    lamp.workspace.clock.advance(timedelta(seconds=1))
    later = await lamp.client.chat_postMessage(channel=ROOM, text="later")

    response = refused.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert response.headers["retry-after"] == "1"
    assert elsewhere["ok"]
    assert later["ok"]


async def test_limits_can_be_switched_off(lamp: Lamp) -> None:
    lamp.workspace.rate.enabled = False
    await burst(lamp)

    assert (await lamp.client.chat_postMessage(channel=ROOM, text="more"))["ok"]


async def test_a_method_has_a_budget_by_the_minute(lamp: Lamp) -> None:
    for _ in range(20):
        await lamp.client.users_list()
    with pytest.raises(SlackApiError) as refused:
        await lamp.client.users_list()

    assert refused.value.response.headers["retry-after"] == "3"


@pytest.mark.parametrize(
    "kind", [FaultKind.CUT_AFTER_ACCEPT, FaultKind.REFUSE], ids=["accepted", "refused"]
)
async def test_a_cut_connection_leaves_the_caller_in_the_dark(lamp: Lamp, kind: FaultKind) -> None:
    lamp.workspace.faults.add(Fault(kind, method="chat.postMessage", times=1))

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await lamp.client.chat_postMessage(channel=ROOM, text="Hi")

    said = lamp.workspace.conversations.visible(ROOM, ADA)
    assert len(said) == (kind is FaultKind.CUT_AFTER_ACCEPT)
    assert (await lamp.client.chat_postMessage(channel=ROOM, text="again"))["ok"]


async def test_a_silent_slack_accepts_and_lets_the_caller_wait(lamp: Lamp) -> None:
    fault = Fault(FaultKind.SILENT_AFTER_ACCEPT, method="chat.postMessage", seconds=30)
    lamp.workspace.faults.add(fault)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await lamp.client.chat_postMessage(channel=ROOM, text="Hi")

    assert len(lamp.workspace.conversations.visible(ROOM, ADA)) == 1


async def test_statuses_and_errors_strike_only_what_they_name(lamp: Lamp) -> None:
    faults = lamp.workspace.faults
    faults.add(Fault(FaultKind.TOO_MANY, method="chat.*", retry_after="soon", times=1))
    faults.add(Fault(FaultKind.SERVER_ERROR, method="chat.*", times=1))
    faults.add(Fault(FaultKind.ERROR, method="chat.*", error="fatal_error", channel=ROOM))
    seen = []
    for channel in (ROOM, ROOM, ROOM):
        with pytest.raises(SlackApiError) as refused:
            await lamp.client.chat_postMessage(channel=channel, text="Hi")
        seen.append(refused.value.response.status_code)
    elsewhere = await lamp.client.chat_postMessage(channel=ADA, text="Hi")
    faults.clear()

    assert seen == [429, 500, 200]
    assert elsewhere["ok"]
    assert (await lamp.client.chat_postMessage(channel=ROOM, text="Hi"))["ok"]


async def test_a_slow_slack_answers_late(lamp: Lamp) -> None:
    lamp.workspace.faults.add(Fault(FaultKind.SLOW, seconds=0.3, times=1))
    loop = asyncio.get_running_loop()
    started = loop.time()
    await lamp.client.auth_test()

    assert loop.time() - started >= 0.3
