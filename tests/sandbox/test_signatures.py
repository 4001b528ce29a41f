"""Requests are signed so that Bolt itself, by the real clock, takes them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.app import HttpTransport, create_app
from sandbox.clock import SharedClock
from tests.sandbox.conftest import ROOM, Lamp, a_workspace, lit


@pytest.fixture
async def wary(tmp_path: Path) -> AsyncIterator[Lamp]:
    """A lamp that checks signatures, in a workspace that lives in real time."""
    async with lit(a_workspace(SharedClock(tmp_path / "clock.json")), verify=True) as lamp:
        yield lamp


async def test_commands_interactions_and_events_pass_the_check(wary: Lamp) -> None:
    heard: list[str] = []

    @wary.bolt.command("/lamp")
    async def on_command(ack: Any) -> None:
        heard.append("command")
        await ack()

    @wary.bolt.shortcut("light")
    async def on_shortcut(ack: Any) -> None:
        heard.append("shortcut")
        await ack()

    @wary.bolt.event("app_home_opened")
    async def on_home() -> None:
        heard.append("event")

    await wary.person().command(ROOM, "/lamp 灯 & +")
    await wary.person().shortcut("light")
    await wary.person().open_home()

    assert heard == ["command", "shortcut", "event"]


async def test_another_secret_is_turned_away(wary: Lamp) -> None:
    transport = HttpTransport(f"{wary.workspace.base_url}/slack/events", "another-secret")
    create_app(wary.workspace, transport=transport)

    outcome = await wary.person().command(ROOM, "/lamp")

    assert outcome.error == "dispatch_failed"
    await wary.workspace.close()
