"""The bot's web application: Slack's requests, and whether the process is alive and ready."""

import hashlib
from datetime import timedelta
from http import HTTPStatus

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.errors import StoreUnavailable
from capture import guard_script, script
from handlers.capture import CapturePost
from handlers.guard import GuardPost
from handlers.signature import Signature, is_payload
from owroute.wiring import Runtime


def create_web(runtime: Runtime) -> Starlette:
    """`/healthz`, `/readyz`, and in HTTP mode `/slack/events` behind the signature check.

    With a public address also the scripts for people's machines, and where they send and ask.
    """
    routes = [
        Route("/healthz", healthz),
        Route("/readyz", Readiness(runtime)),
    ]
    if runtime.settings.transport == "http":
        routes.append(Route("/slack/events", SlackEvents(runtime), methods=["POST"]))
    if runtime.settings.public_url is not None:
        routes += _for_machines(runtime)
    return Starlette(routes=routes)


def _for_machines(runtime: Runtime) -> list[Route]:
    cases, sent = runtime.cases, runtime.cases.soon.send
    claim = CapturePost(claim=cases.claim, sent=sent)
    hear = GuardPost(hear=cases.hear_guard, clock=runtime.clock, sent=sent)
    return [
        Route("/capture.py", Script(script()), methods=["GET"]),
        Route("/capture", claim.__call__, methods=["POST"]),
        Route("/guard.py", Script(guard_script()), methods=["GET"]),
        Route("/guard", hear.__call__, methods=["POST"]),
    ]


async def healthz(request: Request) -> Response:
    """The event loop answers."""
    return JSONResponse({"status": "ok"})


class Script:
    """A script itself, to be read before it is run; an unchanged one is not sent again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tag = f'"{hashlib.sha256(self._text.encode()).hexdigest()[:32]}"'

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        """An ASGI endpoint."""
        request = Request(scope, receive)  # type: ignore[arg-type]  # Starlette hands over ASGI values
        headers = {"ETag": self._tag, "Cache-Control": "no-cache"}
        if self._tag in request.headers.get("if-none-match", ""):
            answer = Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        else:
            answer = Response(self._text, media_type="text/x-python", headers=headers)
        await answer(scope, receive, send)  # type: ignore[arg-type]  # the same


class SlackEvents:
    """Slack's one address. A request that is not Slack's never reaches Bolt."""

    def __init__(self, runtime: Runtime) -> None:
        secret = runtime.settings.slack_signing_secret
        self._signature = Signature(
            secret=secret.get_secret_value() if secret else "", clock=runtime.clock
        )
        self._bolt = AsyncSlackRequestHandler(runtime.slack)

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        """An ASGI endpoint: verify, then dispatch."""
        request = Request(scope, receive)  # type: ignore[arg-type]  # Starlette hands over ASGI values
        refusal = await self._signature.refusal(request)
        if refusal is None and not is_payload(await request.body(), request.headers):
            refusal = HTTPStatus.BAD_REQUEST
        answer = Response(status_code=refusal) if refusal else await self._bolt.handle(request)
        await answer(scope, receive, send)  # type: ignore[arg-type]  # the same


class Readiness:
    """Database, migrations and the last tick decide; Slack and the engine are only shown."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        """An ASGI endpoint: 200 when ready, 503 when not, with the reasons."""
        runtime = self._runtime
        problems: list[str] = []
        try:
            await runtime.store.ping()
            last = await runtime.store.last_tick()
        except StoreUnavailable as error:
            problems.append(f"database: {error}")
            last = None
        allowed = timedelta(seconds=3 * runtime.settings.tick_seconds)
        if last is None or runtime.clock.now() - last > allowed:
            problems.append("no tick within three intervals")
        body = {
            "status": "unready" if problems else "ready",
            "problems": problems,
            "last_tick": last.isoformat() if last else None,
            "engine": await runtime.engine.ready(),
            "slack": runtime.identity.status,
        }
        answer = JSONResponse(
            body, status_code=HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
        )
        await answer(scope, receive, send)  # type: ignore[arg-type]  # Starlette hands over ASGI values
