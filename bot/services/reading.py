"""What people look at: the prefill of a card, the list of a channel, the lesson's three runs."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.domain.evidence import Progress, missing
from bot.domain.ids import ChannelId, ExperimentId
from bot.domain.needs import Need, need_of
from bot.domain.plans import OPEN, Experiment, State
from bot.domain.workspace import Actor
from bot.errors import EngineUnavailable
from bot.ports import RouteEngine, Store, UnitOfWork
from engine.contract import (
    AvailableRoute,
    BudgetLevel,
    ConstraintCard,
    DecisionCard,
    Privacy,
)


@dataclass(frozen=True, slots=True)
class Prefill:
    """What a new constraint card starts from."""

    language: str = "en"
    defaults: Mapping[str, str] = field(default_factory=dict)
    last: ConstraintCard | None = None


class PrefillPlan:
    """The person's language and last card and the defaults, in one short read.

    The channel's own defaults win over the workspace's.
    """

    def __init__(self, *, store: Store, patience: float = 0.3) -> None:
        self._store = store
        self._patience = patience

    async def __call__(self, actor: Actor, channel: ChannelId | None) -> Prefill:
        """The prefill; an empty one when the database takes longer than 300 ms."""
        try:
            async with asyncio.timeout(self._patience), self._store(read_only=True) as uow:
                person = await uow.people.get(actor.team, actor.user)
                settings = await uow.channels.get(actor.team, channel) if channel else None
                above = (await uow.watch.settings(actor.team)).defaults
                last = await uow.plans.last_card(actor.team, actor.user)
        except TimeoutError:
            return Prefill()
        return Prefill(
            language=person.language if person else "en",
            defaults={**above, **(settings.defaults if settings else {})},
            last=last,
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """Experiments with how far their evidence is."""

    experiments: Sequence[Experiment]
    progress: Mapping[ExperimentId, Progress]


class ListPlans:
    """The open experiments a place shows: a channel's, or in a direct message one's own."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def __call__(self, actor: Actor, channel: ChannelId | None) -> Listing:
        """Newest first, at most fifty."""
        async with self._store(read_only=True) as uow:
            if channel is None or channel.startswith("D"):
                found = await uow.plans.of_owner(actor.team, actor.user, OPEN)
            else:
                found = await uow.plans.in_channel(actor.team, channel, OPEN)
            counts = await uow.evidence.progress([x.id for x in found])
        return Listing(found, counts)


LED = 10
"""So many experiments of others are told to who leads their channels."""


class ListNeeds:
    """What waits for one person: evidence, captures to accept, what is complete to be decided."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def __call__(self, actor: Actor) -> Sequence[Need]:
        """As owner, all items that nobody else is asked for; as who is asked, those items.

        As who leads a channel, what others were asked for in vain there.
        """
        async with self._store(read_only=True) as uow:
            own = await uow.plans.of_owner(actor.team, actor.user, (State.RUNNING, State.COMPLETE))
            asked = await uow.plans.assigned_to(actor.team, actor.user, (State.RUNNING,))
            found = {x.id: x for x in (*own, *asked)}
            lists = await uow.evidence.of_all(list(found))
            led = await self._led(uow, actor)
        needs = (need_of(x, lists[x.id], actor.user) for x in found.values())
        mine = [n for n in needs if n is not None]
        named = {n.experiment.id for n in mine}
        return [*mine, *(n for n in led if n.experiment.id not in named)]

    async def _led(self, uow: UnitOfWork, actor: Actor) -> Sequence[Need]:
        """What a reminder names this person for as lead."""
        places = await uow.channels.led_by(actor.team, actor.user)
        owing = (await uow.reminders.owing(actor.team, places)).values()
        owed = await uow.reminders.owed([x for of in owing for x in of if x.known.names_lead])
        late = [x.experiment for x in owed if actor.user not in x.asked()]
        found = [await uow.plans.by_id(actor.team, e) for e in late[:LED]]
        lists = await uow.evidence.of_all(late[:LED])
        return [Need(x, missing(lists[x.id]), leads=True) for x in found if x is not None]


@dataclass(frozen=True, slots=True)
class LessonRun:
    """One of the lesson's three runs: the card, the lesson's own JSON, and our decision."""

    card: ConstraintCard
    lesson: str
    decision: DecisionCard


LESSON_SECONDS = 2.0
"""Longer would outlive the acknowledgement the lesson is shown in."""


class RunLesson:
    """The lesson's three runs through both views of the engine."""

    def __init__(self, *, engine: RouteEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def __call__(self, lang: str) -> Sequence[LessonRun]:
        """Local CPU without an API, free Colab, rented GPU with an API: in that order."""
        return await asyncio.gather(*(self._run(card, lang) for card in lesson_cards()))

    async def _run(self, card: ConstraintCard, lang: str) -> LessonRun:
        card = card.model_copy(update={"as_of": self._clock.now().date()})
        try:
            async with asyncio.timeout(LESSON_SECONDS):
                decision, lesson = await asyncio.gather(
                    self._engine.decide(card, lang), self._engine.lesson(card)
                )
        except TimeoutError as error:
            raise EngineUnavailable("timeout") from error
        return LessonRun(card, lesson, decision)


def lesson_cards() -> tuple[ConstraintCard, ...]:
    """The lesson's default card and its two variations (AI Roads, lesson 13.5, MIT)."""
    base = ConstraintCard(
        task="course Q&A assistant",
        privacy=Privacy.private_docs,
        available_route=AvailableRoute.rented_gpu,
        needs_service_api=True,
        needs_fine_tuning=False,
        budget_level=BudgetLevel.small,
    )
    cpu = {"available_route": AvailableRoute.local_cpu, "needs_service_api": False}
    return (
        base.model_copy(update=cpu),
        base.model_copy(update={"available_route": AvailableRoute.free_colab}),
        base,
    )
