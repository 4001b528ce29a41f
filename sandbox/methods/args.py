"""The arguments of a Web API call, whichever way they came: JSON, form or query string."""

import json
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from sandbox.errors import SlackError
from sandbox.model import Json

NO = frozenset({"", "0", "false", "none", "null"})


class Args:
    """Named arguments; nested ones may be JSON objects or strings of JSON, booleans 1 or true."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def text(self, name: str) -> str:
        """A string, empty where it is missing."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def required(self, name: str, error: str = "invalid_arguments") -> str:
        """A string that must be there. Raises SlackError."""
        value = self.text(name)
        if not value:
            raise SlackError(error, messages=[f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """A boolean, however it was written."""
        return str(self.values.get(name, "")).lower() not in NO

    def number(self, name: str, default: int) -> int:
        """A whole number. Raises SlackError."""
        try:
            return int(self.values.get(name) or default)
        except ValueError as bad:
            raise SlackError("invalid_arguments") from bad

    def nested(self, name: str, error: str = "invalid_arguments") -> Any:
        """A JSON value, or None where it is missing. Raises SlackError with `error`."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as bad:
            raise SlackError(error) from bad


async def read(request: Request) -> Args:
    """Query arguments and those of the body; the body wins. Raises SlackError for rubbish."""
    values: Json = {**_basic(request), **request.query_params}
    body = await request.body()
    if not body:
        return Args(values)
    if "json" in request.headers.get("content-type", ""):
        return Args(values | _json(body))
    return Args(values | dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)))


def _basic(request: Request) -> Json:
    """Client id and secret, where they come by HTTP Basic."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = b64decode(given).decode().partition(":")
    except ValueError as bad:
        raise SlackError("invalid_auth") from bad
    return {"client_id": client_id, "client_secret": secret}


def _json(body: bytes) -> Json:
    try:
        held = json.loads(body)
    except ValueError as bad:
        raise SlackError("invalid_json") from bad
    if not isinstance(held, dict):
        raise SlackError("json_not_object")
    return held
