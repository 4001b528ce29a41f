"""The floor: a bare Bolt application that acknowledges `/hello`, served as the bot is."""

import sys

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from owroute.demo import world


async def authorize(**_: object) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None, team_id="T024BE7LD", bot_user_id=world.BOT_USER,
        bot_id="B0SANDBOX1", bot_token=world.BOT_TOKEN,
    )  # fmt: skip


def main(port: int) -> None:
    app = AsyncApp(
        signing_secret=world.SIGNING_SECRET, authorize=authorize, process_before_response=True
    )

    @app.command("/hello")
    async def hello(ack: AsyncAck) -> None:
        await ack("hello")

    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    web = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
    uvicorn.run(web, host="127.0.0.1", port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
