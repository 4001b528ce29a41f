"""One act of a person on a run: right, change, audit line and what Slack shows, in one transaction.

A click on a card of an earlier start changes nothing, and a click that Slack brings twice is one.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.cards.gpu_view import RunView
from bot.clock import Clock
from bot.domain.gpu import GpuRun, RunState
from bot.domain.ids import ChannelId, GpuId
from bot.domain.workspace import Act, Actor, Person
from bot.errors import AlreadyStopping, ChangedMeanwhile, NoSuchGpu, NotRunning, OldGeneration
from bot.ports import Store, UnitOfWork
from bot.services.gpu.noting import Noted, note_run
from bot.services.gpu.watch import KeepWatch
from bot.services.people import Rights

log = structlog.get_logger(__name__)

TRIES = 3
"""So often a run that others are changing is looked at again."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What somebody pressed: which run, the start of it that the card was drawn for, and where.

    `delivery` is the same for every copy of it.
    """

    actor: Actor
    gpu: GpuId
    generation: int
    delivery: str
    place: ChannelId | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a change may look at, inside its transaction."""

    uow: UnitOfWork
    run: GpuRun
    person: Person
    now: datetime

    @property
    def zone(self) -> str:
        """Whose hours count: those of who acts."""
        return self.person.zone or "UTC"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that can be done: its name in the audit, the right it needs, the change.

    `shown` is what the audit keeps of the run before and after; `note` the line of its thread.
    `stopping`: it can be done to what is being stopped, too; `ended`: to what is over, too.
    """

    action: str
    act: Act
    change: Callable[[Context], Awaitable[GpuRun]]
    shown: Callable[[GpuRun], str]
    note: Noted | None = None
    stopping: bool = False
    ended: bool = False


class TakeStep:
    """Take one step on behalf of a person."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights, keep: KeepWatch) -> None:
        self.rights = rights
        self._store = store
        self._clock = clock
        self._keep = keep

    async def __call__(self, pressed: Pressed, step: Step) -> RunView:
        """The run after the step; as it is where this very delivery was seen before.

        Raises what `found` raises, `AlreadyStopping` and `NotRunning` where the step needs a run
        that goes on, `ChangedMeanwhile`, and what the change itself raises.
        """
        found, person = await self.found(pressed, step.act)
        for _ in range(TRIES):
            after = await self._tried(pressed, step, person)
            if after is not None:
                return after
        raise ChangedMeanwhile(found.label)

    async def _tried(self, pressed: Pressed, step: Step, person: Person) -> RunView | None:
        """One transaction; None when somebody else wrote the run in the meantime."""
        now = self._clock.now()
        async with self._store() as uow:
            on = Context(uow, await _current(uow, pressed), person, now)
            if not await uow.inbound.first_time(pressed.delivery, now):
                return await self._as_it_is(on)
            kept = await self._taken(on, pressed.actor, step)
            if kept is None:
                return None
            result = await self._as_it_is(Context(uow, kept, person, now))
            await uow.commit()
        log.info(step.action, gpu=kept.id, generation=kept.generation)
        return result

    async def found(self, pressed: Pressed, act: Act) -> tuple[GpuRun, Person]:
        """The run, for somebody who may do this to it.

        Raises `NoSuchGpu`, what rights say, and `OldGeneration`.
        """
        async with self._store(read_only=True) as uow:
            run = await uow.gpus.by_id(pressed.actor.team, pressed.gpu)
        if run is None:
            raise NoSuchGpu
        person = await self.rights.require_gpu(pressed.actor, act, run, pressed.place)
        if run.generation != pressed.generation:
            raise OldGeneration(run.label)
        return run, person

    async def look(self, pressed: Pressed, act: Act, *, ended: bool) -> RunView:
        """The same before a form is opened for it."""
        run, person = await self.found(pressed, act)
        _may_change(run, stopping=ended, ended=ended)
        async with self._store(read_only=True) as uow:
            return await self._as_it_is(Context(uow, run, person, self._clock.now()))

    async def _taken(self, on: Context, actor: Actor, step: Step) -> GpuRun | None:
        _may_change(on.run, stopping=step.stopping or step.ended, ended=step.ended)
        after = await step.change(on)
        if after == on.run:
            return after
        kept = await self._keep.keep(on.uow, on.run, after, on.now)
        if kept is None:
            return None
        if step.note is not None:
            await note_run(self._keep, on.uow, kept, step.note, actor.user, on.now)
        before, then = step.shown(on.run), step.shown(kept)
        await on.uow.audit.add(
            actor, kept.team, step.action, kept.audited, on.now, before=before, after=then
        )
        return kept

    async def _as_it_is(self, on: Context) -> RunView:
        return await view_for(self._keep, on.uow, on.run, on.person, on.now)


async def view_for(
    keep: KeepWatch, uow: UnitOfWork, run: GpuRun, person: Person, now: datetime
) -> RunView:
    """A run as the one who acted on it is told of it."""
    seen = await keep.look(uow, run, now)
    view = await keep.view(uow, run, seen, person.zone or "UTC", now)
    return replace(view, reader=person.user)


async def _current(uow: UnitOfWork, pressed: Pressed) -> GpuRun:
    run = await uow.gpus.by_id(pressed.actor.team, pressed.gpu)
    if run is None:
        raise NoSuchGpu
    if run.generation != pressed.generation:
        raise OldGeneration(run.label)
    return run


def _may_change(run: GpuRun, *, stopping: bool, ended: bool) -> None:
    if not run.is_live and not (ended and run.merged_into is None):
        raise NotRunning(run.label)
    if run.state is RunState.STOPPING and not stopping:
        raise AlreadyStopping(run.label, run.stopping.by if run.stopping else None)


def stop_time(run: GpuRun) -> str:
    """When it is to be off, as the audit keeps it; "" for no time."""
    return run.deadline.at.isoformat(timespec="minutes") if run.deadline else ""
