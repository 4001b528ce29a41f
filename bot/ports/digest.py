"""The places that get digests, and what a digest is made of."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.costs import Accrual
from bot.domain.digest_facts import DecidedFacts, ExperimentFacts
from bot.domain.digest_week import Span
from bot.domain.digest_when import DigestPlace
from bot.domain.ids import ChannelId, ExperimentId, GpuId, TeamId


class Digests(Protocol):
    """Channels, and workspaces as a whole (`channel` None), that get one digest a week.

    Whoever writes a channel's settings has it looked at again; a workspace that is removed rests.
    """

    async def begin(self, team: TeamId, channel: ChannelId | None, at: datetime) -> None:
        """Something happens there from now on; nothing changes where that is known."""
        ...

    async def look_again(self, team: TeamId, channel: ChannelId | None) -> None:
        """What its hour depends on was changed: the next tick works it out anew."""
        ...

    async def of(
        self, team: TeamId, channels: Sequence[ChannelId | None]
    ) -> Mapping[ChannelId | None, DigestPlace]:
        """Those of these places that are known."""
        ...

    async def to_look_at(self, now: datetime, limit: int) -> Sequence[DigestPlace]:
        """Those whose next time has come, or whose settings were changed."""
        ...

    async def take(self, now: datetime, limit: int) -> Sequence[DigestPlace]:
        """The same, which nobody else changes until this transaction ends: no edit is overseen."""
        ...

    async def put(self, places: Sequence[DigestPlace]) -> None: ...

    async def posted(self, team: TeamId, channels: Collection[ChannelId | None], week: str) -> None:
        """These places had a digest in that week."""
        ...


class Weeks(Protocol):
    """What happened in some channels of a workspace, or in all of it (`channels` None), by index.

    Runs and experiments of these channels only; the whole workspace has the others too.
    """

    async def accruals(
        self, team: TeamId, channels: Sequence[ChannelId] | None, start: datetime
    ) -> Sequence[Accrual]:
        """What touches the time after `start`, oldest first."""
        ...

    async def gpus(self, team: TeamId, start: datetime) -> Sequence[GpuId]:
        """The runs of the whole workspace that have such, in the order of their numbers."""
        ...

    async def accruals_of(self, gpus: Collection[GpuId], start: datetime) -> Sequence[Accrual]:
        """The same of some runs."""
        ...

    async def closed(
        self, team: TeamId, channels: Sequence[ChannelId] | None, within: Span
    ) -> Mapping[ExperimentId, int]:
        """How many required items were given or waived then."""
        ...

    async def overdue(
        self, team: TeamId, channels: Sequence[ChannelId] | None
    ) -> Mapping[ExperimentId, int]:
        """How many required items a reminder has asked for that are still missing now."""
        ...

    async def decided(
        self, team: TeamId, channels: Sequence[ChannelId] | None, within: Span
    ) -> Sequence[DecidedFacts]:
        """What was decided in the end then, oldest first."""
        ...

    async def called(
        self, team: TeamId, experiments: Collection[ExperimentId]
    ) -> Mapping[ExperimentId, tuple[ChannelId, ExperimentFacts]]:
        """Where these experiments are, and what they are called."""
        ...
