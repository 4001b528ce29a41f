"""Long answers in pages: `limit`, `cursor` and `next_cursor`."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Any

from sandbox.errors import SlackError
from sandbox.methods.args import Args
from sandbox.model import Json


def page(items: list[Any], args: Args, *, default: int) -> tuple[list[Any], Json]:
    """The asked-for page and its `response_metadata`. Raises SlackError invalid_cursor."""
    limit = args.number("limit", default)
    if not 1 <= limit <= 1000:  # noqa: PLR2004 - the range of every paged method
        raise SlackError("invalid_limit")
    start = _start(args.text("cursor"))
    rest = start + limit < len(items)
    cursor = b64encode(f"next:{start + limit}".encode()).decode() if rest else ""
    return items[start : start + limit], {"next_cursor": cursor}


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(b64decode(cursor).decode().removeprefix("next:"))
    except (NotBase64, ValueError) as bad:
        raise SlackError("invalid_cursor") from bad
