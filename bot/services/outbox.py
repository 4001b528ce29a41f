"""The sender: takes messages from the outbox to Slack, each once, in order per channel.

An unknown outcome is looked up before it is repeated; what Slack refuses for good goes to its
fallback, never into the void.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.crash import crash_point
from bot.domain.delivery import (
    LEASE,
    ClaimedOutgoing,
    NotSent,
    Op,
    Outcome,
    Permanent,
    Sent,
    Unknown,
)
from bot.domain.ids import OutboxId
from bot.ports import CannotLook, LookupFailed, Messenger, Store
from bot.services.pace import Pace
from bot.services.places import FindPlace, NotYet, Place, Pointless
from bot.services.refused import Refused

log = structlog.get_logger(__name__)

BATCH = 20
REQUEST_SECONDS = 13.0
"""Connect (3 s) and request (10 s): with less of the lease left the next claim sends instead."""

UPLOAD_SECONDS = 23.0
"""Files and their bytes (10 s), then what posts them: the same for an upload."""

UPLOAD_PATIENCE = timedelta(hours=1)
"""A file server that cannot be reached must not hold a channel for ever."""

PARENT_SECONDS = 2.0
"""How long a reply waits for its thread's first message before it asks again."""

LOOKS = 20
"""So often a lost answer is looked for; after that history counts as closed to us."""


class DrainOutbox:
    """Send what is open, several channels at once, one message in flight per channel.

    What this process has in flight it never claims again, however its clock is moved meanwhile.
    """

    def __init__(
        self, *, store: Store, messenger: Messenger, refused: Refused, pace: Pace, clock: Clock
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._refused = refused
        self._pace = pace
        self._clock = clock
        self._place = FindPlace(store=store)
        self._in_flight: set[OutboxId] = set()
        self._wait: float | None = None

    async def __call__(self) -> None:
        """Send until nothing more can be claimed."""
        while await self._claim():
            pass

    def put_back(self) -> float | None:
        """The shortest wait, in seconds, of what was put back since this was last asked."""
        shortest, self._wait = self._wait, None
        return shortest

    async def _claim(self) -> Sequence[ClaimedOutgoing]:
        lease_end = self._clock.monotonic() + LEASE.total_seconds()
        mine: set[OutboxId] = set()
        try:
            async with self._store() as uow:
                busy = frozenset(self._in_flight)
                rows = await uow.outbox.claim(self._clock.now(), BATCH, LEASE, busy)
                mine = {row.id for row in rows}
                self._in_flight |= mine
                await uow.commit()
            if rows:
                crash_point("outbox.after_claim")
            await asyncio.gather(*(self._guarded(row, lease_end) for row in rows))
        finally:  # a commit that failed or a batch that was cancelled has nothing in flight
            self._in_flight -= mine
        return rows

    async def _guarded(self, row: ClaimedOutgoing, lease_end: float) -> None:
        try:
            await self._deliver(row, lease_end)
        except Exception:  # the tick's guard per row: its lease brings it back
            log.exception("outbox.failed", key=row.outgoing.key, attempts=row.attempts)
        finally:
            self._in_flight.discard(row.id)

    async def _deliver(self, row: ClaimedOutgoing, lease_end: float) -> None:
        place = await self._place(row.outgoing)
        match place:
            case NotYet():
                return await self._release(row, PARENT_SECONDS)
            case Pointless(why):
                return await self._give_up(row, why)
            case Place():
                pass
        if place.post is None and row.attempts > 1 and await self._arrived(row, place):
            return None
        if place.post is None and (wait := self._pace.wait(place.channel)) > 0:
            return await self._release(row, wait)
        needed = UPLOAD_SECONDS if row.outgoing.op is Op.UPLOAD else REQUEST_SECONDS
        if lease_end - self._clock.monotonic() < needed:
            return await self._release(row, 0)
        crash_point("outbox.before_post")
        outcome = await self._send(row, place)
        crash_point("outbox.after_post")
        await self._settle(row, outcome)
        crash_point("outbox.after_settle")
        return None

    async def _arrived(self, row: ClaimedOutgoing, place: Place) -> bool:
        """Whether an earlier try was found or nothing may be done; settles the row if so."""
        out = row.outgoing
        try:
            found = await self._messenger.find(
                out.team, out, place.channel, place.thread_ts, row.first_try_at
            )
        except LookupFailed:
            if row.attempts < LOOKS:
                return True  # no answer is no answer: the next claim looks again
            return await self._undecidable(row)
        except CannotLook:
            return await self._undecidable(row)
        if found is not None:
            await self._settle(row, found)
        return found is not None

    async def _undecidable(self, row: ClaimedOutgoing) -> bool:
        """Nobody can say whether it arrived: post again, or settle what must not be repeated."""
        if row.outgoing.repeatable:
            return False
        now = self._clock.now()
        async with self._store() as uow:
            if await uow.outbox.unknown(row, now):
                await self._refused.aftermath.undecided(uow, row.outgoing, now)
            await uow.commit()
        log.warning("outbox.unknown", key=row.outgoing.key)
        return True

    async def _send(self, row: ClaimedOutgoing, place: Place) -> Outcome:
        out = row.outgoing
        if out.op is Op.UPLOAD:
            return await self._messenger.upload(out.team, out, place.thread_ts, place.channel)
        if place.post is None:
            return await self._messenger.post(out.team, out, place.thread_ts, place.channel)
        if out.op is Op.UPDATE:
            return await self._messenger.update(out.team, out, place.post)
        return await self._messenger.delete(out.team, place.post)

    async def _settle(self, row: ClaimedOutgoing, outcome: Outcome) -> None:
        match outcome:
            case Sent():
                async with self._store() as uow:
                    await uow.outbox.sent(row, outcome, self._clock.now())
                    await uow.commit()
            case NotSent() if self._is_hopeless(row):
                log.error("outbox.upload_not_reached", key=row.outgoing.key)
                await self._give_up(row, "upload_not_reached")
            case NotSent(wait):
                log.info("outbox.not_sent", key=row.outgoing.key, wait=wait.total_seconds())
                await self._release(row, wait.total_seconds())
            case Permanent(error):
                await self._refused(row, error)
            case Unknown(error):  # the lease runs out, then the next claim looks it up
                log.warning("outbox.unknown_outcome", key=row.outgoing.key, error=error)

    def _is_hopeless(self, row: ClaimedOutgoing) -> bool:
        waited = self._clock.now() - row.first_try_at
        return row.outgoing.op is Op.UPLOAD and waited > UPLOAD_PATIENCE

    async def _release(self, row: ClaimedOutgoing, seconds: float) -> None:
        self._wait = min(seconds, self._wait or seconds)
        async with self._store() as uow:
            await uow.outbox.release(row, self._clock.now() + timedelta(seconds=seconds))
            await uow.commit()

    async def _give_up(self, row: ClaimedOutgoing, why: str) -> None:
        async with self._store() as uow:
            await uow.outbox.dead(row, why, self._clock.now())
            await uow.commit()
        log.info("outbox.pointless", key=row.outgoing.key, why=why)
