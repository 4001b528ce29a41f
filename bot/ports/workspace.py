"""Workspaces, their members and channels, and who did what."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.audit import Entry
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.personal import Own
from bot.domain.workspace import Actor, Channel, Person


class People(Protocol):
    """Members, as Slack told us."""

    async def get(self, team: TeamId, user: UserId) -> Person | None: ...

    async def of(self, team: TeamId, users: Collection[UserId]) -> dict[UserId, Person]:
        """Those of these people that we know."""
        ...

    async def put(self, person: Person) -> None:
        """Keep what Slack tells; their own settings stay as they are."""
        ...

    async def settle(self, team: TeamId, user: UserId, own: Own) -> None:
        """Replace a known person's own settings; who is an admin is not among them."""
        ...

    async def named(self, team: TeamId) -> Sequence[UserId]:
        """Whom admins have named one of them, beside Slack's."""
        ...

    async def name(self, team: TeamId, users: Collection[UserId]) -> None:
        """These known people are named admins from now on, and no others."""
        ...


class Channels(Protocol):
    """Channel settings."""

    async def get(self, team: TeamId, channel: ChannelId) -> Channel:
        """The channel's settings; defaults where nobody has set any."""
        ...

    async def of(self, team: TeamId, names: Sequence[ChannelId]) -> dict[ChannelId, Channel]:
        """The same for several."""
        ...

    async def begin(self, channel: Channel) -> Channel:
        """The channel's settings; these where nobody has set any, kept from then on."""
        ...

    async def led_by(self, team: TeamId, user: UserId) -> Sequence[ChannelId]:
        """The channels that somebody leads."""
        ...

    async def put(self, channel: Channel) -> None: ...


class Audit(Protocol):
    """Who did what."""

    async def add(
        self,
        actor: Actor | None,
        team: TeamId,
        action: str,
        subject: str,
        at: datetime,
        *,
        before: str = "",
        after: str = "",
    ) -> None:
        """One line, in the transaction of its effect. `actor` None = owroute itself."""
        ...

    async def page(self, team: TeamId, limit: int, below: int | None = None) -> Sequence[Entry]:
        """The newest lines of a workspace first; with `below` those older than that line."""
        ...

    async def forget(self, team: TeamId, before: datetime) -> int:
        """Delete the oldest lines of a workspace that are older, a bounded number at once."""
        ...


class Workspaces(Protocol):
    """The workspaces that use this bot, and the bot's own secrets and heartbeat."""

    async def secret(self) -> bytes:
        """32 random bytes made by the first migration: signs what must be recognised later."""
        ...

    async def seen(self, team: TeamId, name: str, bot_user: UserId, at: datetime) -> None:
        """Note a workspace at start."""
        ...

    async def bot_user(self, team: TeamId) -> UserId | None:
        """The bot as a member of that workspace."""
        ...

    async def active(self) -> Sequence[TeamId]:
        """All in which the app is installed."""
        ...

    async def is_active(self, team: TeamId) -> bool:
        """False once the app was removed: nothing is sent or done for it any more."""
        ...

    async def remove(self, team: TeamId, at: datetime) -> None:
        """The app was uninstalled: end all open work of the workspace."""
        ...

    async def ticked(self, now: datetime) -> None:
        """Note that a whole cycle has run."""
        ...
