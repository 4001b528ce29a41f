"""What people decide about a run: when it stops, whose it is, for how long it is quiet."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.cards.gpu_view import RunView
from bot.domain.fleet import MachineState, PriceSource, Problem, Read
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Claim, Deadline, DeadlineKind
from bot.domain.ids import ChannelId, UserId
from bot.domain.reconcile import updated, vanished
from bot.domain.steering import HOUR, Snooze, priced, snoozed_until, without_default_stop
from bot.domain.workspace import Act, Actor, may
from bot.errors_gpu import NoStopTime, ProviderSilent, StillListed, TakenMeanwhile
from bot.ports import Fleet
from bot.services.gpu.caps import require_under_cap
from bot.services.gpu.noting import Noted
from bot.services.gpu.standing import take_away
from bot.services.gpu.stepping import Context, Pressed, Step, TakeStep, stop_time

READ_SECONDS = 20.0


class SteerGpu:
    """One method per button; each raises what `TakeStep` does, and what it says itself."""

    def __init__(self, *, take: TakeStep, fleets: Sequence[Fleet]) -> None:
        self._take = take
        self._fleets = {(f.provider, f.account): f for f in fleets}

    async def look(self, pressed: Pressed, act: Act = Act.STEER, *, ended: bool = False) -> RunView:
        """The run, for somebody about to change it, told at once if they may not.

        `ended`: also one that is being stopped or over.
        """
        return await self._take.look(pressed, act, ended=ended)

    async def set_shutdown(self, pressed: Pressed, at: datetime) -> RunView:
        """*Set shutdown* and *Keep until*; `OverCap` for a time that costs too much."""

        async def change(on: Context) -> GpuRun:
            return await _stops(on, at)

        step = Step("gpu.shutdown_set", Act.STEER, change, stop_time, Noted.SHUTDOWN)
        return await self._take(pressed, step)

    async def extend(self, pressed: Pressed, shown: datetime) -> RunView:
        """*Extend 1 h*: after the stop time that was shown, or from now where that has passed.

        Where another one holds meanwhile nothing is changed: somebody was first, or it is the
        second click.
        """

        async def change(on: Context) -> GpuRun:
            if on.run.deadline is None:
                raise NoStopTime(on.run.label)
            if on.run.deadline.at != shown:
                return on.run
            return await _stops(on, max(shown, on.now) + HOUR)

        step = Step("gpu.extended", Act.STEER, change, stop_time, Noted.SHUTDOWN)
        return await self._take(pressed, step)

    async def snooze(self, pressed: Pressed, snooze: Snooze) -> RunView:
        """Quiet about it for a while."""

        async def change(on: Context) -> GpuRun:
            return on.run.snoozed(snoozed_until(snooze, on.zone, on.now), at=on.now)

        return await self._take(pressed, Step("gpu.snoozed", Act.STEER, change, _quiet))

    async def keep(self, pressed: Pressed) -> RunView:
        """*Keep*: no default stop for it."""

        async def change(on: Context) -> GpuRun:
            return without_default_stop(on.run, at=on.now)

        return await self._take(pressed, Step("gpu.kept", Act.STEER, change, stop_time))

    async def reassign(self, pressed: Pressed, owner: UserId) -> RunView:
        """In somebody else's hands, who is told. `OwnerGone` for whom it cannot be given to."""
        await self._take.rights.require_owner(pressed.actor.team, owner)

        async def change(on: Context) -> GpuRun:
            return await _handed(on, owner)

        step = Step("gpu.reassigned", Act.STEER, change, _whose, Noted.REASSIGNED, ended=True)
        return await self._take(pressed, step)

    async def take(self, pressed: Pressed) -> RunView:
        """*It's mine*: what has no owner. `TakenMeanwhile` where somebody was first."""
        me = pressed.actor.user

        async def change(on: Context) -> GpuRun:
            if on.run.owner is not None and on.run.owner != me:
                known = await on.uow.people.get(on.run.team, on.run.owner)
                raise TakenMeanwhile(on.run.label, known.name if known else None)
            return await _handed(on, me)

        step = Step("gpu.taken", Act.PLAN, change, _whose, Noted.REASSIGNED, ended=True)
        return await self._take(pressed, step)

    async def disown(self, pressed: Pressed) -> RunView:
        """*Not ours*: none of this workspace's business."""

        async def change(on: Context) -> GpuRun:
            return on.run if on.run.disowned else on.run.not_ours(at=on.now)

        return await self._take(pressed, Step("gpu.disowned", Act.LEAD, change, _whose, ended=True))

    async def set_price(self, pressed: Pressed, price: Decimal) -> RunView:
        """What it costs from now on: the word of leads and admins stands above the provider's."""

        async def change(on: Context) -> GpuRun:
            source = await _source(on, pressed.actor)
            return priced(on.run, price, source, at=on.now)

        return await self._take(pressed, Step("gpu.priced", Act.STEER, change, _costs, ended=True))

    async def already_stopped(self, pressed: Pressed) -> RunView:
        """*Already stopped*, checked with its provider; of what only people know, reported.

        Raises `StillListed` and `ProviderSilent`. The provider is asked with no transaction open.
        """
        run, _ = await self._take.found(pressed, Act.STEER)
        fleet = self._fleets.get((run.machine.provider, run.machine.account))
        read = await _asked(fleet, run) if fleet is not None else None

        async def change(on: Context) -> GpuRun:
            if read is None:
                return on.run.reported_stopped(at=on.now, by=pressed.actor.user)
            return _as_read(on, read)

        step = Step("gpu.reported_stopped", Act.STEER, change, _state, stopping=True)
        return await self._take(pressed, step)


