"""A watch without a bot around it: runs, people, a clock that is moved, and a Slack that keeps
what was posted. Due work and messages are carried out as the tick does.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.domain.delivery import LEASE, ClaimedDue, ClaimedOutgoing, DueKind, Op, Sent
from bot.domain.fleet import Billing, Ending, Machine, Provider
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import Claim, Deadline, DeadlineKind
from bot.domain.ids import ChannelId, GpuId, TeamId, UserId
from bot.domain.watch import Watching, WatchRules
from bot.domain.workspace import Channel, Person
from bot.services.due import RunDue
from bot.services.evidence import ChangeEvidence
from bot.services.gpu.budgets import WatchBudgets
from bot.services.gpu.ending import EndGpu, StopInTime
from bot.services.gpu.pinging import PingGpu
from bot.services.gpu.proof import ProveEnd
from bot.services.gpu.readers import FindReaders
from bot.services.gpu.telling import TellRun
from bot.services.gpu.troubles import TellTroubles
from bot.services.gpu.unclaimed import PostUnclaimed
from bot.services.gpu.warning import WarnStop
from bot.services.gpu.watch import KeepWatch
from bot.services.people import KnowPerson, Rights
from bot.services.reminders import KeepReminders
from storage.database import SqlStore
from storage.tables import due
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

    async def admins(self, team: TeamId, now: datetime) -> list[Person]:
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
                await self.take(row)
            if not rows:
                return

    async def take(self, row: ClaimedOutgoing) -> None:
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
        rights = Rights(store=store, know=know)
        self.end = EndGpu(
            store=store, clock=self.clock, rights=rights, keep=self.keep, tell=self.tell
        )
        self.troubles = TellTroubles(store=store, clock=self.clock, rules=self.keep.rules)
        self.readers = FindReaders(know=know, rules=self.keep.rules)
        self.change = ChangeEvidence(store=store, clock=self.clock, reminders=KeepReminders())
        self.work: dict[DueKind, Done] = {**dict.fromkeys(DueKind, self._later), **self._work()}
        self.passed: list[str] = []

    def _work(self) -> dict[DueKind, Done]:
        told: dict[str, Any] = {
            "store": self.store,
            "clock": self.clock,
            "keep": self.keep,
            "tell": self.tell,
            "readers": self.readers,
        }
        self.warns = WarnStop(**told)
        return {
            DueKind.PING_GPU: PingGpu(**told),
            DueKind.WARN_STOP: self.warns,
            DueKind.STOP_TIME: StopInTime(
                store=self.store, clock=self.clock, keep=self.keep, end=self.end, warn=self.warns
            ),
            DueKind.UNCLAIMED_GPU: PostUnclaimed(**told),
            DueKind.WATCH_BUDGETS: WatchBudgets(**told, end=self.end),
            DueKind.TELL_TROUBLE: self.troubles,
            DueKind.GPU_ENDED: ProveEnd(store=self.store, clock=self.clock, change=self.change),
        }

    async def opened(self, *, ops: ChannelId | None = None, lead: UserId | None = LIN) -> "Watch":
        """A workspace: Ada, who owns things, Lin, who leads the channel, and Grace, an admin."""
        self.book.zones = {ADA: "UTC", LIN: "Asia/Shanghai", GRACE: "America/New_York"}
        self.book.chiefs = {GRACE}
        async with self.store() as uow:
            await uow.workspaces.seen(TEAM, "Lab", UserId("UBOT"), AT)
            await uow.channels.put(Channel(TEAM, ML_LAB, lead=lead))
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
        """A machine that has just started and that nothing ends; `usd` is its price per hour."""
        now = self.clock.now()
        usd = changes.pop("usd", None)
        plain = GpuRun(
            id=GpuId(0),
            team=TEAM,
            machine=Machine(Provider.RUNPOD, "acc", name),
            generation=1,
            state=RunState.RUNNING,
            billing=Billing.COMPUTE,
            first_seen=now,
            last_seen=now,
            started_at=now,
            changed_at=now,
            name=name,
            price_per_hour=Decimal(usd) if usd else None,
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
        """As it stands now."""
        async with self.store(read_only=True) as uow:
            found = await uow.gpus.by_id(TEAM, run.id)
        assert found is not None
        return found

    async def changed(self, run: GpuRun, change: Callable[[GpuRun], GpuRun]) -> GpuRun:
        """Somebody changes a run; where somebody else was first, on what that one has left."""
        for _ in range(3):
            async with self.store() as uow:
                known = await uow.gpus.by_id(TEAM, run.id)
                assert known is not None
                after = await self.keep.keep(uow, known, change(known), self.clock.now())
                if after is not None:
                    await uow.commit()
                    return after
        raise AssertionError(run)

    async def stops_in(
        self, run: GpuRun, *, by: DeadlineKind = DeadlineKind.PERSON, **time: float
    ) -> GpuRun:
        """Somebody sets a stop time."""
        now = self.clock.now()
        deadline = Deadline(now + timedelta(**time), by, now, ADA)
        return await self.changed(run, lambda r: r.due_to_stop(deadline, at=now))

    async def tick(self) -> None:
        """One whole cycle."""
        await RunDue(store=self.store, clock=self.clock, work=self.work, together={})()
        await self.slack.drain()

    async def goes_on(self, **by: float) -> None:
        """Time passes with the bot up: it ticks whenever something falls due."""
        end = self.clock.at + timedelta(**by)
        while True:
            await self.tick()
            due = await self._next_due()
            if due is None or due > end:
                break
            self.clock.at = max(due, self.clock.at + timedelta(seconds=1))
        self.clock.at = end
        await self.tick()

    async def _next_due(self) -> datetime | None:
        asked = select(func.min(due.c.due_at)).where(due.c.done_at.is_(None))
        async with self.store.engine.connect() as connection:
            found: datetime | None = (await connection.execute(asked)).scalar()
        return found

    def asked(self, user: str, zone: str = "UTC") -> list[str]:
        """When somebody was told anew, by their clock."""
        return [s.by_the_clock_of(zone) for s in self.slack.said if s.place == user]
