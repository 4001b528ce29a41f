"""What a model's card on the Hub says, for a person to confirm, and how it compares with a verdict.

Nothing of it decides: the engine's verdict stays what it is, a difference is said.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.domain.hub import Renamed, Unreachable

ITEM = "model_card_license"
"""The evidence item that a model card fills."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A repository at one commit (40 hex digits).

    `page` shows the card itself, with what its authors say about safety. `cautions` are tags that
    warn. `context_length` is in tokens. None is what the Hub does not say.
    """

    repo: str
    revision: str
    page: str
    license_id: str | None = None
    license_link: str | None = None
    languages: tuple[str, ...] = ()
    context_length: int | None = None
    parameters: int | None = None
    gated: bool = False
    cautions: tuple[str, ...] = ()
    last_modified: date | None = None


class NoCard(StrEnum):
    """Why there is no card: private and missing repositories look alike from outside."""

    GATED = "gated"
    MISSING = "missing"
    NO_REVISION = "no_revision"
    TOKEN = "token"  # noqa: S105  # the name of a reason, no secret
    OFF = "off"


CardAnswer = ModelCard | Renamed | NoCard | Unreachable


class Agreement(StrEnum):
    """How the licence on the Hub stands beside the one the engine judged."""

    SAME = "same"
    MORE = "more"  # the engine judged more than the Hub names: a policy, or a base model's licence
    DIFFERS = "differs"
    UNNAMED = "unnamed"  # the Hub names none
    UNJUDGED = "unjudged"  # the engine judged none


def agreement(on_hub: str | None, judged: str | None) -> Agreement:
    """Compare two licence ids; case does not count."""
    if not judged:
        return Agreement.UNJUDGED
    if not on_hub:
        return Agreement.UNNAMED
    theirs, ours = on_hub.casefold(), judged.casefold()
    if theirs == ours:
        return Agreement.SAME
    return Agreement.MORE if theirs == ours.partition("+")[0] else Agreement.DIFFERS
