"""The places that get digests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.digest_when import DigestPlace
from bot.domain.ids import ChannelId, TeamId


class Digests(Protocol):
    """Channels, and workspaces as a whole (`channel` None), that get one digest a week.

    Whoever writes a channel's settings has it looked at again; a workspace that is removed rests.
    """

    async def begin(self, team: TeamId, channel: ChannelId | None, at: datetime) -> None:
        """Something happens there from now on; nothing changes where that is known."""
        ...

    async def get(self, team: TeamId, channel: ChannelId | None) -> DigestPlace | None: ...

    async def to_look_at(self, now: datetime, limit: int) -> Sequence[DigestPlace]:
        """Those whose next time has come, or whose settings were changed."""
        ...

    async def put(self, places: Sequence[DigestPlace]) -> None: ...
