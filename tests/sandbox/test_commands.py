from typing import Any

from tests.sandbox.conftest import ADA, BOT, ROOM, Lamp


async def test_a_command_reaches_the_bot_and_its_answer_is_seen_by_one_person(lamp: Lamp) -> None:
    heard: list[dict[str, Any]] = []

    @lamp.bolt.command("/lamp")
    async def on_command(ack: Any, command: dict[str, Any]) -> None:
        heard.append(command)
        await ack("It is on.")

    outcome = await lamp.person().command(ROOM, "/lamp on @lin & <b>")

    assert outcome.ok, outcome
    assert heard[0]["text"] == "on <@U0LIN|lin> &amp; &lt;b&gt;"
    assert heard[0]["channel_name"] == "room"
    [told] = lamp.workspace.conversations.visible(ROOM, ADA)
    assert (told.text, told.user, told.ephemeral_to) == ("It is on.", BOT, ADA)
