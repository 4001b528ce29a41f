"""Response addresses: five uses, half an hour, and no way to make a whisper public."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.acts.places import InMessage
from tests.sandbox.conftest import ADA, AWAY, LIN, ROOM, Lamp

Json = dict[str, Any]
BUTTON: Json = {
    "type": "actions",
    "block_id": "row",
    "elements": [
        {
            "type": "button",
            "action_id": "press",
            "value": "1",
            "text": {"type": "plain_text", "text": "Press"},
        }
    ],
}


@pytest.fixture
async def urls(lamp: Lamp) -> list[str]:
    """The response addresses that the bot is given, by command and by button."""
    given: list[str] = []

    @lamp.bolt.command("/lamp")
    @lamp.bolt.action("press")
    async def on_anything(ack: Any, body: Json) -> None:
        given.append(body["response_url"])
        await ack()

    return given


async def respond(lamp: Lamp, url: str, **body: Any) -> tuple[int, str]:
    assert lamp.client.session is not None
    async with lamp.client.session.post(url, json=body) as answer:
        return answer.status, await answer.text()


async def test_five_answers_and_no_more(lamp: Lamp, urls: list[str]) -> None:
    await lamp.person().command(AWAY, "/lamp")
    answers = [await respond(lamp, urls[0], text=str(n)) for n in range(6)]

    assert [status for status, _ in answers] == [200] * 5 + [404]
    assert "used_url" in answers[-1][1]
    assert len(lamp.workspace.conversations.visible(AWAY, ADA)) == 5
    assert lamp.workspace.conversations.visible(AWAY, LIN) == [], "ephemeral unless told otherwise"


async def test_half_an_hour_and_no_longer(lamp: Lamp, urls: list[str]) -> None:
    await lamp.person().command(ROOM, "/lamp")
    lamp.workspace.clock.advance(timedelta(minutes=31))

    status, said = await respond(lamp, urls[0], text="late")

    assert (status, "expired_url" in said) == (404, True)


async def test_bad_blocks_are_refused_and_an_unknown_address_too(
    lamp: Lamp, urls: list[str]
) -> None:
    await lamp.person().command(ROOM, "/lamp")
    bad = await respond(lamp, urls[0], blocks=[{"type": "nonsense"}])
    unknown = await respond(lamp, f"{lamp.workspace.base_url}/hooks/commands/T1/x", text="Hi")

    assert (bad[0], "invalid_blocks" in bad[1]) == (400, True)
    assert unknown[0] == 404


async def test_a_buttons_message_is_replaced_or_deleted(lamp: Lamp, urls: list[str]) -> None:
    posted = await lamp.client.chat_postMessage(channel=ROOM, text="Hi", blocks=[BUTTON])
    outcome = await lamp.person().click(InMessage(ROOM, posted["ts"]), "press")
    assert outcome.ok, outcome

    await respond(lamp, urls[0], text="Done", blocks=[], replace_original=True)
    [said] = lamp.workspace.conversations.visible(ROOM, LIN)
    assert (said.text, said.blocks) == ("Done", ())

    await respond(lamp, urls[0], delete_original=True)
    assert lamp.workspace.conversations.visible(ROOM, LIN) == []


async def test_a_whisper_that_is_replaced_stays_a_whisper(lamp: Lamp, urls: list[str]) -> None:
    whisper = await lamp.client.chat_postEphemeral(
        channel=ROOM, user=ADA, text="Psst", blocks=[BUTTON]
    )
    await lamp.person().click(InMessage(ROOM, whisper["message_ts"]), "press")
    await respond(lamp, urls[0], text="Loud", replace_original=True, response_type="in_channel")

    [said] = lamp.workspace.conversations.visible(ROOM, ADA)
    assert (said.text, said.ephemeral_to) == ("Loud", ADA)


async def test_an_answer_stays_in_its_thread_only_by_the_whole_rule(
    lamp: Lamp, urls: list[str]
) -> None:
    await lamp.person().command(ROOM, "/lamp")
    parent = (await lamp.client.chat_postMessage(channel=ROOM, text="Hi"))["ts"]
    thread = {"response_type": "in_channel", "thread_ts": parent}
    await respond(lamp, urls[0], text="beside", **thread)
    await respond(lamp, urls[0], text="below", replace_original=False, **thread)

    found = {m.text: m.is_reply for m in lamp.workspace.conversations.visible(ROOM, LIN)}
    assert found == {"Hi": False, "beside": False, "below": True}
