"""A morning's reminders: what the due rows of channels do, many of them in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import structlog

from bot.cards.reminders import Reminder
from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, Op, Outgoing
from bot.domain.ids import ChannelId, TeamId
from bot.domain.reminders import Standing
from bot.domain.schedule import Slot, catch_up, last_slot, next_slot
from bot.ports import Store, UnitOfWork
from bot.services.due import LeaseLost
from bot.services.reminders import KeepReminders, Place, drawn, outgoing, remove

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Falling:
    """A row that has fallen due, its channel as it is now, and what stands there."""

    row: ClaimedDue
    place: Place
    slot: Slot
    standing: Standing | None

    @property
    def new(self) -> Standing:
        """What stands there once it is told."""
        return Standing(self.place.slot_key(self.slot), 0)

    def post(self, made: Reminder) -> Outgoing:
        """Its message; where the channel refuses it, the first who is asked gets it."""
        out = outgoing(self.place.channel, Op.POST, self.new, made.message)
        return replace(out, fallback=made.asked[0].owner)


class RemindEvidence:
    """What a channel's due row does: tell what is missing, once per slot, or nothing."""

    def __init__(self, *, store: Store, clock: Clock, keep: KeepReminders) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep

    async def __call__(self, rows: Sequence[ClaimedDue]) -> None:
        """Re-read the truth; wait, settle silently, or settle with the message.

        One transaction for all of it, and few questions in it however many channels there are.
        Raises `LeaseLost` when somebody else holds one of the rows by now.
        """
        now = self._clock.now()
        told: dict[ChannelId, int] = {}
        async with self._store() as uow:
            for some in _rounds(rows):
                told |= await self._told(uow, some, now)
            await uow.commit()
        for channel, experiments in told.items():
            log.info("evidence.reminded", channel=channel, experiments=experiments)

    async def _told(
        self, uow: UnitOfWork, rows: Sequence[ClaimedDue], now: datetime
    ) -> dict[ChannelId, int]:
        """How many experiments each message lists, of a workspace's channels, each there once."""
        ready = []
        for found in await self._looked(uow, rows, now):
            wait = _wait(found, now)
            if wait is None:
                ready.append(found)
            else:
                await uow.due.defer(found.row, wait)
        if not ready:
            return {}
        if not await uow.due.settle_all([found.row for found in ready], now):
            raise LeaseLost(ready[0].row.due.key)
        await self._keep.arm_all(uow, [found.place for found in ready], now)
        for found in ready:
            if not _asks(found.place):
                await self._keep.refresh(uow, found.place, found.standing, now)
        return await self._tell(uow, [found for found in ready if _asks(found.place)], now)

    async def _looked(
        self, uow: UnitOfWork, rows: Sequence[ClaimedDue], now: datetime
    ) -> list[Falling]:
        team, names = rows[0].due.team, [row.due.place for row in rows]
        standing = await uow.reminders.standing(team, names)
        channels = await uow.channels.of(team, names)
        owing = await uow.reminders.owing(team, names)
        places = [self._keep.place(channels[name], owing[name], now) for name in names]
        return [
            Falling(row, place, last_slot(now, place.cadence), standing.get(row.due.place))
            for row, place in zip(rows, places, strict=True)
        ]

    async def _tell(
        self, uow: UnitOfWork, asking: Sequence[Falling], now: datetime
    ) -> dict[ChannelId, int]:
        """One new message in each channel, then the older one goes."""
        if not asking:
            return {}
        made = await drawn(uow, [found.place for found in asking], now)
        posts = [found.post(of) for found, of in zip(asking, made, strict=True)]
        added = await uow.outbox.add_all(posts, now)
        told, stands = {}, {}
        for found, of, post in zip(asking, made, posts, strict=True):
            if post.key not in added:
                continue  # this slot was told already
            here = found.place.channel
            if found.standing is not None:
                await remove(uow, here, found.standing, now)
            stands[here.channel], told[here.channel] = found.new, of.asked
        await uow.reminders.listed([x.experiment for asked in told.values() for x in asked], now)
        await uow.reminders.stand(asking[0].place.channel.team, stands)
        return {channel: len(asked) for channel, asked in told.items()}


def _rounds(rows: Sequence[ClaimedDue]) -> list[list[ClaimedDue]]:
    """By workspace, and so that each channel is in a round once: a second row of it comes later."""
    rounds: list[list[ClaimedDue]] = []
    for _, of in groupby(sorted(rows, key=_place), key=lambda row: row.due.team):
        per_channel = [list(same) for _, same in groupby(of, key=_place)]
        most = max(map(len, per_channel))
        rounds += [[rows[n] for rows in per_channel if n < len(rows)] for n in range(most)]
    return rounds


def _place(row: ClaimedDue) -> tuple[TeamId, ChannelId]:
    return row.due.team, row.due.place


def _asks(place: Place) -> bool:
    """Whether there is anything to say in the channel, and anybody wants to hear it."""
    return bool(place.listed.asked) and place.channel.reminds


def _wait(found: Falling, now: datetime) -> datetime | None:
    """Until when a row waits; None: it is told now, on time or late, or nothing is."""
    row, place, slot = found.row, found.place, found.slot
    if not (place.owing and place.channel.reminds):
        return None
    upcoming = next_slot(now, place.cadence)
    if row.due.key == place.slot_key(upcoming):  # the cadence was changed since it was armed
        return upcoming.at
    if row.due.key == place.slot_key(slot) and place.cadence.is_open(now):
        return None
    moment = catch_up(now, place.cadence)
    return moment if moment > now else None
