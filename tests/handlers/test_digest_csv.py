"""*CSV* on a digest: acknowledged before anything is read or written."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from bot.cards.ids import DigestRef
from bot.clock import SystemClock
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Actor
from bot.errors import NotLead
from handlers.answers import Answers
from handlers.digest import DigestHandlers
from handlers.inbound import Ask

HERE = ChannelId("C1")
ASK = Ask(
    actor=Actor(TeamId("T1"), UserId("U1"), TeamId("T1")),
    delivery="click:1",
    channel=HERE,
    value=DigestRef(w="2026-W48", c=HERE).dump(),
)


class Bot:
    """Stands for use cases and answers: it notes what is asked of it, in order."""

    def __init__(self, *, may: bool = True) -> None:
        self.may = may
        self.did: list[str] = []
        self.behind: list[Callable[[], Awaitable[object]]] = []
        self.digests = self.soon = self

    async def may_read(self, *_: object) -> None:
        self.did.append("rights")
        if not self.may:
            raise NotLead(led=True)

    async def csv(self, *_: object) -> None:
        self.did.append("file")

    async def ack(self) -> None:
        self.did.append("ack")

    def send(self) -> None:
        self.did.append("send")

    async def language(self, *_: object) -> str:
        return "en"

    async def tell(self, *_: object) -> None:
        self.did.append("told")

    def later(self, *args: Any) -> None:
        self.behind.append(args[-1])

    async def pressed(self) -> None:
        handlers = DigestHandlers(
            cases=cast("Any", self), answers=cast("Answers", self), clock=SystemClock()
        )
        await handlers.csv(ASK, cast("Any", self.ack), cast("Any", None))


async def test_the_file_is_made_behind_the_acknowledgement() -> None:
    bot = Bot()
    await bot.pressed()
    assert bot.did == ["rights", "ack"]
    [made] = bot.behind
    await made()
    assert bot.did == ["rights", "ack", "file", "send", "told"]


async def test_whoever_may_not_read_it_is_refused_at_once() -> None:
    bot = Bot(may=False)
    with pytest.raises(NotLead):
        await bot.pressed()
    assert bot.did == ["rights"]
    assert not bot.behind
