"""Events, their repetitions, and the end of an installation."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.app import HttpTransport, create_app
from sandbox.clock import SharedClock
from sandbox.workspace import Workspace
from tests.sandbox.conftest import (
    ADA,
    AWAY,
    BOT,
    MANIFEST,
    ROOM,
    SECRET,
    Lamp,
    a_workspace,
    lit,
    served,
)

Json = dict[str, Any]


async def test_opening_home_carries_the_hash_of_what_was_published(lamp: Lamp) -> None:
    heard: list[Json] = []

    @lamp.bolt.event("app_home_opened")
    async def on_home(event: Json, client: Any) -> None:
        heard.append(event)
        shown = event.get("view", {}).get("hash")
        view = {"type": "home", "blocks": [{"type": "divider"}]}
        await client.views_publish(user_id=event["user"], view=view, hash=shown)

    await lamp.person().open_home()
    first = lamp.workspace.views.home(ADA)
    assert first is not None
    first_hash = first.hash
    await lamp.person().open_home()

    assert "view" not in heard[0]
    assert heard[1]["view"]["hash"] == first_hash
    with pytest.raises(SlackApiError) as refused:
        await lamp.client.views_publish(
            user_id=ADA, view={"type": "home", "blocks": []}, hash=first_hash
        )
    assert refused.value.response["error"] == "hash_conflict"


async def test_joining_is_told_only_under_its_scope(lamp: Lamp) -> None:
    heard: list[Json] = []

    @lamp.bolt.event("member_joined_channel")
    async def on_join(event: Json) -> None:
        heard.append(event)

    await lamp.person().invite(AWAY, BOT)
    await lamp.person().kick(AWAY, BOT)
    lamp.workspace.grant(["channels:read"])
    await lamp.person().invite(AWAY, BOT)

    assert [(e["user"], e["channel"], e["inviter"]) for e in heard] == [(BOT, AWAY, ADA)]


class Flaky:
    """A bot that fails as often as it is told to, and remembers each request."""

    def __init__(self) -> None:
        self.failures = 9
        self.headers: dict[str, str] = {}
        self.seen: list[tuple[str, str | None, str | None]] = []

    def app(self) -> Starlette:
        async def receive(request: Request) -> Response:
            body = await request.json()
            number = request.headers.get("x-slack-retry-num")
            reason = request.headers.get("x-slack-retry-reason")
            self.seen.append((body["event_id"], number, reason))
            self.failures -= 1
            status = 500 if self.failures >= 0 else 200
            return Response(status_code=status, headers=self.headers if status != 200 else {})

        return Starlette(routes=[Route("/", receive, methods=["POST"])])


async def minutes(workspace: Workspace, count: int) -> None:
    for _ in range(count):
        await workspace.advance(timedelta(minutes=1))


@pytest.mark.parametrize(
    ("failures", "headers", "tries"),
    [(0, {}, 1), (2, {}, 3), (9, {}, 4), (9, {"x-slack-no-retry": "1"}, 1)],
)
async def test_a_failed_event_comes_again_at_once_after_one_and_after_five_minutes(
    workspace: Workspace, failures: int, headers: dict[str, str], tries: int
) -> None:
    flaky = Flaky()
    flaky.failures, flaky.headers = failures, headers
    async with served(flaky.app()) as bot:
        create_app(workspace, transport=HttpTransport(bot, SECRET))
        await workspace.actor(ADA).open_home()
        await workspace.chores.run_due()
        soon = len(flaky.seen)
        await minutes(workspace, 1)
        after_one = len(flaky.seen)
        await minutes(workspace, 30)
        await workspace.close()

    assert len(flaky.seen) == tries
    assert [soon, after_one] == [min(2, tries), min(3, tries)]
    assert len({event_id for event_id, _, _ in flaky.seen}) == 1
    expected = [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert [(number, reason) for _, number, reason in flaky.seen] == expected[:tries]


async def test_messages_are_heard_only_where_subscribed_and_granted(clock: SharedClock) -> None:
    subscribed = MANIFEST.replace("bot_events: [", "bot_events: [message.im, ")
    heard: list[str] = []
    async with lit(a_workspace(clock, subscribed)) as lamp:

        @lamp.bolt.event("message")
        async def on_message(event: Json) -> None:
            heard.append(event["text"])

        direct = lamp.workspace.conversations.direct(ADA, BOT)
        await lamp.person().say(direct.id, "too early")
        lamp.workspace.grant(["im:history"])
        await lamp.person().say(direct.id, "hello")
        await lamp.person().say(ROOM, "not for the bot")

    assert heard == ["hello"]


async def test_events_can_come_twice_and_in_another_order(lamp: Lamp) -> None:
    heard: list[tuple[str, str]] = []

    @lamp.bolt.event("app_home_opened")
    async def on_home(event: Json, body: Json) -> None:
        heard.append((event["tab"], body["event_id"]))

    direct = lamp.workspace.conversations.direct(ADA, BOT)
    lamp.workspace.events.copies = 2
    await lamp.person().open_home()
    lamp.workspace.events.copies = 1
    lamp.workspace.events.hold()
    await lamp.person().open_home()
    await lamp.person().open_channel(direct.id)
    before = len(heard)
    await lamp.workspace.events.release(reverse=True)

    assert before == 2
    assert heard[0] == heard[1]
    assert [tab for tab, _ in heard[2:]] == ["messages", "home"]


@pytest.mark.parametrize("revoke_first", [True, False])
async def test_uninstalling_kills_the_token_and_tells_both_events(
    lamp: Lamp, *, revoke_first: bool
) -> None:
    heard: list[str] = []

    @lamp.bolt.event("app_uninstalled")
    @lamp.bolt.event("tokens_revoked")
    async def on_end(event: Json) -> None:
        heard.append(event["type"])

    await lamp.client.auth_test()
    await lamp.workspace.uninstall(revoke_first=revoke_first)

    wanted = ["tokens_revoked", "app_uninstalled"]
    assert heard == (wanted if revoke_first else wanted[::-1])
    with pytest.raises(SlackApiError) as refused:
        await lamp.client.chat_postMessage(channel=ROOM, text="Hi")
    assert refused.value.response["error"] == "token_revoked"
    assert (await lamp.person().command(ROOM, "/lamp")).error == "unknown_command"
