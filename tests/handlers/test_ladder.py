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

    async def take(self, request: Request) -> Response:
        body: dict[str, Any] = await request.json()
        kind = str(body["blocks"][0]["type"]) if body.get("blocks") else str(body["text"])
        self.tried.append(kind)
        if kind in self.refuses:
            return PlainTextResponse(json.dumps({"error": "invalid_blocks"}), self.status)
        return PlainTextResponse("ok")


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


@asynccontextmanager
async def place(slack: Slack) -> AsyncIterator[Place]:
    app = Starlette(routes=[Route("/hook", slack.take, methods=["POST"])])
    nobody = cast("KnowPerson", None)  # whoever has a response_url is not looked up
    background = Background()
    answers = Answers(know=nobody, background=background)
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


async def test_blocks_that_nothing_takes_are_given_up_and_not_remembered() -> None:
    slack = Slack(set(BEST_FIRST))
    with structlog.testing.capture_logs() as log:
        async with place(slack) as here:
            await here.shown()
            slack.refuses = set()
            await here.shown()
    assert slack.tried == [*BEST_FIRST, "data_table"]
    assert [e["error"] for e in log if e["event"] == "answer.failed"] == ["invalid_blocks"]


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


def test_there_is_a_rung_for_every_kind() -> None:
    assert [drawn(TABLE, rung)[0]["type"] for rung in Rung] == BEST_FIRST
