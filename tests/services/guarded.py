"""Machines with a guard on them, in a watch without a bot around it."""

import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from bot.domain.delivery import DueKind
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Deadline, DeadlineKind
from bot.domain.guard import Beat, parse_beat
from bot.domain.ids import UserId
from bot.domain.shutdown import ShutdownPlan
from bot.domain.watch import WatchRules
from bot.domain.workspace import Actor
from bot.services.gpu.ending import EndGpu, StopInTime
from bot.services.gpu.guarding import GuardAnswer, GuardFellSilent, HearGuard, OfferGuard
from bot.services.gpu.holding import HoldProviders, LookAgain
from bot.services.gpu.proposing import ProposeStop
from bot.services.people import KnowPerson, Rights
from bot.services.plans import FindPlan
from bot.services.reading import ListPlans
from storage.database import SqlStore
from storage.tables import audit
from tests.services.watched import Watch
from tests.storage.given import ADA, TEAM

URL = "https://owroute.example.org"


class Guarded(Watch):
    """With all that guards, default stops and hold need."""

    def __init__(
        self, store: SqlStore, rules: WatchRules | None = None, url: str | None = URL
    ) -> None:
        super().__init__(store, rules)
        know = KnowPerson(store=store, directory=self.book, clock=self.clock)
        rights = Rights(store=store, know=know)
        self.hear = HearGuard(
            store=store, clock=self.clock, rights=rights, keep=self.keep, tell=self.tell
        )
        listed = ListPlans(store=store)
        self.made = 0
        self.offer = OfferGuard(
            store=store, clock=self.clock, rights=rights, public_url=url, random=self._random,
            find=FindPlan(store=store, rights=rights, list_plans=listed),
        )  # fmt: skip
        self.hold = HoldProviders(store=store, clock=self.clock, rights=rights)
        end = EndGpu(store=store, clock=self.clock, rights=rights, keep=self.keep, tell=self.tell)
        own: dict[str, Any] = {"store": store, "clock": self.clock, "keep": self.keep}
        self.work |= {
            DueKind.GUARD_SILENT: GuardFellSilent(**own),
            DueKind.LOOK_AGAIN: LookAgain(**own),
            DueKind.STOP_TIME: StopInTime(**own, end=end, warn=self.warns),
            DueKind.PROPOSE_STOP: ProposeStop(
                store=store, clock=self.clock, tell=self.tell, readers=self.readers
            ),
        }

    def _random(self, count: int) -> bytes:
        self.made += 1
        return bytes([self.made]) * count

    def actor(self, user: str) -> Actor:
        return Actor(TEAM, UserId(user), TEAM)

    async def token(self, run: GpuRun, by: str = ADA) -> str:
        """A new token for a run's guard, as its card's menu gives it."""
        click = f"click:{run.id}:{self.made}"
        offer = await self.offer(self.actor(by), run.id, run.generation, click)
        assert offer is not None
        assert offer.token is not None
        return offer.token

    async def beats(self, secret: str, run: GpuRun, until: datetime, **said: Any) -> GuardAnswer:
        """The guard on its machine says that it lives."""
        door = await self.hear.door(secret)
        answer = await self.hear(door, self.beat(run, until, **said))
        await self.slack.drain()
        return answer

    def beat(self, run: GpuRun, until: datetime, **said: Any) -> Beat:
        plain = {"v": 1, "experiment": f"GPU-{run.id}", "until": until.isoformat(), "age": 0}
        body = json.dumps({**plain, "failed": False, **said}).encode()
        found = parse_beat(body, self.clock.now())
        assert isinstance(found, Beat), found
        return found

    async def lives(
        self, secret: str, run: GpuRun, until: datetime, *, hours: float, age: int = 0
    ) -> list[datetime]:
        """It asks every five minutes for a while; what it was told."""
        told = []
        for n in range(int(hours * 12)):
            told.append((await self.beats(secret, run, until, age=age + n * 300)).until)
            await self.goes_on(minutes=5)
        return told

    async def plan(self, run: GpuRun) -> ShutdownPlan:
        """What will end it, as things stand."""
        async with self.store(read_only=True) as uow:
            known = await uow.gpus.by_id(TEAM, run.id)
            assert known is not None
            return (await self.keep.look(uow, known, self.clock.now())).plan

    async def promised(self, run: GpuRun, at: datetime) -> GpuRun:
        """Ada sets a stop time in Slack."""
        now = self.clock.now()
        deadline = Deadline(at, DeadlineKind.PERSON, now, ADA)
        return await self.changed(run, lambda r: r.due_to_stop(deadline, at=now))

    async def stops_by_default(self, hour: time | None) -> None:
        """An admin sets the default stop, and all runs are looked at again."""
        async with self.store() as uow:
            known = await uow.watch.settings(TEAM)
            await uow.watch.put(replace(known, default_stop=hour))
            await uow.commit()

    async def audited(self) -> list[str]:
        """What the audit has, oldest first: actor, act, before, after."""
        async with self.store.engine.connect() as connection:
            rows = await connection.execute(select(audit).order_by(audit.c.id))
            return [f"{r.actor} {r.action} {r.before}>{r.after}" for r in rows]


def later(watch: Watch, **by: float) -> datetime:
    return watch.clock.now() + timedelta(**by)
