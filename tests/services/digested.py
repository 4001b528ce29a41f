"""Weekly digests without a bot around them: the tick's steps, over a clock that is moved."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from bot.domain.delivery import LEASE, ClaimedDue, DueKind, Op, Outgoing, Sent
from bot.domain.digest_when import MONDAY, DigestMode, Subject, WeekTime
from bot.domain.ids import ChannelId
from bot.domain.workspace import Channel
from bot.services.digest.arming import ArmDigests
from bot.services.digest.drawing import DrawDigest
from bot.services.digest.posting import PostDigests
from bot.services.due import RunDue
from storage.database import SqlStore
from storage.digest_tables import digests
from storage.tables import due
from tests.services.watched import Moved
from tests.storage.given import TEAM


@dataclass(frozen=True)
class Posted:
    """One message that went to Slack."""

    at: datetime
    out: Outgoing

    @property
    def subject(self) -> Subject | None:
        """Whose digest of which week; None for anything else."""
        return Subject.read(self.out.subject) if self.out.op is Op.POST else None


class Digests:
    """Arms, writes and takes away what is due, with new objects each time: nothing is kept."""

    def __init__(self, store: SqlStore, clock: Moved) -> None:
        self.store = store
        self.clock = clock
        self.posted: list[Posted] = []

    async def tick(self) -> None:
        """One whole cycle: what is armed is carried out in the same one."""
        await self.arm()
        await self.carry_out()
        await self.drain()

    async def arm(self) -> None:
        """Only the rows."""
        await ArmDigests(store=self.store, clock=self.clock, at=MONDAY)()

    async def carry_out(self) -> None:
        """Only what is due; other work is left where it is."""

        async def other(row: ClaimedDue) -> None:
            async with self.store() as uow:
                await uow.due.settle(row, self.clock.now())
                await uow.commit()

        told: dict[str, Any] = {"store": self.store, "clock": self.clock, "at": MONDAY}
        work: dict[DueKind, Callable[[ClaimedDue], Awaitable[None]]] = {
            **dict.fromkeys(DueKind, other),
            DueKind.DRAW_DIGEST: DrawDigest(**told),
        }
        together = {DueKind.WEEKLY_DIGEST: PostDigests(**told)}
        await RunDue(store=self.store, clock=self.clock, work=work, together=together)()

    async def drain(self) -> None:
        """Slack takes all that is open."""
        now = self.clock.now()
        async with self.store() as uow:
            while rows := await uow.outbox.claim(now, 50, LEASE):
                for row in rows:
                    self.posted.append(Posted(now, row.outgoing))
                    await uow.outbox.sent(row, Sent(row.outgoing.channel, f"{row.id}.0"), now)
            await uow.commit()

    async def next_moment(self) -> datetime:
        """When something falls due."""
        waiting = select(func.min(due.c.due_at)).where(due.c.done_at.is_(None))
        async with self.store.engine.connect() as connection:
            waits: datetime | None = (await connection.execute(waiting)).scalar()
            looks: datetime = (
                await connection.execute(select(func.min(digests.c.next_at)))
            ).scalar_one()
        return min(waits or looks, looks)

    async def goes_on(self, until: datetime) -> None:
        """Time passes with the bot up."""
        while (at := await self.next_moment()) <= until:
            self.clock.at = max(at, self.clock.at)
            await self.tick()
        self.clock.at = until

    def of(self, place: str) -> list[Posted]:
        """The digests of a channel, or those that went to a person."""
        return [
            p for p in self.posted if p.subject is not None and p.subject.place == ChannelId(place)
        ]

    def weeks(self, place: str) -> list[str]:
        """The turns in which they came."""
        return [p.subject.week for p in self.of(place) if p.subject is not None]


async def settled(store: SqlStore, *channels: Channel) -> None:
    """Somebody saves the settings of channels."""
    async with store() as uow:
        for channel in channels:
            await uow.channels.put(channel)
        await uow.commit()


def always(name: str, zone: str, when: WeekTime | None = None) -> Channel:
    """A channel that has a digest even of a week in which nothing happened."""
    return Channel(TEAM, ChannelId(name), tz=zone, digest=DigestMode.ALWAYS, digest_at=when)
