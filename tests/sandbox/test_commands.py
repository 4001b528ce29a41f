from typing import Any

import pytest

from tests.sandbox.conftest import ADA, BOT, LIN, ROOM, Lamp


@pytest.mark.parametrize(
    ("typed", "text"), [("/lamp", ""), ("  /lamp   on  ", "on"), ("/lamp\non\noff", "on\noff")]
)
async def test_what_follows_the_command_is_its_text(lamp: Lamp, typed: str, text: str) -> None:
    heard: list[str] = []

    @lamp.bolt.command("/lamp")
    async def on_command(ack: Any, command: dict[str, Any]) -> None:
        heard.append(command["text"])
        await ack()

    assert (await lamp.person().command(ROOM, typed)).ok
    assert heard == [text]


@pytest.mark.parametrize("typed", ["", "   ", "/", "/lam"])
async def test_nothing_else_is_a_command(lamp: Lamp, typed: str) -> None:
    assert (await lamp.person().command(ROOM, typed)).error == "unknown_command"


async def test_a_public_answer_is_seen_by_everybody(lamp: Lamp) -> None:
    @lamp.bolt.command("/lamp")
    async def on_command(ack: Any) -> None:
        await ack("It is on.", response_type="in_channel")

    await lamp.person().command(ROOM, "/lamp")

    assert [m.text for m in lamp.workspace.conversations.visible(ROOM, LIN)] == ["It is on."]


async def test_a_broken_answer_is_told_instead_of_shown(lamp: Lamp) -> None:
    @lamp.bolt.command("/lamp")
    async def on_command(ack: Any) -> None:
        await ack(blocks=[{"type": "header"}])

    outcome = await lamp.person().command(ROOM, "/lamp")

    assert (outcome.error, outcome.data) == ("dispatch_failed", {"why": "invalid_blocks"})
    assert lamp.workspace.conversations.visible(ROOM, ADA) == []


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


@pytest.mark.parametrize("name", ["@lamp", "LAMP ", f"@{BOT}"])
async def test_slacks_own_invite_brings_somebody_in(lamp: Lamp, name: str) -> None:
    ada = lamp.person()
    await ada.kick(ROOM, BOT)
    known = not name.endswith(BOT)
    assert (await ada.command(ROOM, f"/invite {name}")).ok is known, "by name, as people type it"
    [room] = [c for c in lamp.workspace.conversations if c.id == ROOM]
    assert (BOT in room.members) is known
    assert (await ada.command(ROOM, "/invite @nobody")).error == "user_not_found"
