"""Homes without a bot around them: a Slack that shows what was published, and says no when told."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.delivery import Block, DueKind, NotSent, Permanent, Unknown
from bot.domain.home import Overtaken, Shown
from bot.domain.ids import TeamId, UserId
from bot.domain.workspace import Actor
from bot.ports.home import Published
from bot.services.gpu.reading import ReadGpus
from bot.services.home import DrawHome, UseHome
from bot.services.home_reading import ReadHome
from bot.services.people import KnowPerson, Rights
from tests.services.watched import Watch
from tests.storage.given import ADA, TEAM

ADA_ACTS = Actor(TEAM, ADA, TEAM)


@dataclass
class Tabs:
    """What stands on people's Homes; `refusals` are said in turn before anything is taken."""

    shown: dict[UserId, Block] = field(default_factory=dict)
    hashes: dict[UserId, str] = field(default_factory=dict)
    refusals: list[NotSent | Permanent | Unknown] = field(default_factory=list)
    published: list[tuple[UserId, str | None]] = field(default_factory=list)
    lost: bool = False
    """The next view is taken, and the answer does not arrive."""

    async def publish(
        self, team: TeamId, user: UserId, view: Block, instead_of: str | None
    ) -> Published:
        if self.refusals:
            return self.refusals.pop(0)
        if instead_of is not None and instead_of != self.hashes.get(user):
            return Overtaken()
        self.published.append((user, instead_of))
        self.shown[user], self.hashes[user] = view, f"{len(self.published)}.h"
        if self.lost:
            self.lost = False
            return Unknown("TimeoutError")
        return Shown(self.hashes[user])

    def text(self, user: UserId = ADA) -> str:
        return json.dumps(self.shown[user]["blocks"], ensure_ascii=False)


class Homes:
    """A watch with people who look at their Homes."""

    def __init__(self, watch: Watch) -> None:
        self.watch, self.tabs = watch, Tabs()
        self._openings = 0
        store, clock = watch.store, watch.clock
        know = KnowPerson(store=store, directory=watch.book, clock=clock)
        rights = Rights(store=store, know=know)
        gpus = ReadGpus(store=store, clock=clock, rights=rights, fleets=())
        self.use = UseHome(store=store, clock=clock)
        self.draw = DrawHome(
            store=store,
            clock=clock,
            know=know,
            read=ReadHome(store=store, gpus=gpus),
            tabs=self.tabs,
        )
        watch.work[DueKind.DRAW_HOME] = self.draw

    async def opened(self, user: UserId = ADA, *, at_once: bool = True) -> None:
        """Somebody looks at their Home."""
        actor = Actor(TEAM, user, TEAM)
        self._openings += 1
        name = self.tabs.hashes.get(user)
        key = await self.use.opened(actor, name, f"event:{self._openings}")
        if at_once:
            await self.draw.by_key(key)

    async def passes(self, **by: float) -> None:
        """Time passes, and the bot ticks at its end."""
        self.watch.clock.at += timedelta(**by)
        await self.watch.tick()
