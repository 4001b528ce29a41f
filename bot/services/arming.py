"""Reminders that wait for nothing to happen: whoever owes something has one coming, always.

A channel's reminder is armed when something changes and by each reminder for the next. Should that
one row be gone, after a removal and a new installation, an upgrade or a mistake, this finds it.
"""

from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.domain.ids import ChannelId, TeamId
from bot.ports import Store
from bot.services.reminders import KeepReminders

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=5)
"""How often is looked; the first time is the first tick of a process."""

BATCH = 100
"""Channels that one look arms; where there are more, the next tick looks again."""


class ArmReminders:
    """Arm every channel that owes something and has no reminder waiting. Any replica may."""

    def __init__(self, *, store: Store, clock: Clock, keep: KeepReminders) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep
        self._next: datetime | None = None

    async def __call__(self) -> bool:
        """False when a channel was left without a reminder. Looks every five minutes.

        The audit's own line: what this could not arm is counted in the log, and the beat misses.
        """
        now = self._clock.now()
        if self._next is not None and now < self._next:
            return True
        unarmed = await self._unarmed()
        for team, channel in unarmed:
            async with self._store() as uow:
                await uow.reminders.standing(team, [channel])
                place = await self._keep.look(uow, await uow.channels.get(team, channel), now)
                row = await self._keep.arm(uow, place, now)
                await uow.commit()
            log.warning("evidence.rearmed", channel=channel, due_at=row.due_at if row else None)
        left = await self._unarmed() if unarmed else ()
        if left:
            log.warning("evidence.unarmed", channels=len(left))
        more = len(unarmed) == BATCH and left != unarmed
        self._next = now if more else now + EVERY
        return more or not left

    async def _unarmed(self) -> tuple[tuple[TeamId, ChannelId], ...]:
        async with self._store(read_only=True) as uow:
            return tuple(await uow.reminders.unarmed(BATCH))
