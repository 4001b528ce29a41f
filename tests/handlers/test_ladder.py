"""Tables on the best rung that a workspace takes, found out once per workspace."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
import pytest
import structlog.testing
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.cards.tables import Rung, Table, drawn
from bot.cards.text import Mrkdwn
from bot.domain.delivery import Message
from bot.domain.ids import TeamId, UserId
from bot.domain.workspace import Actor
from bot.errors import StoreUnavailable
from bot.services.background import Background
from bot.services.home import DrawHome
from bot.services.home_soon import HomeSoon
from bot.services.people import KnowPerson
from handlers.answers import Answers
from handlers.inbound import Ask
from owroute.server import served

TABLE = Table(Mrkdwn("Two"), (Mrkdwn("A"), Mrkdwn("B")), ((Mrkdwn("1"), Mrkdwn("2")),))
BEST_FIRST = ["data_table", "table", "section"]


@dataclass
class Slack:
    """A workspace's response_url: refuses some kinds of blocks, with a status of its choice."""

    refuses: set[str]
    status: int = 400
    tried: list[str] = field(default_factory=list)
    fails: dict[str, int] = field(default_factory=dict)

    async def take(self, request: Request) -> Response:
        body: dict[str, Any] = await request.json()
        kind = str(body["blocks"][0]["type"]) if body.get("blocks") else str(body["text"])
        self.tried.append(kind)
        if kind in self.refuses:
            return PlainTextResponse(json.dumps({"error": "invalid_blocks"}), self.status)
        return PlainTextResponse("ok", self.fails.get(kind, 200))


@dataclass
class Place:
    """Somebody in a workspace, and the bot's way to answer them."""

    answers: Answers
    client: AsyncWebClient
    url: str

    def ask(self, team: str = "T1") -> Ask:
        user, known = UserId("U1"), TeamId(team)
        return Ask(Actor(known, user, known), "command:1", response_url=self.url)

    async def shown(self, team: str = "T1") -> None:
        await self.answers.tell_table(
            self.ask(team), self.client, lambda rung: Message("1, 2", tuple(drawn(TABLE, rung)))
        )


@dataclass
class Known:
    """Somebody whose language is known."""

    language: str

    async def cached(self, team: TeamId, user: UserId) -> "Known":
        return self


@asynccontextmanager
async def place(slack: Slack, known: str = "") -> AsyncIterator[Place]:
    app = Starlette(routes=[Route("/hook", slack.take, methods=["POST"])])
    person = cast("KnowPerson", Known(known) if known else None)  # looked up for defects only
    background = Background()
    home = HomeSoon(background=background, draw=cast("DrawHome", None))  # nobody is on Home
    answers = Answers(know=person, background=background, home=home)
    async with served(app, grace=1) as port, aiohttp.ClientSession() as session:
        client = AsyncWebClient(session=session)
        yield Place(answers, client, f"http://127.0.0.1:{port}/hook")
        await background.idle()


@pytest.mark.parametrize("status", [400, 200, 500])
@pytest.mark.parametrize("refused", [0, 1, 2])
async def test_the_rung_that_was_taken_is_tried_first_the_next_time(
    refused: int, status: int
) -> None:
    slack = Slack(set(BEST_FIRST[:refused]), status)
    async with place(slack) as here:
        await here.shown()
        await here.shown()
    assert slack.tried == [*BEST_FIRST[: refused + 1], BEST_FIRST[refused]]


async def test_each_workspace_is_found_out_by_itself() -> None:
    slack = Slack({"data_table"})
    async with place(slack) as here:
        await here.shown("T1")
        slack.refuses = set()
        await here.shown("T2")
        await here.shown("T1")
    assert slack.tried == ["data_table", "table", "data_table", "table"]


async def test_where_nothing_takes_the_blocks_the_words_remain_and_nothing_is_remembered() -> None:
    slack = Slack(set(BEST_FIRST))
    with structlog.testing.capture_logs() as log:
        async with place(slack) as here:
            await here.shown()
            slack.refuses = set()
            await here.shown()
    assert slack.tried == [*BEST_FIRST, "1, 2", "data_table"]
    assert [e["error"] for e in log if e["event"] == "answer.failed"] == ["invalid_blocks"]


async def test_a_plain_answer_whose_blocks_are_refused_is_told_in_words() -> None:
    slack = Slack({"section"})
    async with place(slack) as here:
        blocks = tuple(drawn(TABLE, Rung.FIELDS))
        await here.answers.tell(here.ask(), here.client, Message("1, 2", blocks))
    assert slack.tried == ["section", "1, 2"]


@pytest.mark.parametrize("status", [404, 500, 520])
async def test_a_rung_is_remembered_only_once_it_was_taken(status: int) -> None:
    slack = Slack({"data_table"}, fails={"table": status})
    async with place(slack) as here:
        await here.shown()
        slack.fails = {}
        await here.shown()
    assert slack.tried == ["data_table", "table", "data_table", "table"]


async def test_a_slack_that_is_down_is_asked_once() -> None:
    slack = Slack(set())
    with structlog.testing.capture_logs() as log:
        async with place(slack) as here:
            here.url = "http://127.0.0.1:9/hook"
            async with asyncio.timeout(5):
                await here.shown()
    assert [e["event"] for e in log] == ["answer.failed"]


async def test_a_database_that_is_away_is_said_behind_an_acknowledgement_as_well() -> None:
    async def work() -> None:
        raise StoreUnavailable("OperationalError")

    slack = Slack(set())
    with structlog.testing.capture_logs() as log:
        async with place(slack) as here:
            here.answers.later("compare", here.ask(), here.client, work)
    (told,) = slack.tried
    (entry,) = log
    assert "database cannot be reached" in told
    assert entry["event"] == "request.failed"
    assert entry["reference"] in told


async def test_a_defect_behind_an_acknowledgement_is_told_with_its_reference() -> None:
    async def work() -> None:
        raise RuntimeError("a secret that stays in the log")

    slack = Slack(set())
    with structlog.testing.capture_logs() as log:
        async with place(slack, known="zh_CN") as here:
            here.answers.later("compare", here.ask(), here.client, work)
    (told,) = slack.tried
    (entry,) = log
    assert "owroute 这边出了问题" in told
    assert "secret" not in told
    assert (entry["event"], entry["log_level"]) == ("request.failed", "error")
    assert entry["reference"] in told


def test_there_is_a_rung_for_every_kind() -> None:
    assert [drawn(TABLE, rung)[0]["type"] for rung in Rung] == BEST_FIRST
