"""The control API as the page uses it, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.app import Control, HttpTransport, Step, create_app
from sandbox.workspace import Workspace
from tests.sandbox.conftest import ADA, BOT, CLOSED, LIN, ROOM, SECRET, Lamp, served

Json = dict[str, Any]


@pytest.fixture
async def page(lamp: Lamp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=lamp.workspace.base_url, trust_env=False) as client:
        yield client


async def state(page: httpx.AsyncClient, user: str = ADA) -> Json:
    found: Json = (await page.get("/_sandbox/state", params={"user": user})).json()
    return found


async def act(page: httpx.AsyncClient, do: str, user: str = ADA, **more: Any) -> Json:
    answer = await page.post("/_sandbox/act", json={"user": user, "do": do, **more})
    found: Json = answer.json()
    return found


async def test_each_person_sees_their_own_workspace(lamp: Lamp, page: httpx.AsyncClient) -> None:
    await lamp.client.chat_postEphemeral(channel=ROOM, user=ADA, text="Psst")
    await act(page, "message", channel=CLOSED, text="secret")
    mine, theirs = await state(page), await state(page, LIN)

    assert mine["me"]["id"] == ADA
    assert [m["text"] for m in mine["messages"][ROOM]] == ["Psst"]
    assert mine["messages"][ROOM][0]["ephemeral"]
    assert theirs["messages"][ROOM] == []
    assert CLOSED not in theirs["messages"]
    assert {c["id"] for c in mine["channels"]} - {c["id"] for c in theirs["channels"]} >= {CLOSED}
    room = next(c for c in mine["channels"] if c["id"] == ROOM)
    assert (room["is_member"], room["bot_is_member"], room["unread"]) == (True, True, 1)
    assert [c["peer"] for c in mine["channels"] if c["is_im"]] == [BOT]
    assert mine["app"]["commands"][0]["usage_hint"] == "on | off"


async def test_a_modal_is_shown_filled_and_submitted(lamp: Lamp, page: httpx.AsyncClient) -> None:
    form = {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            {
                "type": "input",
                "block_id": "n",
                "label": {"type": "plain_text", "text": "Number"},
                "element": {
                    "type": "number_input",
                    "action_id": "v",
                    "is_decimal_allowed": False,
                    "max_value": "9",
                },
            }
        ],
    }

    @lamp.bolt.shortcut("light")
    async def on_shortcut(ack: Any, body: Json, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=form)
        await ack()

    @lamp.bolt.view("form")
    async def on_submit(ack: Any) -> None:
        await ack()

    assert await act(page, "shortcut", callback_id="light") == {"ok": True}
    [view] = (await state(page))["views"]
    seen = []
    for typed in ("many", "1.5", "10", "4"):
        place = {"view_id": view["id"], "block_id": "n", "action_id": "v"}
        await act(page, "input", **place, value={"value": typed})
        seen.append((await act(page, "submit", view_id=view["id"])).get("errors", {}).get("n"))

    assert seen == [
        "Please enter a number.",
        "Please enter a whole number.",
        "Please enter 9 or less.",
        None,
    ]
    assert (await state(page))["views"] == []


async def test_failures_are_sentences_in_the_persons_language(page: httpx.AsyncClient) -> None:
    unknown = await act(page, "command", LIN, channel=ROOM, text="/nothing")
    threaded = await act(page, "command", channel=ROOM, text="/lamp", thread_ts="1.2")
    unhandled = await act(page, "command", channel=ROOM, text="/lamp")

    assert unknown["error"] == "unknown_command"
    assert unknown["text"].startswith("/nothing 不是")
    assert threaded["error"] == "not_in_threads"
    assert unhandled["error"] == "dispatch_failed"
    told = (await state(page))["notices"]
    assert [notice["text"] for notice in told] == [threaded["text"], unhandled["text"]]


async def test_the_stream_tells_of_changes(lamp: Lamp, page: httpx.AsyncClient) -> None:
    async with page.stream("GET", "/_sandbox/events", params={"user": ADA}) as stream:
        lines = stream.aiter_lines()
        first = await version_in(lines)
        await lamp.client.chat_postMessage(channel=ROOM, text="Hi")
        second = await version_in(lines)

    assert second > first


async def version_in(lines: AsyncIterator[str]) -> int:
    async with asyncio.timeout(5):
        async for line in lines:
            if line.startswith("data: "):
                return int(line.removeprefix("data: "))
    raise AssertionError("the stream ended")


async def test_the_inspector_shows_both_directions_and_no_secret(
    lamp: Lamp, page: httpx.AsyncClient
) -> None:
    @lamp.bolt.command("/lamp")
    async def on_command(ack: Any, client: Any) -> None:
        await client.chat_postMessage(channel=ROOM, text=f"my token is {client.token}")
        await ack("done")

    await act(page, "command", channel=ROOM, text="/lamp")
    answer = await page.get("/_sandbox/payloads")
    entries = answer.json()

    assert [(e["direction"], e["method_or_type"]) for e in entries][-2:] == [
        ("out", "chat.postMessage"),
        ("in", "/lamp"),
    ]
    assert entries[-1]["response"] == "done"
    assert lamp.workspace.app.bot_token not in answer.text
    assert (await page.get(f"/_sandbox/payloads?after={entries[-1]['n']}")).json() == []


async def test_the_clock_is_moved_and_people_change(lamp: Lamp, page: httpx.AsyncClient) -> None:
    before = (await state(page))["clock"]["offset_seconds"]
    await page.post("/_sandbox/clock", json={"advance_seconds": 3600})
    await page.post(f"/_sandbox/people/{LIN}", json={"deleted": True, "locale": "de-DE"})
    granted = await page.post("/_sandbox/scopes", json={"granted_optional": ["channels:read"]})
    beyond = await page.post("/_sandbox/scopes", json={"granted_optional": ["admin"]})

    now = await state(page)
    assert now["clock"]["offset_seconds"] - before == 3600
    assert [(p["deleted"], p["locale"]) for p in now["people"] if p["id"] == LIN] == [
        (True, "de-DE")
    ]
    assert (granted.status_code, beyond.status_code) == (200, 400)
    assert now["app"]["granted_optional"] == ["channels:read"]
    assert (await act(page, "message", LIN, channel=ROOM, text="Hi"))["error"] == "account_inactive"


async def test_faults_come_and_go(lamp: Lamp, page: httpx.AsyncClient) -> None:
    lamp.workspace.rate.enabled = False
    await page.post("/_sandbox/faults", json={"method": "chat.postMessage", "kind": "500"})
    wrong = await page.post("/_sandbox/faults", json={"kind": "meteor"})
    shown = (await state(page))["faults"]
    broken = await lamp.client.session.post(f"{lamp.client.base_url}chat.postMessage")  # type: ignore[union-attr]  # given in the fixture
    await page.delete("/_sandbox/faults")

    assert wrong.status_code == 400
    assert [fault["kind"] for fault in shown.values()] == ["500"]
    assert broken.status == 500
    assert (await lamp.client.chat_postMessage(channel=ROOM, text="Hi"))["ok"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user": "U0NOBODY", "do": "submit"},
        {"user": ADA, "do": "dance"},
        {"user": ADA, "do": "submit"},
        {"user": ADA, "do": "action", "where": {}, "action_id": "x"},
        {"user": ADA, "do": "message", "channel": ROOM, "text": 3},
        [],
    ],
)
async def test_malformed_requests_are_told_what_is_wrong(
    page: httpx.AsyncClient, body: Json
) -> None:
    answer = await page.post("/_sandbox/act", json=body)

    assert answer.status_code == 400
    assert answer.json()["text"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"kind": "slow", "seconds": "long"}),
        ("faults", {"kind": "500", "times": -1}),
        ("clock", {"advance_seconds": -60}),
        ("clock", {"advance_seconds": "NaN"}),
        ("deliveries", {"copies": "two"}),
        ("people/U0NOBODY", {"deleted": True}),
        (f"people/{ADA}", {"id": "U0OTHER"}),
        ("controls/nothing", {"on": True}),
        ("sockets", {}),
    ],
)
async def test_rubbish_changes_nothing(page: httpx.AsyncClient, path: str, body: Json) -> None:
    before = await state(page)
    answer = await page.post(f"/_sandbox/{path}", json=body)

    assert answer.status_code == 400
    assert (await state(page))["version"] == before["version"]


async def test_controls_and_checklist_of_a_demo(workspace: Workspace) -> None:
    pressed: list[bool] = []

    async def run(on: bool) -> str | None:
        pressed.append(on)
        return "Killed."

    words = {"en": "Kill", "zh": "杀死"}
    step = Step(
        "talk", {"en": "Talk", "zh": "说话"}, lambda w: bool(w.conversations.visible(ROOM, ADA))
    )
    app = create_app(
        workspace,
        transport=HttpTransport("http://127.0.0.1:9/", SECRET),
        controls=[Control("kill", words, words, "press", run)],
        checklist=[step],
    )
    async with served(app) as base, httpx.AsyncClient(base_url=base, trust_env=False) as page:
        workspace.base_url = base
        before = await state(page)
        killed = (await page.post("/_sandbox/controls/kill", json={"on": True})).json()
        await page.post("/_sandbox/controls/slack_429", json={"on": True})
        said = await act(page, "message", channel=ROOM, text="Hi")
        during = await state(page)
        await page.post("/_sandbox/controls/slack_429", json={"on": False})
        workspace.conversations.remove(ROOM, said["ts"])
        after = await state(page)

    assert (killed["text"], pressed) == ("Killed.", [True])
    assert [s["done"] for s in before["checklist"] + after["checklist"]] == [False, True]
    assert [c["id"] for c in during["controls"] if c["on"]] == ["slack_429"]
    assert [len(s["faults"]) for s in (before, during, after)] == [0, 1, 0]
