"""Files into a thread: nothing is posted before the last call, and every answer is one outcome."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.delivery import File, Message, NotSent, Op, Outcome, Outgoing, Permanent, Sent
from bot.domain.delivery import Unknown as Open
from bot.domain.ids import ChannelId, TeamId
from gateways.slack import SlackMessenger
from tests.gateways.conftest import Answer, listening
from tests.gateways.test_slack import NOW, client_of

TEAM, ROOM = TeamId("T0"), ChannelId("C0ROOM")
FILES = (File("a.md", "A", "# 记录\n"), File("b.json", "B", "{}\n"))
UPLOAD = Outgoing(
    key="upload:1", team=TEAM, channel=ROOM, op=Op.UPLOAD, subject="record:1",
    message=Message("the record", files=FILES), thread="card:1", repeatable=False,
)  # fmt: skip
BEGIN, SEND, DONE = "/api/files.getUploadURLExternal", "/up", "/api/files.completeUploadExternal"
SOON = NotSent(timedelta(seconds=10))


@dataclass
class Files:
    """Slack's three steps; `wrong` are other answers by path."""

    port: int = 0
    address: str = ""
    wrong: Mapping[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST", "GET"])])

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        given = dict(request.headers) | dict(request.query_params)
        self.asked.append((request.url.path, given, body))
        said = self.wrong.get(request.url.path) or self._usual(request.url.path)
        return Response(said.body, said.status, dict(said.headers), media_type=said.kind)

    def _usual(self, path: str) -> Answer:
        if path == BEGIN:
            address = self.address or f"http://127.0.0.1:{self.port}{SEND}"
            return Answer(json.dumps({"ok": True, "upload_url": address, "file_id": "F1"}))
        return Answer("OK" if path == SEND else '{"ok": true, "files": [{"id": "F1"}]}')


@asynccontextmanager
async def messenger(files: Files) -> AsyncIterator[SlackMessenger]:
    async with listening(files.app) as port, client_of(port, patience=2) as client:
        files.port = port
        yield SlackMessenger(client, b"s")


async def uploaded(files: Files, channel: ChannelId = ROOM) -> Outcome:
    async with messenger(files) as slack:
        return await slack.upload(TEAM, UPLOAD, "1764.000100", channel)


async def test_bytes_go_as_they_are_and_one_call_posts_them_all() -> None:
    files = Files()
    assert await uploaded(files) == Sent(ROOM, "")
    paths = [path for path, _, _ in files.asked]
    assert paths == [BEGIN, SEND, BEGIN, SEND, DONE]
    lengths = [a["length"] for path, a, _ in files.asked if path == BEGIN]
    sent = [(a, body) for path, a, body in files.asked if path == SEND]
    assert [body for _, body in sent] == [f.text.encode() for f in FILES]
    assert lengths == [str(len(body)) for _, body in sent]
    assert all(a["content-length"] == str(len(body)) for a, body in sent)
    assert all("authorization" not in a for a, _ in sent)
    last = files.asked[-1][1]
    assert json.loads(last["files"]) == [{"id": "F1", "title": "A"}, {"id": "F1", "title": "B"}]
    assert (last["channel_id"], last["thread_ts"]) == (ROOM, "1764.000100")
    assert last["initial_comment"] == "the record"


def refused(word: str) -> Answer:
    return Answer(json.dumps({"ok": False, "error": word}))


LIMITED = Answer('{"ok": false, "error": "ratelimited"}', 429, headers={"retry-after": "7"})


@pytest.mark.parametrize(
    ("path", "answer", "outcome"),
    [
        (BEGIN, LIMITED, NotSent(timedelta(seconds=7))),
        (BEGIN, Answer("", 503), SOON),
        (BEGIN, refused("fatal_error"), SOON),
        (BEGIN, refused("missing_scope"), Permanent("missing_scope")),
        (BEGIN, refused("invalid_auth"), Permanent("invalid_auth")),
        (SEND, Answer("no", 400), SOON),
        (SEND, Answer("no", 500), SOON),
        (SEND, Answer("", 302, headers={"location": "/elsewhere"}), SOON),
        (DONE, LIMITED, NotSent(timedelta(seconds=7))),
        (DONE, refused("file_not_found"), SOON),
        (DONE, refused("is_archived"), Permanent("is_archived")),
        (DONE, refused("not_in_channel"), Permanent("not_in_channel")),
        (DONE, refused("internal_error"), Open("internal_error")),
        (DONE, Answer("<h1>Bad gateway</h1>", 502, "text/html"), Open("http_502")),
    ],
)
async def test_each_answer_is_one_outcome(path: str, answer: Answer, outcome: Outcome) -> None:
    files = Files(wrong={path: answer})
    assert await uploaded(files) == outcome
    asked = [p for p, _, _ in files.asked]
    assert asked[-1] == path, "nothing is asked after what went wrong, and nothing twice"
    assert asked.count(DONE) == (path == DONE)


@pytest.mark.parametrize(
    "address", ["http://evil.example/up", "ftp://127.0.0.1/up", "http://127.0.0.1:1/up", "", "/up"]
)
async def test_bytes_go_nowhere_but_to_slack(address: str) -> None:
    files = Files(address=address or " ")
    assert await uploaded(files) == SOON
    assert [path for path, _, _ in files.asked] == [BEGIN]


async def test_a_person_is_no_conversation() -> None:
    files = Files()
    assert await uploaded(files, ChannelId("U0ADA")) == Permanent("channel_not_found")
    assert not files.asked


async def test_a_server_that_is_not_there_has_posted_nothing(closed_port: int) -> None:
    async with client_of(closed_port) as client:
        outcome = await SlackMessenger(client, b"s").upload(TEAM, UPLOAD, None, ROOM)
    assert outcome == SOON


def history(*messages: object) -> Answer:
    return Answer(json.dumps({"ok": True, "messages": list(messages)}))


def named(*names: str) -> object:
    """A message of history with files of these names."""
    return {"ts": "1764.000200", "files": [{"name": n} for n in names]}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (named("a.md", "b.json"), True),
        (named("b.json", "x.png", "a.md"), True),
        (named("a.md"), False),
        (named(), False),
        ({"ts": "1", "text": "a.md b.json"}, False),
        ({"ts": "1", "files": None}, False),
        ({"ts": "1", "files": [None, "a.md", "b.json"]}, False),
    ],
)
async def test_an_upload_is_found_again_by_the_names_of_its_files(
    said: object, found: bool
) -> None:
    files = Files(wrong={"/api/conversations.replies": history({"ts": "1"}, said)})
    async with messenger(files) as slack:
        place = await slack.find(TEAM, UPLOAD, ROOM, "1764.000100", NOW)
    assert (place is not None) == found
