"""How the service answers: canonical bytes, with their digest as ETag, once to those who ask so."""

import hashlib

from fastapi import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.canonical import canonical
from engine.contract import Wire

OK, NOT_MODIFIED = 200, 304


def answer(value: Wire) -> Response:
    """A contract value as canonical JSON."""
    return tagged(canonical(value.model_dump(mode="json")))


def tagged(body: bytes) -> Response:
    """JSON bytes as they are; the ETag is the quoted sha256 (hex) of the body."""
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    return Response(body, media_type="application/json", headers={"etag": etag})


class Unchanged:
    """Answers a GET whose `If-None-Match` names the ETag with 304 and no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Any other request passes as it is."""
        known = _known(scope)
        if not known:
            await self._app(scope, receive, send)
            return
        unchanged = False

        async def passing(message: Message) -> None:
            nonlocal unchanged
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                unchanged = message["status"] == OK and _is_known(headers.get("etag"), known)
                message = _not_modified(message, headers) if unchanged else message
            elif unchanged:
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, passing)


def _known(scope: Scope) -> frozenset[str]:
    """The tags a GET says it has, without the mark of weak ones."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return frozenset()
    asked = Headers(scope=scope).get("if-none-match", "")
    return frozenset(tag.strip().removeprefix("W/") for tag in asked.split(",")) - {""}


def _is_known(etag: str | None, known: frozenset[str]) -> bool:
    return etag is not None and (etag in known or "*" in known)


def _not_modified(message: Message, headers: MutableHeaders) -> Message:
    del headers["content-length"]
    del headers["content-type"]
    return {**message, "status": NOT_MODIFIED, "headers": headers.raw}
