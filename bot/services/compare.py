"""An experiment's newest card on all five routes; nothing is saved or changed by looking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from bot.domain.ids import ChannelId, ExperimentId
from bot.domain.plans import Experiment
from bot.domain.workspace import Actor
from bot.ports import RouteEngine, Store
from bot.services.decisions import filled_in
from bot.services.plans import FindPlan
from bot.services.reading import Listing
from engine.contract import DecisionCard

PATIENCE = timedelta(seconds=2)
"""Somebody is looking at the place where the answer will be."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """An experiment, and its newest card decided for each route in the order of `Route`."""

    experiment: Experiment
    plans: Sequence[DecisionCard]


class ComparePlans:
    """Asks the engine what it would say on every route."""

    def __init__(self, *, find: FindPlan, store: Store, engine: RouteEngine, clock: Clock) -> None:
        self._find = find
        self._store = store
        self._engine = engine
        self._clock = clock

    async def __call__(self, actor: Actor, experiment: ExperimentId, lang: str) -> Comparison:
        """The comparison, for a full member; raises `NotMember`, `NotFound` and the engine's."""
        return await self._compared(await self._find(actor, experiment), lang)

    async def numbered(
        self, actor: Actor, number: int, channel: ChannelId | None, lang: str
    ) -> Comparison | Listing:
        """The same by the number people see; where there is none, what is open in `channel`."""
        x = await self._find.numbered(actor, number, channel)
        if isinstance(x, Listing):
            return x
        return await self._compared(x, lang)

    async def _compared(self, x: Experiment, lang: str) -> Comparison:
        """No transaction is open while the engine thinks."""
        async with self._store(read_only=True) as uow:
            card = await filled_in(uow, x, self._clock.now())
        return Comparison(x, await self._engine.compare(card, lang, within=PATIENCE))
