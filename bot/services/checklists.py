"""Checklists for people to look at: of an experiment by its number, or the one that runs here."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.evidence import Evidence
from bot.domain.ids import ChannelId, ExperimentId
from bot.domain.plans import TAKES_EVIDENCE, Experiment, State
from bot.domain.workspace import ALL, Actor, Powers
from bot.errors import NothingOpen, WrongState
from bot.ports import Store
from bot.services.plans import FindPlan
from bot.services.reading import Listing, ListPlans
from bot.services.shows import card_subject

OVER = (State.ARCHIVED, State.DROPPED)
"""States in which an experiment takes nothing any more."""


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
        return x if isinstance(x, Listing) else await self._checked(actor, x)

    async def running(self, actor: Actor, channel: ChannelId | None) -> Checked | Listing:
        """The checklist of the only experiment that runs here; else the open ones."""
        await self._find.member(actor)
        found = await self._list_plans(actor, channel)
        running = [x for x in found.experiments if x.state is State.RUNNING]
        return await self._checked(actor, running[0]) if len(running) == 1 else found

    async def candidates(self, actor: Actor, channel: ChannelId | None) -> Sequence[Experiment]:
        """What something from this channel may be for: its experiments, then one's own.

        What runs comes first, what is decided last.
        """
        await self._find.member(actor)
        async with self._store(read_only=True) as uow:
            states = TAKES_EVIDENCE
            here = await uow.plans.in_channel(actor.team, channel, states) if channel else ()
            own = await uow.plans.of_owner(actor.team, actor.user, states)
        found = {x.id: x for x in (*here, *own)}
        return sorted(found.values(), key=_rank)

    async def meant(
        self, actor: Actor, channel: ChannelId | None, thread: str
    ) -> tuple[Checked, Sequence[Experiment]]:
        """What a message is for, and all that it may be for.

        It is its thread's experiment, else the channel's only running one, else one's newest.
        Raises `NothingOpen`, and `WrongState` in the thread of one that takes nothing any more.
        """
        others = await self.candidates(actor, channel)
        meant = await self._of_thread(actor, channel, thread, others) if channel else None
        if meant is None:
            meant = _likely([x for x in others if x.state is not State.DECIDED], actor, channel)
        return await self._checked(actor, meant), others

    async def _of_thread(
        self, actor: Actor, channel: ChannelId, thread: str, others: Sequence[Experiment]
    ) -> Experiment | None:
        async with self._store(read_only=True) as uow:
            over = await uow.plans.in_channel(actor.team, channel, OVER)
            by_card = {card_subject(x): x for x in (*others, *over)}
            card = await uow.outbox.shown_at(actor.team, [*by_card], channel, thread)
        found = by_card.get(card or "")
        if found is not None and found.state in OVER:
            raise WrongState(found.label, found.state.value)
        return found

    async def _checked(self, actor: Actor, x: Experiment) -> Checked:
        powers = await self._find.powers(actor, x)
        async with self._store(read_only=True) as uow:
            return Checked(x, await uow.evidence.of(x.id), powers)


def _rank(x: Experiment) -> tuple[bool, bool]:
    return x.state is not State.RUNNING, x.state is State.DECIDED


def _likely(found: Sequence[Experiment], actor: Actor, channel: ChannelId | None) -> Experiment:
    """The channel's only running experiment, else the newest of one's own, what runs first."""
    if not found:
        raise NothingOpen
    here = [x for x in found if x.channel == channel and x.state is State.RUNNING]
    own = [x for x in found if x.owner == actor.user]
    newest = max(own or found, key=lambda x: (x.state is State.RUNNING, x.id))
    return here[0] if len(here) == 1 else newest
