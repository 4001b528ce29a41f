"""Hold: owroute writes to no provider until an admin ends it. Pings go on, and every card says so.

One short transaction, also beside a running bot: the settings, the audit, the letters, and a row
that sees to it that all runs are looked at again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.cards.gpu_admin import hold_card
from bot.clock import Clock
from bot.domain.default_stop import is_default
from bot.domain.delivery import ClaimedDue, Due, DueKind
from bot.domain.fleet import Provider
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, ExperimentId, TeamId
from bot.domain.watch import Watching
from bot.domain.workspace import Actor
from bot.ports import Store, UnitOfWork
from bot.services.gpu.letters import post_letter, take_back
from bot.services.gpu.standing import user_at
from bot.services.gpu.watch import KeepWatch
from bot.services.people import Rights

log = structlog.get_logger(__name__)

LOOK_AT = "look_at"
"""What the keys of looks at one account begin with, and at one experiment's runs."""

OF = "experiment"
"""No provider is called that."""

MOST = 200
"""So many runs are looked at in one go: less than the lease of a row."""

MOMENT = timedelta(microseconds=1)


async def set_hold(
    uow: UnitOfWork, team: TeamId, actor: Actor | None, now: datetime, *, on: bool
) -> Watching:
    """Put owroute on hold, or end that, in the caller's transaction; nothing if it is so already.

    `actor` None: the operator, on the command line.
    """
    before = await uow.watch.taken(team)
    if before.hold == on:
        return before
    after = replace(before, hold=on, held_by=actor.user if actor else None, held_at=now)
    await uow.watch.put(after)
    action = "gpu.hold_on" if on else "gpu.hold_off"
    await uow.audit.add(actor, team, action, team, now, before=str(before.hold), after=str(on))
    await _told(uow, before, after, now)
    await look_again(uow, team, now)
    log.info("gpu.hold", on=on)
    return after


async def look_again(uow: UnitOfWork, team: TeamId, now: datetime) -> None:
    """What holds for the whole workspace has changed: every run is planned anew, soon."""
    key = f"look_again:{team}:{now.isoformat()}"
    await uow.due.add(Due(key=key, kind=DueKind.LOOK_AGAIN, team=team, due_at=now))


async def look_at(
    uow: UnitOfWork, team: TeamId, provider: Provider, account: str, now: datetime
) -> None:
    """What can be read or done at one account has changed: its runs are looked at anew, soon."""
    key = f"{LOOK_AT}:{provider.value}:{account}:{now.isoformat()}"
    await uow.due.add(Due(key=key, kind=DueKind.LOOK_AGAIN, team=team, due_at=now))


async def look_at_runs_of(
    uow: UnitOfWork, team: TeamId, experiment: ExperimentId, now: datetime
) -> None:
    """What is shown of one experiment's runs has changed: they are drawn anew, soon."""
    key = f"{LOOK_AT}:{OF}:{experiment}:{now.isoformat()}"
    await uow.due.add(Due(key=key, kind=DueKind.LOOK_AGAIN, team=team, due_at=now))


async def _told(uow: UnitOfWork, before: Watching, after: Watching, now: datetime) -> None:
    """Once, where all see it: the ops channel, else each admin. The letter before goes."""
    team = after.team
    admins = [ChannelId(user) for user in await uow.watch.admins(team)]
    for place in [after.ops] if after.ops is not None else admins:
        await take_back(uow, team, place, _letter(before, place), now)
        user = user_at(place)
        person = await uow.people.get(team, user) if user is not None else None
        lang = person.language if person else (await uow.channels.get(team, place)).language
        message = hold_card(after, lang or "en")
        await post_letter(uow, team, place, _letter(after, place), message, now)


def _letter(watching: Watching, place: ChannelId) -> str:
    stamp = int(watching.held_at.timestamp()) if watching.held_at else 0
    return f"hold:{watching.team}:{stamp}:{place}"


