"""The public hub of open-weight models."""

from typing import Protocol

from bot.domain.hub import HubAnswer
from bot.domain.model_card import CardAnswer


class ModelHub(Protocol):
    """The public hub of open-weight models, if the network allows."""

    async def facts(self, repo: str, revision: str | None) -> HubAnswer:
        """What it knows of a repository, at a commit or as it now is; never raises, 5 s at most."""
        ...


class ModelCards(Protocol):
    """Model cards of the public hub, for people to confirm."""

    async def card(self, repo: str, revision: str | None) -> CardAnswer:
        """A repository's card, at a commit or as it now is; never raises, given up in seconds."""
        ...
