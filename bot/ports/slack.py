"""Slack, as far as the core needs it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.delivery import Outcome, Outgoing, Post, Sent
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Person


class Messenger(Protocol):
    """Slack, as far as sending goes. No method re-sends by itself."""

    async def post(
        self, team: TeamId, outgoing: Outgoing, thread_ts: str | None, channel: ChannelId
    ) -> Outcome:
        """Post a message with its key in the metadata."""
        ...

    async def upload(
        self, team: TeamId, outgoing: Outgoing, thread_ts: str | None, channel: ChannelId
    ) -> Outcome:
        """Upload the message's files into a conversation, all in one message; no `U...` channel."""
        ...

    async def update(self, team: TeamId, outgoing: Outgoing, post: Post) -> Outcome:
        """Edit our message in place."""
        ...

    async def delete(self, team: TeamId, post: Post) -> Outcome:
        """Delete our message; already gone counts as done."""
        ...

    async def find(
        self,
        team: TeamId,
        outgoing: Outgoing,
        channel: ChannelId,
        thread_ts: str | None,
        since: datetime,
    ) -> Sent | None:
        """Look for a message an earlier try may have left; None = certainly not there.

        Files carry no key: they are known by their names.
        Raises `CannotLook` when history cannot be read at all, `LookupFailed` when this try failed.
        """
        ...


class CannotLook(Exception):
    """The history of this conversation is closed to us (missing scope)."""


class LookupFailed(Exception):
    """The history could not be read just now: no answer, which is not an empty one."""


class Directory(Protocol):
    """Slack's list of members."""

    async def person(
        self, team: TeamId, user: UserId, now: datetime, *, within: float
    ) -> Person | None:
        """Ask Slack, for at most `within` seconds; None when Slack does not know the person.

        Raises OSError (TimeoutError included) when Slack does not answer or answers with an error.
        """
        ...

    async def admins(self, team: TeamId, now: datetime) -> Sequence[Person]:
        """All admins and owners of the workspace, by every page of Slack's list.

        Raises OSError when Slack does not answer, or answers only in part.
        """
        ...
