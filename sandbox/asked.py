"""What callers of the control API send, read with a sentence for each mistake."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.model import Json


class BadRequest(Exception):
    """The caller of the control API made a mistake; says which."""


def guarded(serve: Callable[[Request], Awaitable[Response]]) -> Callable[..., Any]:
    """A BadRequest becomes 400 with its sentence."""

    async def guarded(request: Request) -> Response:
        try:
            return await serve(request)
        except BadRequest as bad:
            body = {"ok": False, "error": "bad_request", "text": str(bad)}
            return JSONResponse(body, status_code=400)

    return guarded


async def body_of(request: Request) -> Json:
    """The JSON object that was sent; empty without a body. Raises BadRequest."""
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError as bad:
        raise BadRequest("the body is not JSON") from bad
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    return body


def text_in(body: Json, name: str) -> str:
    """A string by its name. Raises BadRequest."""
    value = body.get(name)
    if not isinstance(value, str):
        raise BadRequest(f"`{name}` is missing or no string")
    return value


def number_in(body: Json, name: str) -> float:
    """A number that is not negative, by its name. Raises BadRequest."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise BadRequest(f"`{name}` is missing or no positive number")
    return float(value)
