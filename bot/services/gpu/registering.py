"""GPUs that people enter by hand: `/owroute gpu add`, and *GPU started* on a decision card."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.cards.gpu_view import RunView
from bot.clock import Clock
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Deadline
from bot.domain.ids import ChannelId, ExperimentId, TeamId
from bot.domain.plans import Experiment, State
from bot.domain.registering import (
    Entry,
    Registration,
    are_twins,
    claimed,
    is_meant,
    is_named,
    is_watched,
    registered,
)
from bot.domain.workspace import Act, Actor, Person
from bot.errors import ChangedMeanwhile, NoSuchGpu, NotRunning, WrongState
from bot.errors_gpu import NameInUse, NotYourGpu
from bot.ports import Store, UnitOfWork
from bot.services.decisions import machine_name
from bot.services.gpu.noting import Noted, note_run
from bot.services.gpu.stepping import stop_time, view_for
from bot.services.gpu.watch import KeepWatch
from bot.services.lifecycle import SteerPlan
from bot.services.people import Rights
from bot.services.plans import FindPlan

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Starting:
    """An experiment before somebody who says that its GPU runs, and what to begin the form with."""

    x: Experiment
    name: str
    now: datetime
    run: GpuRun | None = None
    """The machine itself, where its provider lists it already and it may be claimed."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A machine that is watched from now on, and what of it may be a slip of the pen.

    `unlisted`: its provider is watched and does not list it. `missing`: the number in its name,
    which no experiment has. `instead`: the stop time that another one has just replaced.
    """

    view: RunView
    unlisted: bool = False
    missing: int | None = None
    instead: Deadline | None = None


class RegisterGpu:
    """Keep a machine that somebody tells of. The same submission twice is one machine.

    One that a provider lists already under that name or id is claimed instead of entered again.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        find: FindPlan,
        rights: Rights,
        keep: KeepWatch,
        steer: SteerPlan,
    ) -> None:
        self._store = store
        self._find = find
        self._clock = clock
        self._rights = rights
        self._keep = keep
        self._steer = steer

    async def __call__(
        self, actor: Actor, said: Registration, place: ChannelId | None, request: str
    ) -> Registered:
        """`/owroute gpu add`. `request` is the submission's own key.

        Raises `NotMember`, `OwnerGone`, and `NameInUse` for a name that is taken.
        """
        person = await self._rights.require_member(actor)
        await self._rights.require_owner(actor.team, said.owner)
        claims = await self._claimable(actor, said, place)
        now = self._clock.now()
        async with self._store() as uow:
            x = await uow.plans.by_number(actor.team, said.number) if said.number else None
            entry = Entry(actor.team, actor.user, now, request, x, place)
            instead = None
            if await uow.inbound.first_time(request, now):
                instead = await self._enter(uow, actor, said, entry, claims)
            result = await self._kept(uow, said, entry, person)
            await uow.commit()
        return replace(result, instead=instead)

    async def starting(self, actor: Actor, experiment: ExperimentId, seen: int) -> Starting:
        """An experiment about to be started, with the name its machine should have.

        Raises `NotFound`, `NotAllowed`, `ChangedMeanwhile`, and `WrongState` once it is started.
        """
        x = await self._find.to_steer(actor, experiment, seen)
        if x.state is not State.PLANNED:
            raise WrongState(x.label, x.state.value)
        asked = x.decision.inputs.card.machine_name if x.decision else None
        offered = x.decision.offer.provider if x.decision and x.decision.offer else ""
        async with self._store(read_only=True) as uow:
            owner = await uow.people.get(x.team, x.owner)
            name = asked or machine_name(x, owner.name if owner else "")
            run = await _called(uow, x.team, offered, name)
        mine = run is not None and not run.is_manual and run.owner in (None, x.owner)
        return Starting(x, name, self._clock.now(), run if mine else None)

    async def started(
        self, actor: Actor, experiment: ExperimentId, seen: int, said: Registration, request: str
    ) -> Registered:
        """*GPU started*: the experiment runs and its machine is watched, in one transaction.

        `seen` is the revision that the form was opened for. Also raises `WrongState`.
        """
        x = await self._find.to_steer(actor, experiment, seen)
        person = await self._rights.require_member(actor)
        said = replace(said, owner=x.owner)
        claims = await self._claimable(actor, said, x.channel)
        now = self._clock.now()
        async with self._store() as uow:
            entry, instead = Entry(actor.team, actor.user, now, request, x), None
            if await uow.inbound.first_time(request, now):
                entry = replace(entry, x=await self._steer.begin(uow, actor, x, now))
                instead = await self._enter(uow, actor, said, entry, claims)
            result = await self._kept(uow, said, entry, person)
            await uow.commit()
        return replace(result, instead=instead)

    async def _enter(
        self,
        uow: UnitOfWork,
        actor: Actor,
        said: Registration,
        entry: Entry,
        claims: GpuRun | None,
    ) -> Deadline | None:
        """A new run, or what was said about the one that is listed under its name.

        Returns the stop time that was replaced, if one was.
        """
        known = await _called(uow, entry.team, said.provider, said.name)
        if known is not None and not (claims and _is_as_seen(known, claims)):
            raise NameInUse(said.name)
        after = registered(said, entry) if known is None else claimed(known, said, entry)
        kept = await self._keep.keep(uow, known, after, entry.at)
        if kept is None:
            raise ChangedMeanwhile(said.name)
        await note_run(self._keep, uow, kept, Noted.REGISTERED, actor.user, entry.at)
        await uow.audit.add(
            actor, kept.team, "gpu.registered", kept.audited, entry.at, after=kept.label
        )
        log.info("gpu.registered", gpu=kept.id, claimed=known is not None)
        if known is None or known.deadline is None or known.deadline == kept.deadline:
            return None
        old, new = stop_time(known), stop_time(kept)
        await uow.audit.add(
            actor, kept.team, "gpu.shutdown_set", kept.audited, entry.at, before=old, after=new
        )
        return known.deadline

    async def _claimable(
        self, actor: Actor, said: Registration, place: ChannelId | None
    ) -> GpuRun | None:
        """The run that a provider lists under this name, where it may be theirs.

        Raises `NameInUse` for one that is somebody else's; what the form says of it proves nothing.
        """
        async with self._store(read_only=True) as uow:
            known = await _called(uow, actor.team, said.provider, said.name)
        if known is None or known.is_manual:
            return None
        mine = actor.user
        if known.owner == mine or (known.owner is None and said.owner == mine):
            return known
        try:
            await self._rights.require_gpu(actor, Act.STEER, known, place)
        except (NotYourGpu, NoSuchGpu):
            raise NameInUse(said.name) from None
        return known

    async def _kept(
        self, uow: UnitOfWork, said: Registration, entry: Entry, person: Person
    ) -> Registered:
        run = await _called(uow, entry.team, said.provider, said.name)
        if run is None:  # seen before, and over since
            raise NotRunning(said.name)
        accounts = await uow.watch.accounts(entry.team)
        return Registered(
            await view_for(self._keep, uow, run, person, entry.at),
            unlisted=run.is_manual and is_watched(said, accounts),
            missing=said.number if entry.x is None else None,
        )


async def registered_twin(uow: UnitOfWork, listed: GpuRun) -> GpuRun | None:
    """The run that somebody entered by hand for the very machine that a provider lists now."""
    entered = await uow.gpus.entered(listed.team)
    return next((run for run in entered if are_twins(listed, run)), None)


async def _called(uow: UnitOfWork, team: TeamId, provider: str, name: str) -> GpuRun | None:
    """The live run that somebody means, one that its provider lists before others."""
    found = [run for run in await uow.gpus.watched(team) if _may_be(run, provider, name)]
    return min(found, key=lambda run: run.is_manual, default=None)


def _may_be(run: GpuRun, provider: str, name: str) -> bool:
    return is_named(run, name) if run.is_manual else is_meant(run, provider, name)


def _is_as_seen(run: GpuRun, before: GpuRun) -> bool:
    """Whether it is still whose it was when the right to claim it was looked at."""
    return (run.id, run.owner, run.generation) == (before.id, before.owner, before.generation)
