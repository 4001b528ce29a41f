"""Checklists for people to look at: of an experiment by its number, or the one that runs here."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.evidence import Evidence
from bot.domain.ids import ChannelId, ExperimentId
from bot.domain.plans import OPEN, Experiment, State
from bot.domain.workspace import ALL, Actor, Powers
from bot.errors import NothingOpen
from bot.ports import Store
from bot.services.plans import FindPlan
from bot.services.reading import Listing, ListPlans
from bot.services.shows import card_subject


@dataclass(frozen=True, slots=True)
class Checked:
    """An experiment with its checklist, and what the person may do to it."""

    experiment: Experiment
    items: tuple[Evidence, ...]
    powers: Powers = ALL


class ReadEvidence:
    """Look at checklists. Who is no full member gets `NotMember`."""

    def __init__(self, *, store: Store, find: FindPlan, list_plans: ListPlans) -> None:
        self._store = store
        self._find = find
        self._list_plans = list_plans

    async def __call__(self, actor: Actor, experiment: ExperimentId) -> Checked:
        """The checklist behind a button; `NotFound`."""
        return await self._checked(actor, await self._find(actor, experiment))

    async def numbered(
        self, actor: Actor, number: int, channel: ChannelId | None
    ) -> Checked | Listing:
        """The checklist by the number people see; where none is shown here, the open ones."""
        x = await self._find.numbered(actor, number, channel)
        return await self._checked(actor, x) if x else await self._list_plans(actor, channel)

    async def running(self, actor: Actor, channel: ChannelId | None) -> Checked | Listing:
        """The checklist of the only experiment that runs here; else the open ones."""
        await self._find.member(actor)
        found = await self._list_plans(actor, channel)
        running = [x for x in found.experiments if x.state is State.RUNNING]
        return await self._checked(actor, running[0]) if len(running) == 1 else found

    async def candidates(self, actor: Actor, channel: ChannelId | None) -> Sequence[Experiment]:
        """What something from this channel may be for: its open experiments, then one's own.

        What runs comes first.
        """
        await self._find.member(actor)
        async with self._store(read_only=True) as uow:
            here = await uow.plans.in_channel(actor.team, channel, OPEN) if channel else ()
            own = await uow.plans.of_owner(actor.team, actor.user, OPEN)
        found = {x.id: x for x in (*here, *own)}
        return sorted(found.values(), key=lambda x: x.state is not State.RUNNING)

    async def meant(
        self, actor: Actor, channel: ChannelId | None, thread: str
    ) -> tuple[Checked, Sequence[Experiment]]:
        """What a message is for, and all that it may be for. Raises `NothingOpen`.

        It is its thread's experiment, else the channel's only running one, else one's newest.
        """
        others = await self.candidates(actor, channel)
        if not others:
            raise NothingOpen
        by_card = {card_subject(x): x for x in others}
        async with self._store(read_only=True) as uow:
            card = channel and await uow.outbox.shown_at(actor.team, [*by_card], channel, thread)
        here = [x for x in others if x.channel == channel and x.state is State.RUNNING]
        own = [x for x in others if x.owner == actor.user]
        newest = max(own or others, key=lambda x: (x.state is State.RUNNING, x.id))
        only = here[0] if len(here) == 1 else newest
        return await self._checked(actor, by_card[card] if card else only), others

    async def _checked(self, actor: Actor, x: Experiment) -> Checked:
        powers = await self._find.powers(actor, x)
        async with self._store(read_only=True) as uow:
            return Checked(x, await uow.evidence.of(x.id), powers)