class HoldProviders:
    """*Hold* and *End hold*: an admin's."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights

    async def __call__(self, actor: Actor, delivery: str, *, on: bool) -> Watching:
        """How it stands afterwards. The same delivery again changes nothing. Raises `AdminOnly`."""
        await self._rights.require_admin(actor)
        now = self._clock.now()
        async with self._store() as uow:
            if not await uow.inbound.first_time(delivery, now):
                return await uow.watch.settings(actor.team)
            after = await set_hold(uow, actor.team, actor, now, on=on)
            await uow.commit()
        return after

    async def look(self, actor: Actor) -> Watching:
        """How it stands, for an admin. Raises `AdminOnly`."""
        await self._rights.require_admin(actor)
        async with self._store(read_only=True) as uow:
            return await uow.watch.settings(actor.team)


@dataclass(frozen=True, slots=True)
class Held:
    """How hold stands in one workspace, for the operator."""

    team: TeamId
    watching: Watching
    changed: bool = False


class HoldByOperator:
    """The same on the command line, for every workspace of this installation."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, *, on: bool) -> list[Held]:
        """How it stands afterwards, everywhere; one short transaction."""
        now, found = self._clock.now(), []
        async with self._store() as uow:
            for team in await uow.workspaces.active():
                before = await uow.watch.settings(team)
                after = await set_hold(uow, team, None, now, on=on)
                found.append(Held(team, after, before.hold != on))
            await uow.commit()
        return found

    async def look(self) -> list[Held]:
        """How it stands, everywhere."""
        async with self._store(read_only=True) as uow:
            teams = await uow.workspaces.active()
            return [Held(team, await uow.watch.settings(team)) for team in teams]


class LookAgain:
    """Every live run is planned anew after what holds for all has changed, each by itself.

    After a crash it goes on where it was: what was changed since then has been looked at.
    """

    def __init__(self, *, store: Store, clock: Clock, keep: KeepWatch) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep

    async def __call__(self, row: ClaimedDue) -> None:
        """So many at a time; the row is due again until none is left."""
        async with self._store(read_only=True) as uow:
            runs = [r for r in await uow.gpus.watched(row.due.team) if _is_old(r, row)]
        for run in runs[:MOST]:
            await self._again(run, row)
        async with self._store() as uow:
            if len(runs) > MOST:
                await uow.due.defer(row, row.due.due_at)
            else:
                await uow.due.settle(row, self._clock.now())
            await uow.commit()
        log.info("gpu.looked_again", runs=len(runs))

    async def _again(self, run: GpuRun, row: ClaimedDue) -> None:
        """Stamped later than the row, whatever the clock says: so it is looked at once."""
        now = max(self._clock.now(), row.due.due_at + MOMENT)
        async with self._store() as uow:
            known = await uow.gpus.taken(run.team, run.id)
            if known is not None and _is_old(known, row):
                whole = not row.due.key.startswith(LOOK_AT)
                after = _anew(known, now) if whole else known.changed(now)
                await self._keep.keep(uow, known, after, now)
                await uow.commit()


def _anew(run: GpuRun, now: datetime) -> GpuRun:
    """Planned anew where a stop time may be kept by somebody else now; else only drawn anew.

    A default stop comes and goes by itself. Nobody is asked once more because of it.
    """
    theirs = run.deadline is not None and not is_default(run.deadline)
    return run.replanned(now) if theirs and run.stopping is None else run.changed(now)


def _is_old(run: GpuRun, row: ClaimedDue) -> bool:
    """Whether it may still be planned as things were before the row, and belongs to it."""
    here = f"{LOOK_AT}:{run.machine.provider.value}:{run.machine.account}:"
    above = run.orchestrator.machine if run.orchestrator else run.machine
    there = f"{LOOK_AT}:{above.provider.value}:{above.account}:"
    theirs = f"{LOOK_AT}:{OF}:{run.experiment}:"
    ours = not row.due.key.startswith(LOOK_AT) or row.due.key.startswith((here, there, theirs))
    return ours and run.is_live and run.changed_at <= row.due.due_at
