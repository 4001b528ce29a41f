"""A digest for whoever asks: its splits are worked out and drawn beside everything else."""

import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typing_extensions import override

from bot.cards.ids import DigestRef
from bot.cards.tables import Rung
from bot.clock import SystemClock
from bot.domain.delivery import Message
from bot.domain.digest import Digest, summary
from bot.domain.digest_facts import ExperimentFacts
from bot.domain.digest_when import DigestMode
from bot.domain.ids import ExperimentId, TeamId, UserId
from bot.domain.workspace import Actor
from handlers.answers import Answers
from handlers.digest import DigestHandlers
from handlers.inbound import Ask
from tests.cards.digesting import EXPERIMENTS, PLACE, busy

ASK = Ask(
    actor=Actor(TeamId("T1"), UserId("U1"), TeamId("T1")),
    delivery="click:1",
    channel=PLACE,
    value=DigestRef(w="2026-W47", c=PLACE).dump(),
)


class Noticing(dict[ExperimentId, ExperimentFacts]):
    """What experiments are called; it notes where that is asked, as every drawing does."""

    def __init__(self) -> None:
        super().__init__(EXPERIMENTS)
        self.threads: set[int] = set()

    @override
    def get(self, *args: Any) -> Any:
        self.threads.add(threading.get_ident())
        return super().get(*args)


class Bot:
    """Stands for use cases and answers: it has one digest, and notes what is shown."""

    def __init__(self) -> None:
        self.called = Noticing()
        self.digest = summary(replace(busy(), experiments=self.called))
        self.shown: list[object] = []
        self.behind: list[Callable[[], Awaitable[object]]] = []
        self.digests = self

    async def preview(self, *_: object) -> Digest:
        return self.digest

    async def of(self, *_: object) -> Digest:
        return self.digest

    async def status(self, *_: object) -> SimpleNamespace:
        return SimpleNamespace(mode=DigestMode.ON)

    async def ack(self) -> None:
        """Taken."""

    async def language(self, *_: object) -> str:
        return "en"

    async def tell_table(self, ask: Ask, _: object, draw: Callable[[Rung], Message]) -> None:
        assert ask is ASK
        self.shown += [draw(rung) for rung in Rung]

    async def open_or_say(self, *args: object) -> None:
        self.shown.append(args[2])

    def later(self, *args: Any) -> None:
        self.behind.append(args[-1])


@pytest.mark.parametrize("what", ["preview", "details"])
async def test_a_digest_is_drawn_beside_the_loop(what: str) -> None:
    """A workspace's splits take a second, in which nobody else would be answered."""
    bot = Bot()
    handlers = DigestHandlers(
        cases=cast("Any", bot), answers=cast("Answers", bot), clock=SystemClock()
    )
    pressed = {"preview": handlers.preview, "details": handlers.details}[what]
    await pressed(ASK, cast("Any", bot.ack), cast("Any", None))
    [told] = bot.behind
    await told()
    assert "OW-12" in str(bot.shown)
    assert bot.called.threads
    assert threading.get_ident() not in bot.called.threads
