"""A watch without a bot around it: runs, people, a clock that is moved, and a Slack that keeps
what was posted. Due work and messages are carried out as the tick does.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.delivery import LEASE, ClaimedDue, ClaimedOutgoing, DueKind, Op, Sent
from bot.domain.fleet import Billing, Ending, Machine, Provider
from bot.domain.gpu import Claim, GpuRun, RunState
from bot.domain.ids import ChannelId, GpuId, TeamId, UserId
from bot.domain.watch import Watching, WatchRules
from bot.domain.workspace import Channel, Person
from bot.services.due import RunDue
from bot.services.gpu.pinging import PingGpu
from bot.services.gpu.readers import FindReaders
from bot.services.gpu.telling import TellRun
from bot.services.gpu.watch import KeepWatch
from bot.services.people import KnowPerson
from storage.database import SqlStore
from tests.storage.given import ADA, AT, LIN, ML_LAB, TEAM

GRACE = UserId("U3")
OPS = ChannelId("C9")
MINUTE = timedelta(minutes=1)
Done = Callable[[ClaimedDue], Awaitable[None]]


@dataclass
class Moved:
    """A clock that stands where it was put."""

    at: datetime = AT

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Phonebook:
    """Slack's members, by their ids."""

    clock: Moved
    zones: dict[UserId, str] = field(default_factory=dict)
    chiefs: set[UserId] = field(default_factory=set)
    gone: set[UserId] = field(default_factory=set)
    asked: int = 0

    async def person(
        self, team: TeamId, user: UserId, now: datetime, *, within: float
    ) -> Person | None:
        self.asked += 1
        zone = self.zones.get(user)
        if zone is None:
            return None
        return Person(
            team, user, team, user.lower(), "en-GB", zone, user in self.chiefs, is_guest=False,
            is_bot=False, deleted=user in self.gone, fetched_at=now,
        )  # fmt: skip

    async def admins(self, team: TeamId, now: datetime) -> Sequence[Person]:
        found = [await self.person(team, user, now, within=1) for user in sorted(self.chiefs)]
        return [person for person in found if person is not None]


@dataclass(frozen=True)
class Said:
    """One message that was posted: when, where, what about and how it read."""

    at: datetime
    place: ChannelId
    subject: str
    text: str

    def by_the_clock_of(self, zone: str) -> str:
        return f"{self.at.astimezone(ZoneInfo(zone)):%a %H:%M}"


class Slack:
    """Takes what is in the outbox; `down` it takes nothing."""

    def __init__(self, store: SqlStore, clock: Moved) -> None:
        self._store = store
        self._clock = clock
        self.said: list[Said] = []
        self.stands: dict[str, Said] = {}
        self.edits: list[Said] = []
        self.down = False

    def at(self, place: str) -> list[Said]:
        """What stands in a place."""
        return [s for s in self.stands.values() if s.place == place]

    async def drain(self) -> None:
        """Send all that is open."""
        while not self.down:
            async with self._store() as uow:
                rows = await uow.outbox.claim(self._clock.now(), 50, LEASE)
                await uow.commit()
            for row in rows:
                await self._take(row)
            if not rows:
                return

    async def _take(self, row: ClaimedOutgoing) -> None:
        out = row.outgoing
        shown = Said(self._clock.now(), out.channel, out.subject, out.message.text)
        async with self._store() as uow:
            post = await uow.outbox.where(out.team, out.subject)
            if out.op is Op.POST:
                self.said.append(shown)
                self.stands[out.subject] = shown
            elif post is not None and out.op is Op.DELETE:
                del self.stands[out.subject]
            elif post is not None and out.version >= post.version:
                self.edits.append(shown)
                self.stands[out.subject] = shown
            await uow.outbox.sent(row, Sent(out.channel, f"{row.id}.0"), self._clock.now())
            await uow.commit()


