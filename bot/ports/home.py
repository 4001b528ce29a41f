"""Home tabs: what is remembered of them, what stands on them, and Slack, which shows them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.delivery import Block, NotSent, Permanent, Unknown
from bot.domain.home import Asks, Overtaken, Pages, Shown, Tab
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId

Published = Shown | Overtaken | NotSent | Permanent | Unknown


class Homes(Protocol):
    """Home tabs that were opened, and the lists that stand on them."""

    async def of(self, team: TeamId, user: UserId) -> Tab | None:
        """Somebody's tab; None for who never opened it."""
        ...

    async def opened(self, tab: Tab) -> None:
        """It was opened, on these pages; what is remembered of it is replaced."""
        ...

    async def turned(self, team: TeamId, user: UserId, pages: Pages) -> None:
        """Other pages are to be shown."""
        ...

    async def greeted(self, team: TeamId, user: UserId) -> None:
        """Its reader knows what owroute is."""
        ...

    async def drawn(self, tab: Tab, *, sees_all: bool) -> None:
        """Slack shows what `tab.drawn` stands for, under the name `tab.hash`."""
        ...

    def changed(
        self,
        team: TeamId,
        now: datetime,
        *,
        users: Collection[UserId | None] = (),
        place: ChannelId | None = None,
        everyone: bool = False,
    ) -> None:
        """What these people's Homes show changes with this transaction.

        A row to draw each of them, of who leads `place` and of admins anew is added with its
        commit: one per person and slot, and only where the tab was opened lately. Admins, and
        `everyone` whom it is not about, wait a longer slot and follow one another.
        """
        ...

    async def asks(self, team: TeamId, user: UserId) -> Sequence[Asks]:
        """The running and complete experiments that wait for somebody, the newest first."""
        ...

    async def owned(
        self, team: TeamId, owner: UserId, first: int, most: int
    ) -> tuple[Sequence[ExperimentId], int]:
        """Some of somebody's open experiments, newest first, and how many they have."""
        ...

    async def late(self, team: TeamId) -> Mapping[ChannelId, int]:
        """By channel, how many running experiments still miss evidence after a reminder."""
        ...


class HomeTabs(Protocol):
    """Slack, as far as Home tabs go."""

    async def publish(
        self, team: TeamId, user: UserId, view: Block, instead_of: str | None
    ) -> Published:
        """Show a view, in the place of the one with this hash, or of whatever stands there."""
        ...
