"""The endpoints beside the Web API: response addresses, uploads, files, the Socket Mode link."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from sandbox.clock import stopwatch
from sandbox.errors import SlackError
from sandbox.methods.files import receive
from sandbox.response_urls import answer
from sandbox.socket_mode import SocketCourier

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

GONE = frozenset({"no_service", "expired_url", "used_url"})


class Hooks:
    """Serves what the bot reaches without a method name."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def routes(self) -> list[Route | WebSocketRoute]:
        """Where they stand."""
        return [
            Route("/hooks/{kind}/{team}/{secret}", self.respond, methods=["POST"]),
            Route("/upload/{ticket}", self.upload, methods=["POST"]),
            Route("/_sandbox/files/{file_id}/{name}", self.show_file),
            Route("/archives/{channel}/{place}", self.follow),
            WebSocketRoute("/link", self.link),
        ]

    async def respond(self, request: Request) -> Response:
        """A response address: `ok`, 404 when used up or expired, 400 for what Slack refuses."""
        workspace, started = self._workspace, stopwatch()
        raw = await request.body()
        try:
            body = json.loads(raw)
        except ValueError:
            return PlainTextResponse("invalid_payload", status_code=400)
        status, said = 200, "ok"
        try:
            answer(workspace.post, workspace.hooks.use(request.url.path), body)
        except SlackError as refused:
            status, said = (404 if refused.code in GONE else 400), refused.code
        workspace.inspector.add(
            "out",
            "response_url",
            request.path_params["kind"],
            request=body,
            response=said,
            status=status,
            seconds=stopwatch() - started,
        )
        if status == 200:  # noqa: PLR2004 - HTTP's word for done
            return PlainTextResponse("ok")
        return JSONResponse({"ok": False, "error": said}, status_code=status)

    async def upload(self, request: Request) -> Response:
        """The bytes of a file, raw or as the first part of a form."""
        content = await request.body()
        if receive(self._workspace, request.path_params["ticket"], content):
            return PlainTextResponse(f"OK - {len(content)}")
        return PlainTextResponse("upload refused: address or length do not fit", status_code=400)

    async def show_file(self, request: Request) -> Response:
        """A file as it was uploaded."""
        stored = self._workspace.files.get(request.path_params["file_id"])
        if stored is None or stored.content is None:
            return PlainTextResponse("file_not_found", status_code=404)
        headers = {
            "content-security-policy": "sandbox; default-src 'none'",
            "x-content-type-options": "nosniff",
        }
        is_text = stored.mimetype.startswith("text/")  # shown, where a browser might save it
        kind = "text/plain" if is_text else stored.mimetype
        return Response(stored.content, media_type=kind, headers=headers)

    async def follow(self, request: Request) -> Response:
        """A permalink opened in a browser leads to its channel, or to its thread, on the page."""
        thread = request.query_params.get("thread_ts", "")
        place = f"{request.path_params['channel']}/{thread}".rstrip("/")
        return RedirectResponse(f"/#{place}", status_code=303)

    async def link(self, socket: WebSocket) -> None:
        """A Socket Mode connection."""
        if isinstance(self._workspace.courier, SocketCourier):
            await self._workspace.courier.attend(socket)
        else:
            await socket.close(code=1008)
