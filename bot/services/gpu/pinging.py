"""Pings: who answers for a run that nothing ends is asked again and again, until there is a plan.

A ping's row is fenced by generation and plan version: what was decided since makes it void. Nights
put it off and cost no try; who sleeps while others are told has a row for their waking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.domain.alerts import AlertKind
from bot.domain.delivery import ClaimedDue
from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun
from bot.domain.ids import UserId
from bot.domain.moments import (
    Moment,
    is_current,
    is_note,
    is_waited_for,
    later_ping,
    ping_slots,
    sleeper_of,
    soft_notes,
)
from bot.domain.shutdown import wants_ping
from bot.ports import Store, UnitOfWork
from bot.services.gpu.readers import Answering, FindReaders, Readers, places
from bot.services.gpu.seeing import Seen
from bot.services.gpu.telling import TellRun
from bot.services.gpu.watch import KeepWatch, due_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping's row with its run, as both stand in this transaction."""

    row: ClaimedDue
    run: GpuRun
    seen: Seen
    who: Answering
    now: datetime

    @property
    def key(self) -> str:
        """What names the occurrence."""
        return self.row.due.key

    @property
    def sleeper(self) -> UserId | None:
        """Whom alone it is for."""
        return sleeper_of(self.key)

    @property
    def counts(self) -> bool:
        """Whether it is one more that waits for an answer."""
        return not is_note(self.key) and self.sleeper is None


class PingGpu:
    """What a ping's row does: ask, wait for morning, or nothing when somebody is in charge."""

    def __init__(
        self, *, store: Store, clock: Clock, keep: KeepWatch, tell: TellRun, readers: FindReaders
    ) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep
        self._tell = tell
        self._readers = readers

    async def __call__(self, row: ClaimedDue) -> None:
        """Re-read the truth; settle silently, put off, or settle with the messages."""
        await self._readers.met_first(row.due.team, lambda met: self._tried(row, met=met))

    async def _tried(self, row: ClaimedDue, *, met: bool) -> Sequence[UserId]:
        """One transaction; whom to ask Slack about first, and then nothing was done."""
        now = self._clock.now()
        async with self._store() as uow:
            run = await uow.gpus.taken(row.due.team, row.due.gpu)
            if run is None:
                await uow.due.settle(row, now)
                await uow.commit()
                return ()
            seen, who = await self._keep.look(uow, run, now), await self._readers.of(uow, run)
            ping = Ping(row, run, seen, who, now)
            whom = _whom(ping)
            readers = self._readers.by_night(run, whom, who.known, now)
            wanted = self._is_wanted(ping, whom)
            if wanted and readers.strangers and not met:
                return readers.strangers
            wait = self._wait(ping) or (self._nobody(ping, readers) if wanted else None)
            if wait is not None:
                await uow.due.defer(row, wait)
            elif await uow.due.settle(row, now):
                if wanted:
                    await self._told(uow, ping, readers)
                if not (wanted and ping.counts):  # what counts has armed the next by its change
                    await self._keep.arm(uow, run, seen.plan, now)
            await uow.commit()
        return ()

    def _wait(self, ping: Ping) -> datetime | None:
        """Until when it is put off: nobody knows the plan just now, or its hour was moved."""
        if not is_current(ping.run, ping.key):
            return None
        if ping.seen.plan.grade is Grade.UNKNOWN:
            return ping.now + self._keep.rules.ping_after
        if not ping.counts:
            return None
        newest = self._newest(ping)
        moved = newest is not None and newest.key == ping.key and newest.at > ping.now
        return newest.at if moved and newest is not None else None

    def _is_wanted(self, ping: Ping, whom: Sequence[UserId]) -> bool:
        """Whether anything is to be said at all. Of several that were missed only the newest is."""
        run, plan, now = ping.run, ping.seen.plan, ping.now
        newest = self._newest(ping)
        if not is_current(run, ping.key) or not is_waited_for(run) or newest is None:
            return False
        if not whom and not ping.counts:
            return False
        if is_note(ping.key):
            due = newest.key == ping.key and not run.is_snoozed(now)
            return due and plan.grade is Grade.CONDITIONAL
        if not wants_ping(run, plan, now):
            return False
        if ping.sleeper is not None:  # the next one for all is soon enough
            return newest.at - now >= self._keep.rules.ping_every / 2
        return newest.key == ping.key

    def _newest(self, ping: Ping) -> Moment | None:
        if is_note(ping.key):
            return next(soft_notes(ping.run, ping.now))
        return next(ping_slots(ping.run, self._keep.rules, ping.now), None)

    def _nobody(self, ping: Ping, readers: Readers) -> datetime | None:
        """All sleep, or there is nobody: then it is tried again until somebody is met.

        Where all who are asked have muted pings, it counts as one that nobody answered.
        """
        if readers.awake or readers.asleep or readers.muted or ping.seen.watching.ops:
            return None if readers.awake else readers.first_awake
        log.warning("gpu.nobody_to_ping", gpu=ping.run.id)
        return ping.now + self._keep.rules.ping_after

    async def _told(self, uow: UnitOfWork, ping: Ping, readers: Readers) -> None:
        run, now = ping.run, ping.now
        after = run.pinged(at=now) if ping.counts else run
        ops = ping.seen.watching.ops if not readers.muted else None
        where = places(readers.awake) or ((ops,) if ops is not None else ())
        for place in where:
            await self._tell.alert(
                uow,
                after,
                self._kind(ping),
                place,
                ping.key,
                now,
                number=after.pings,
                fallback=ping.who.instead(place),
                seen=ping.seen,
            )
        if not ping.counts:
            return
        await self._keep.keep(uow, run, after, now, drawn=where)
        for user, until in readers.asleep.items():
            await uow.due.arm(due_of(after, later_ping(after, user, until)))
        log.info("gpu.pinged", gpu=run.id, number=after.pings, people=len(readers.awake))

    def _kind(self, ping: Ping) -> AlertKind:
        """Without an ops channel, what nobody owns is shown to the admins by its pings."""
        if is_note(ping.key):
            return AlertKind.NOTE
        unclaimed = ping.run.owner is None and ping.seen.watching.ops is None
        return AlertKind.UNCLAIMED if unclaimed else AlertKind.PING


def _whom(ping: Ping) -> Sequence[UserId]:
    """Who is asked; of a note the owner, of a later one only who slept."""
    who = ping.who
    if is_note(ping.key):
        return (who.owner,) if who.owner is not None else ()
    asked = who.asked(ping.run.pings + 1 if ping.counts else ping.run.pings)
    return asked if ping.counts else [u for u in asked if u == ping.sleeper]
