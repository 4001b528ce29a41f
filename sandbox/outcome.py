"""What a person's act came to."""

from dataclasses import dataclass, field

from sandbox.delivery import Failure, Reply
from sandbox.errors import Refused
from sandbox.model import Json
from sandbox.words import Say

SENTENCE_OF_CODE = {
    "confirm_required": Say.CONFIRM_FIRST,
    "element_not_found": Say.GONE,
    "view_not_found": Say.GONE,
    "message_not_found": Say.GONE,
    "channel_not_found": Say.GONE,
    "invalid_option": Say.NOT_ON_OFFER,
    "not_in_channel": Say.NOT_A_MEMBER,
    "is_archived": Say.ARCHIVED,
    "messages_tab_disabled": Say.MESSAGES_OFF,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`text` is for the person, `error` for programs, `errors` go beside inputs by block id."""

    ok: bool = True
    error: str = ""
    text: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    data: Json = field(default_factory=dict)

    def as_json(self) -> Json:
        """The control API's answer."""
        if self.ok:
            return {"ok": True, **self.data}
        shape: Json = {"ok": False, "error": self.error, "text": self.text, **self.data}
        return {**shape, "errors": self.errors} if self.errors else shape


def code_of(reply: Reply) -> str:
    """The error code under which a person learns that the bot did not acknowledge."""
    return "operation_timeout" if reply.failure is Failure.TIMEOUT else "dispatch_failed"


def sentence_of(refused: Refused) -> Say:
    """What the person is told about something their client does not allow."""
    return SENTENCE_OF_CODE.get(refused.code, Say.NOT_POSSIBLE)
