"""What the model hub says about a repository: facts for the constraint card, or why there are none.

The hub never stops a plan: whatever it answers is one of these values.
"""

from dataclasses import dataclass
from enum import StrEnum

from engine.contract import Architecture, ConstraintCard


class Lack(StrEnum):
    """What the hub does not tell of a repository that it has."""

    GATED = "gated"
    CONFIG = "config"
    COUNT = "count"
    ATTENTION = "attention"
    LICENCE = "licence"
    LICENCE_ID = "licence_id"
    REVISION = "revision"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a model: the exact revision (40 hex digits), licence and shape."""

    revision: str | None = None
    license_id: str | None = None
    architecture: Architecture | None = None

    def on(self, card: ConstraintCard) -> ConstraintCard:
        """The card with these facts where it has none of its own."""
        known = {n: getattr(self, n) for n in ("revision", "license_id", "architecture")}
        lacking = {n: fact for n, fact in known.items() if getattr(card, n) is None}
        return card.model_copy(update=lacking)


NO_FACTS = Facts()


def with_known_shape(card: ConstraintCard, before: ConstraintCard) -> ConstraintCard:
    """The card with the shape that `before` has for the same model at the same commit."""
    same = (card.model_repo, card.revision) == (before.model_repo, before.revision)
    return Facts(architecture=before.architecture).on(card) if same else card


@dataclass(frozen=True, slots=True)
class Found:
    """The hub has the repository. `lacks` says which facts are wanting, and why."""

    facts: Facts
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Renamed:
    """The repository has another name now; None where the hub does not say which."""

    to: str | None


class Refusal(StrEnum):
    """Why the hub says nothing: private and missing repositories look alike from outside.

    `PRIVATE` is an address that is not on the public network: it was not asked at all.
    """

    MISSING = "missing"
    NO_REVISION = "no_revision"
    TOKEN = "token"  # noqa: S105  # the name of a reason, no secret
    OFF = "off"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No usable answer just now. `reason` is one word for the log and the reader."""

    reason: str


HubAnswer = Found | Renamed | Refusal | Unreachable
