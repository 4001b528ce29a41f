"""The two ways in which the workspace says no: to the bot and to a person at the page."""

from typing import Any


class SlackError(Exception):
    """What a Web API method answers instead of a result: `{"ok": false, "error": code, ...}`."""

    def __init__(self, code: str, *, messages: list[str] | None = None, **body: Any) -> None:
        """`messages` go to `response_metadata.messages`, `body` beside the error code."""
        super().__init__(code)
        self.code = code
        self.body: dict[str, Any] = dict(body)
        if messages:
            self.body["response_metadata"] = {"messages": messages}


class RateLimited(Exception):
    """HTTP 429: come back in `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Refused(Exception):
    """A person tried what their client does not allow; `code` is for programs."""

    def __init__(self, code: str, **data: Any) -> None:
        """`data` is added to the answer, for instance the confirmation dialog to be shown."""
        super().__init__(code)
        self.code = code
        self.data: dict[str, Any] = dict(data)