async def _stops(on: Context, at: datetime) -> GpuRun:
    """With a stop time that a person set. A later one than before has to stay under the caps."""
    known = on.run.deadline
    if known is None or at > known.at:
        await require_under_cap(on.uow, on.run, at, on.now, on.zone)
    deadline = Deadline(at, DeadlineKind.PERSON, on.now, on.person.user)
    return on.run.due_to_stop(deadline, at=on.now)


async def _handed(on: Context, owner: UserId) -> GpuRun:
    """In other hands; what stands before who had it goes, so that one card has buttons."""
    run = on.run
    if run.owner == owner and not run.disowned:
        return run
    if run.owner is not None:
        for alert in await on.uow.alerts.standing(run.id):
            if alert.place == ChannelId(run.owner):
                await take_away(on.uow, alert, on.now)
    return run.owned_by(owner, Claim.PERSON, at=on.now)


async def _source(on: Context, actor: Actor) -> PriceSource:
    """An override of what the provider says is for leads and admins; others declare a price."""
    run = on.run
    lead = (await on.uow.channels.get(run.team, run.channel)).lead if run.channel else None
    leads = may(actor, on.person, Act.LEAD, owner=run.owner, lead=lead)
    return PriceSource.OVERRIDE if leads and not run.is_manual else PriceSource.DECLARED


async def _asked(fleet: Fleet, run: GpuRun) -> Read:
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await fleet.read(run.machine)
    except TimeoutError:
        return Read(problem=Problem.NETWORK)


def _as_read(on: Context, read: Read) -> GpuRun:
    """As its provider says, if that is off."""
    if read.problem is not None:
        raise ProviderSilent(on.run.label)
    found = read.instance
    if found is None or found.state is MachineState.GONE:
        return vanished(on.run, on.now, on.now)
    if found.state is not MachineState.STOPPED:
        raise StillListed(on.run.label, stopping=on.run.stopping is not None)
    return updated(on.run, found, on.now)


def _quiet(run: GpuRun) -> str:
    return run.snoozed_until.isoformat(timespec="minutes") if run.snoozed_until else ""


def _whose(run: GpuRun) -> str:
    return "not ours" if run.disowned else run.owner or ""


def _costs(run: GpuRun) -> str:
    return f"{run.price_per_hour} {run.price_source}" if run.price_per_hour is not None else ""


def _state(run: GpuRun) -> str:
    return run.state.value
