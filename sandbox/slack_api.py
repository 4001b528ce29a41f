"""`/api/{method}`: tokens, scopes, rates and faults around the methods themselves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.clock import stopwatch
from sandbox.errors import RateLimited, SlackError
from sandbox.faults import Fault, FaultKind
from sandbox.methods import METHODS, Method
from sandbox.methods.access import require_scope
from sandbox.methods.args import Args, read
from sandbox.model import Json
from sandbox.silence import HangUp, silence

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

AFTER = frozenset({FaultKind.CUT_AFTER_ACCEPT, FaultKind.SILENT_AFTER_ACCEPT})


class SlackApi:
    """Answers Web API calls of the bot."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def serve(self, request: Request) -> Response:
        """One call, written down by the inspector with its answer."""
        name = request.path_params["method"]
        started = stopwatch()
        try:
            args = await read(request)
        except SlackError as bad:
            return _failed(bad)
        fault = self._workspace.faults.hit(name, args.text("channel") or None)
        response, body = await self._answer(name, request, args, fault)
        hung = isinstance(response, HangUp)
        self._workspace.inspector.add(
            "out",
            "web_api",
            name,
            request=args.values,
            response=body,
            status=None if hung else response.status_code,
            seconds=stopwatch() - started,
        )
        return response

    async def _answer(
        self, name: str, request: Request, args: Args, fault: Fault | None
    ) -> tuple[Response, Json]:
        if fault is not None and fault.kind not in AFTER and fault.kind is not FaultKind.SLOW:
            return _struck(fault)
        if fault is not None and fault.kind is FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
        response, body = await self._call(name, request, args)
        if fault is not None and fault.kind in AFTER:
            return await _lost(request, fault, body)
        return response, body

    async def _call(self, name: str, request: Request, args: Args) -> tuple[Response, Json]:
        try:
            body = {"ok": True, **await self._run(name, request, args)}
            response: Response = JSONResponse(body)
        except RateLimited as late:
            body = {"ok": False, "error": "ratelimited"}
            headers = {"retry-after": str(late.retry_after)}
            response = JSONResponse(body, status_code=429, headers=headers)
        except SlackError as refused:
            body = {"ok": False, "error": refused.code, **refused.body}
            response = JSONResponse(body)
        response.headers["x-oauth-scopes"] = ",".join(sorted(self._workspace.granted()))
        return response, body

    async def _run(self, name: str, request: Request, args: Args) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method")
        self._authorize(method, request, args)
        if method.scope is not None:
            require_scope(self._workspace, method.scope)
        if method.tier is not None:
            self._workspace.rate.take_method(name, method.tier)
        return await method.call(self._workspace, args)

    def _authorize(self, method: Method, request: Request, args: Args) -> None:
        """Raises SlackError for a token that is missing, wrong, of the other kind or revoked."""
        if method.opened_by is None:
            return
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        given = given or args.text("token")
        app = self._workspace.app
        wanted, other = app.bot_token, app.app_token
        if method.opened_by == "app":
            wanted, other = other, wanted
        if not given:
            raise SlackError("not_authed")
        if given == other:
            raise SlackError("not_allowed_token_type")
        if given != wanted:
            raise SlackError("invalid_auth")
        if app.is_revoked:
            raise SlackError("token_revoked")


def _failed(error: SlackError) -> Response:
    return JSONResponse({"ok": False, "error": error.code, **error.body})


def _struck(fault: Fault) -> tuple[Response, Json]:
    """The answer to a call that a fault keeps from being done."""
    body: Json = {"ok": False, "error": fault.error}
    match fault.kind:
        case FaultKind.TOO_MANY:
            body["error"] = "ratelimited"
            headers = {"retry-after": fault.retry_after}
            return JSONResponse(body, status_code=429, headers=headers), body
        case FaultKind.SERVER_ERROR:
            return PlainTextResponse("Internal Server Error", status_code=500), {"fault": "500"}
        case FaultKind.REFUSE:
            return HangUp(), {"fault": "refuse"}
        case _:
            return JSONResponse(body), body


async def _lost(request: Request, fault: Fault, body: Json) -> tuple[Response, Json]:
    """The call was done; its answer is cut off, or never comes while the caller waits."""
    if fault.kind is FaultKind.SILENT_AFTER_ACCEPT:
        await silence(request, fault.seconds)
    return HangUp(), {**body, "fault": str(fault.kind)}
