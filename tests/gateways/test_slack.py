"""Every answer Slack may give to a post becomes one outcome, by one request and never a second."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.delivery import (
    Message,
    NotSent,
    Op,
    Outcome,
    Outgoing,
    Permanent,
    Post,
    Sent,
    Unknown,
)
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.ports import CannotLook, LookupFailed
from gateways.slack import SlackDirectory, SlackMessenger
from tests.gateways.conftest import Answer, StandIn, listening
from tests.harness.faults import Wire, fault_proxy

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TEAM, ROOM, ADA = TeamId("T0"), ChannelId("C0ROOM"), UserId("U0ADA")
OUTGOING = Outgoing(
    key="post:card:1", team=TEAM, channel=ROOM, op=Op.POST, subject="card:1", message=Message("hi")
)
POSTED = '{"ok": true, "channel": "C0ROOM", "ts": "1764.000100"}'


def refused(word: str, status: int = 200, **headers: str) -> Answer:
    return Answer(json.dumps({"ok": False, "error": word}), status, headers=headers)


def limited(retry_after: str | None) -> Answer:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Answer('{"ok": false, "error": "ratelimited"}', 429, headers=headers)


@asynccontextmanager
async def client_of(port: int, *, patience: float = 5.0) -> AsyncIterator[AsyncWebClient]:
    """The SDK's client as the bot sets it up: it never re-sends anything by itself."""
    timeout = aiohttp.ClientTimeout(total=patience)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        url = f"http://127.0.0.1:{port}/api/"
        yield AsyncWebClient(token="xoxb-0", base_url=url, session=session, retry_handlers=[])


async def posted(port: int, *, patience: float = 5.0) -> Outcome:
    async with client_of(port, patience=patience) as client:
        return await SlackMessenger(client, b"s").post(TEAM, OUTGOING, None, ROOM)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(POSTED), Sent(ROOM, "1764.000100")),
        (limited("7"), NotSent(timedelta(seconds=7))),
        (limited(None), NotSent(timedelta(seconds=30))),
        (limited("soon"), NotSent(timedelta(seconds=30))),
        (limited("-1"), NotSent(timedelta(seconds=30))),
        (limited("1.5"), NotSent(timedelta(seconds=30))),
        (limited("86400"), NotSent(timedelta(seconds=600))),
        (Answer("slow down", 429, "text/plain", {"retry-after": "2"}), NotSent(timedelta(0, 2))),
        (refused("message_limit_exceeded"), NotSent(timedelta(minutes=5))),
        (Answer("<h1>Bad gateway</h1>", 502, "text/html"), Unknown("http_502")),
        (Answer("", 500), Unknown("http_500")),
        (refused("not_in_channel", 503), Unknown("not_in_channel")),
        (refused("fatal_error"), Unknown("fatal_error")),
        (refused("internal_error"), Unknown("internal_error")),
        (refused("request_timeout"), Unknown("request_timeout")),
        (refused("service_unavailable"), Unknown("service_unavailable")),
        (refused("not_in_channel"), Permanent("not_in_channel")),
        (refused("channel_not_found"), Permanent("channel_not_found")),
        (refused("is_archived"), Permanent("is_archived")),
        (refused("invalid_auth"), Permanent("invalid_auth")),
        (refused("token_revoked"), Permanent("token_revoked")),
        (refused("msg_too_long"), Permanent("msg_too_long")),
        (refused("invalid_blocks"), Permanent("invalid_blocks")),
        (refused("a_word_of_tomorrow"), Permanent("a_word_of_tomorrow")),
    ],
)
async def test_each_answer_is_one_outcome_after_one_request(
    answer: Answer, outcome: Outcome
) -> None:
    stand_in = StandIn(answer)
    async with listening(stand_in.app) as port:
        assert await posted(port) == outcome
    assert stand_in.asked == ["/api/chat.postMessage"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer("<h1>Sign in to this wireless network</h1>", 200, "text/html"),
        Answer('{"ok": true, "chan'),
    ],
)
async def test_an_answer_that_cannot_be_read_leaves_it_open(answer: Answer) -> None:
    async with listening(StandIn(answer).app) as port:
        assert isinstance(await posted(port), Unknown)


async def test_nobody_listens_so_nothing_was_sent(closed_port: int) -> None:
    assert isinstance(await posted(closed_port), NotSent)


async def test_no_answer_in_time_leaves_it_open() -> None:
    stand_in = StandIn(Answer(POSTED, delay=0.6))
    async with listening(stand_in.app) as port:
        assert isinstance(await posted(port, patience=0.2), Unknown)
    assert stand_in.asked == ["/api/chat.postMessage"]