class Watch:
    """Everything of the watch that needs no provider."""

    def __init__(self, store: SqlStore, rules: WatchRules | None = None) -> None:
        self.store = store
        self.clock = Moved()
        self.book = Phonebook(self.clock)
        self.slack = Slack(store, self.clock)
        self.keep = KeepWatch(rules)
        self.tell = TellRun(keep=self.keep)
        know = KnowPerson(store=store, directory=self.book, clock=self.clock)
        self.readers = FindReaders(know=know, rules=self.keep.rules)
        self.work: dict[DueKind, Callable[[ClaimedDue], Awaitable[None]]] = dict.fromkeys(
            DueKind, self._later
        )
        self.work[DueKind.PING_GPU] = PingGpu(
            store=store, clock=self.clock, keep=self.keep, tell=self.tell, readers=self.readers
        )
        self.passed: list[str] = []

    async def opened(self, *, ops: ChannelId | None = None) -> "Watch":
        """A workspace: Ada, who owns things, Lin, who leads the channel, and Grace, an admin."""
        self.book.zones = {ADA: "UTC", LIN: "Asia/Shanghai", GRACE: "America/New_York"}
        self.book.chiefs = {GRACE}
        async with self.store() as uow:
            await uow.workspaces.seen(TEAM, "Lab", UserId("UBOT"), AT)
            await uow.channels.put(Channel(TEAM, ML_LAB, lead=LIN))
            await uow.watch.put(Watching(TEAM, ops=ops))
            for user in self.book.zones:
                person = await self.book.person(TEAM, user, self.clock.now(), within=1)
                assert person is not None
                await uow.people.put(person)
            await uow.commit()
        return self

    async def _later(self, row: ClaimedDue) -> None:
        """What this part of the watch has no hands for is only noted."""
        async with self.store() as uow:
            self.passed.append(row.due.key)
            await uow.due.settle(row, self.clock.now())
            await uow.commit()

    async def burns(self, name: str = "ow-1-ada", **changes: Any) -> GpuRun:
        """A machine that has just started and that nothing ends."""
        now = self.clock.now()
        plain = GpuRun(
            id=GpuId(0),
            team=TEAM,
            machine=Machine(Provider.RUNPOD, "acc", name),
            generation=1,
            state=RunState.RUNNING,
            billing=Billing.COMPUTE,
            first_seen=now,
            last_seen=now,
            started_at=changes.get("started_at", now),
            changed_at=now,
            name=name,
            price_per_hour=changes.pop("usd", None),
            owner=ADA,
            claim=Claim.NAME,
            channel=ML_LAB,
            endings=frozenset({Ending.STOP, Ending.TERMINATE}),
        )
        async with self.store() as uow:
            kept = await self.keep.keep(uow, None, replace(plain, **changes), now)
            await uow.commit()
        assert kept is not None
        return kept

    async def run(self, run: GpuRun) -> GpuRun:
        async with self.store(read_only=True) as uow:
            found = await uow.gpus.by_id(TEAM, run.id)
        assert found is not None
        return found

    async def changed(self, run: GpuRun, change: Callable[[GpuRun], GpuRun]) -> GpuRun:
        """Somebody changes a run, and Slack hears of it."""
        async with self.store() as uow:
            known = await uow.gpus.taken(TEAM, run.id)
            assert known is not None
            after = await self.keep.keep(uow, known, change(known), self.clock.now())
            assert after is not None
            await uow.commit()
        return after

    async def tick(self) -> None:
        """One whole cycle."""
        await RunDue(store=self.store, clock=self.clock, work=self.work, together={})()
        await self.slack.drain()

    async def goes_on(self, *, step: timedelta = 5 * MINUTE, **by: float) -> None:
        """Time passes with the bot up."""
        left = timedelta(**by)
        while left > timedelta(0):
            self.clock.at += min(step, left)
            left -= step
            await self.tick()

    def asked(self, user: str, zone: str = "UTC") -> list[str]:
        """When somebody was told anew, by their clock."""
        return [s.by_the_clock_of(zone) for s in self.slack.said if s.place == user]
