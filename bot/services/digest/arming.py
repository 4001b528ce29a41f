"""Digests that fall due: one row per place and local ISO week, made when its time has come."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.domain.delivery import Due, DueKind
from bot.domain.digest_when import DigestPlace, Looked, WeekTime, digest_key, look
from bot.domain.ids import ChannelId, TeamId
from bot.domain.workspace import Channel
from bot.ports import Store, UnitOfWork

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=30)
"""How often is looked."""

BATCH = 500
"""Places that one transaction looks at."""


class ArmDigests:
    """Make the rows of the digests whose time has come. Any replica may: the key is unique."""

    def __init__(self, *, store: Store, clock: Clock, at: WeekTime) -> None:
        self._store = store
        self._clock = clock
        self._at = at
        self._looked_at: datetime | None = None

    async def __call__(self) -> None:
        """Batch after batch, until no place's time has come."""
        now, last = self._clock.now(), self._looked_at
        if last is not None and last <= now < last + EVERY:
            return  # a clock that was put back is no reason to wait for it
        while await self._batch() == BATCH:
            pass
        self._looked_at = now

    async def _batch(self) -> int:
        now = self._clock.now()
        async with self._store(read_only=True) as uow:
            if not await uow.digests.to_look_at(now, 1):
                return 0  # as at nearly every tick: nothing is written then
        async with self._store() as uow:
            places = await uow.digests.take(now, BATCH)
            looked = await self._looked(uow, places, now)
            made = await uow.due.add_all(
                [_row(was, found, now) for was, found in looked if found.turn]
            )
            await uow.digests.put([found.place for _, found in looked])
            await uow.commit()
        if made:
            log.info("digest.due", digests=len(made))
        return len(places)

    async def _looked(
        self, uow: UnitOfWork, places: Sequence[DigestPlace], now: datetime
    ) -> list[tuple[DigestPlace, Looked]]:
        of: dict[TeamId, list[DigestPlace]] = defaultdict(list)
        for place in places:
            of[place.team].append(place)
        found = []
        for team, theirs in of.items():
            hours = await hours_of(uow, team, [place.channel for place in theirs], self._at)
            found += [(p, look(p, *hours[p.channel], now)) for p in theirs]
        return found


def _row(was: DigestPlace, found: Looked, now: datetime) -> Due:
    """Due since its time; where settings were changed since, only since now: that is not late."""
    if found.turn is None:
        raise ValueError(was)
    return Due(
        key=digest_key(was.team, was.channel, found.turn.week.name),
        kind=DueKind.WEEKLY_DIGEST,
        team=was.team,
        due_at=now if was.is_moved else found.turn.at,
        channel=was.channel,
    )


async def hours_of(
    uow: UnitOfWork, team: TeamId, places: Sequence[ChannelId | None], usual: WeekTime
) -> Mapping[ChannelId | None, tuple[WeekTime, str]]:
    """When digests come to places, and in which time zone: a workspace's is its ops channel's."""
    ops = (await uow.watch.settings(team)).ops if None in places else None
    named = [place for place in (*places, ops) if place is not None]
    channels: Mapping[ChannelId, Channel] = await uow.channels.of(team, named) if named else {}
    found: dict[ChannelId | None, tuple[WeekTime, str]] = {
        place: (channels[place].digest_at or usual, channels[place].tz) for place in places if place
    }
    if None in places:
        found[None] = (usual, channels[ops].tz if ops else "UTC")
    return found