@pytest.mark.parametrize(("wire", "arrived"), [(Wire.REPLY_LOST, 1), (Wire.CUT, 0)])
async def test_a_line_cut_after_writing_leaves_it_open(wire: Wire, arrived: int) -> None:
    stand_in = StandIn(Answer(POSTED))
    async with (
        listening(stand_in.app) as server,
        fault_proxy(("127.0.0.1", server)) as line,
    ):
        line.wire = wire
        assert isinstance(await posted(line.port), Unknown)
    assert len(stand_in.asked) == arrived


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(POSTED), Sent(ROOM, "1764.000100")),
        (refused("message_not_found"), Sent(ROOM, "1763.000100")),
        (refused("cant_delete_message"), Permanent("cant_delete_message")),
    ],
)
async def test_a_message_that_is_gone_counts_as_deleted(answer: Answer, outcome: Outcome) -> None:
    post = Post("card:1", ROOM, "1763.000100", 1)
    async with listening(StandIn(answer).app) as port, client_of(port) as client:
        assert await SlackMessenger(client, b"s").delete(TEAM, post) == outcome


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused("missing_scope"), CannotLook),
        (refused("ratelimited", 429), LookupFailed),
        (Answer("<h1>Bad gateway</h1>", 502, "text/html"), LookupFailed),
    ],
)
async def test_a_search_that_failed_is_no_sign_of_absence(
    answer: Answer, error: type[Exception]
) -> None:
    async with listening(StandIn(answer).app) as port, client_of(port) as client:
        with pytest.raises(error):
            await SlackMessenger(client, b"s").find(TEAM, OUTGOING, ROOM, None, NOW)


async def test_a_page_that_was_read_and_lacks_it_says_so() -> None:
    answer = Answer('{"ok": true, "messages": [{"ts": "1.0", "text": "hi"}]}')
    async with listening(StandIn(answer).app) as port, client_of(port) as client:
        messenger = SlackMessenger(client, b"s")
        assert await messenger.find(TEAM, OUTGOING, ROOM, None, NOW) is None


def user(**more: object) -> Answer:
    return Answer(json.dumps({"ok": True, "user": {"id": ADA, **more}}))


@pytest.mark.parametrize(
    ("answer", "name", "locale", "roles"),
    [
        (user(), "", None, set()),
        (user(profile={}, name="ada", locale="zh-CN"), "ada", "zh-CN", set()),
        (user(profile={"display_name": "Ada"}, name="a", is_owner=True), "Ada", None, {"admin"}),
        (user(profile={"display_name": ""}, real_name="Ada L", is_admin=True), "Ada L", None,
         {"admin"}),
        (user(is_ultra_restricted=True), "", None, {"guest"}),
        (user(is_restricted=True, deleted=True), "", None, {"guest", "deleted"}),
        (user(is_bot=True, profile=None), "", None, {"bot"}),
    ],
)  # fmt: skip
async def test_a_member_of_any_shape(
    answer: Answer, name: str, locale: str | None, roles: set[str]
) -> None:
    async with listening(StandIn(answer).app) as port, client_of(port) as client:
        found = await SlackDirectory(client).person(TEAM, ADA, NOW, within=5)
    assert found is not None
    assert (found.user, found.name, found.locale, found.fetched_at) == (ADA, name, locale, NOW)
    flags = {
        "admin": found.is_admin, "guest": found.is_guest, "bot": found.is_bot,
        "deleted": found.deleted,
    }  # fmt: skip
    assert {role for role, holds in flags.items() if holds} == roles


async def test_a_stranger_is_nobody() -> None:
    stand_in = StandIn(refused("user_not_found"))
    async with listening(stand_in.app) as port, client_of(port) as client:
        assert await SlackDirectory(client).person(TEAM, ADA, NOW, within=5) is None


@pytest.mark.parametrize(
    "answer",
    [
        limited("7"),
        refused("missing_scope"),
        Answer("<h1>Bad gateway</h1>", 502, "text/html"),
        Answer("<h1>Sign in</h1>", 200, "text/html"),
        Answer(json.dumps({"ok": True, "user": {"id": ADA}}), delay=0.6),
    ],
)
async def test_no_usable_answer_about_a_member_is_an_oserror(answer: Answer) -> None:
    async with listening(StandIn(answer).app) as port, client_of(port) as client:
        with pytest.raises(OSError):  # noqa: PT011  # the port promises just this
            await SlackDirectory(client).person(TEAM, ADA, NOW, within=0.3)


async def test_nobody_to_ask_about_a_member(closed_port: int) -> None:
    async with client_of(closed_port) as client:
        with pytest.raises(OSError, match="Connect"):
            await SlackDirectory(client).person(TEAM, ADA, NOW, within=2)
