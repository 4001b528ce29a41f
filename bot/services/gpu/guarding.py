"""The guard on a machine: its token, the line that starts it, and what it says and is told."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.domain.delivery import ClaimedDue
from bot.domain.gpu import HEARTBEAT, GpuRun
from bot.domain.guard import Beat, heard
from bot.domain.ids import ExperimentId, GpuId
from bot.domain.moments import is_current
from bot.domain.plans import Experiment
from bot.domain.tokens import GUARD_EVERY, GuardToken
from bot.domain.workspace import Act, Actor
from bot.errors import ChangedMeanwhile, NoSuchGpu, NotRunning, OldGeneration, OwnerGone
from bot.errors_guard import BadGuard, GuardTooOften
from bot.ports import Store, UnitOfWork
from bot.services.capture import BYTES, digest
from bot.services.gpu.telling import TellRun
from bot.services.gpu.watch import KeepWatch
from bot.services.people import Rights
from bot.services.plans import FindPlan

log = structlog.get_logger(__name__)

TRIES = 3
"""So often a run that others are changing is looked at again."""


def guard_label(run: GpuRun, x: Experiment | None) -> str:
    """What a guard calls the run it guards: its experiment, where it has one."""
    return x.label if x is not None else f"GPU-{run.id}"


@dataclass(frozen=True, slots=True)
class GuardOffer:
    """What a person gets to run: with a token where it may ask for the time, else without.

    `run` is None where owroute sees no machine of the experiment yet.
    """

    label: str
    run: GpuRun | None
    x: Experiment | None
    zone: str
    now: datetime
    public_url: str | None
    token: str | None = None


class OfferGuard:
    """The line that starts a guard, with a new token that ends the run's one before."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        rights: Rights,
        find: FindPlan,
        random: Callable[[int], bytes],
        public_url: str | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._find = find
        self._random = random
        self._public_url = public_url

    async def __call__(
        self, actor: Actor, gpu: GpuId, generation: int, delivery: str
    ) -> GuardOffer | None:
        """For one run; None when this click was answered already.

        Raises `NoSuchGpu`, `OldGeneration`, `NotRunning`, and what `Rights.require_gpu` does.
        """
        async with self._store(read_only=True) as uow:
            run = await uow.gpus.by_id(actor.team, gpu)
        if run is None:
            raise NoSuchGpu
        person = await self._rights.require_gpu(actor, Act.STEER, run)
        if run.generation != generation:
            raise OldGeneration(run.label)
        if not run.is_live:
            raise NotRunning(run.label)
        return await self._offer(actor, run, person.zone or "UTC", delivery)

    async def of_plan(
        self, actor: Actor, experiment: ExperimentId, delivery: str
    ) -> GuardOffer | None:
        """For the newest machine of an experiment; without a token where none is seen yet."""
        x = await self._find(actor, experiment)
        person = await self._rights.require_member(actor)
        async with self._store(read_only=True) as uow:
            runs = [r for r in await uow.gpus.of_experiments([x.id]) if r.is_live]
        if not runs:
            zone, now = person.zone or "UTC", self._clock.now()
            return GuardOffer(x.label, None, x, zone, now, self._public_url)
        newest = max(runs, key=lambda run: run.started_at)
        return await self(actor, newest.id, newest.generation, delivery)

    async def revoke(self, actor: Actor, gpu: GpuId, delivery: str) -> GpuRun:
        """No guard of this run is heard any more. Raises as the offer does."""
        async with self._store(read_only=True) as uow:
            run = await uow.gpus.by_id(actor.team, gpu)
        if run is None:
            raise NoSuchGpu
        await self._rights.require_gpu(actor, Act.STEER, run)
        now = self._clock.now()
        async with self._store() as uow:
            if await uow.inbound.first_time(delivery, now):
                ended = str(await uow.guards.revoke(gpu, now))
                await uow.audit.add(
                    actor, run.team, "guard.token_revoked", run.audited, now, before=ended
                )
                await uow.commit()
        return run

    async def _offer(
        self, actor: Actor, run: GpuRun, zone: str, delivery: str
    ) -> GuardOffer | None:
        now, secret = self._clock.now(), None
        async with self._store() as uow:
            if not await uow.inbound.first_time(delivery, now):
                return None
            x = await uow.plans.by_id(run.team, run.experiment) if run.experiment else None
            if self._public_url is not None:
                secret = urlsafe_b64encode(self._random(BYTES)).rstrip(b"=").decode()
                await uow.guards.revoke(run.id, now)
                await uow.guards.add(
                    GuardToken(digest(secret), run.team, run.id, run.generation, actor.user, now)
                )
                await uow.audit.add(actor, run.team, "guard.token_issued", run.audited, now)
            await uow.commit()
        log.info("guard.offered", gpu=run.id, asks=secret is not None)
        return GuardOffer(guard_label(run, x), run, x, zone, now, self._public_url, secret)


@dataclass(frozen=True, slots=True)
class GuardDoor:
    """What a good token opens: one start of one run."""

    token: GuardToken


@dataclass(frozen=True, slots=True)
class GuardAnswer:
    """The time that holds, and ours beside it: the machine's clock may be wrong."""

    until: datetime
    now: datetime


class HearGuard:
    """Hear a guard and tell it the time that holds. `door` first, then the call."""

    def __init__(
        self, *, store: Store, clock: Clock, rights: Rights, keep: KeepWatch, tell: TellRun
    ) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._keep = keep
        self._tell = tell

    async def door(self, secret: str) -> GuardDoor:
        """What the token opens just now, once more used; `BadGuard` whatever is wrong with it.

        Whatever comes behind the door counts, also what is then refused; `GuardTooOften` within a
        minute of the last.
        """
        now = self._clock.now()
        async with self._store(read_only=True) as uow:
            token, _ = await _good(uow, digest(secret))
        try:
            await self._rights.require_owner(token.team, token.by)
        except OwnerGone:
            raise BadGuard from None  # whoever asked for it has left
        async with self._store() as uow:
            if not await uow.guards.use(token.sha256, now, GUARD_EVERY):
                raise GuardTooOften
            await uow.commit()
        return GuardDoor(token)

    async def __call__(self, door: GuardDoor, beat: Beat) -> GuardAnswer:
        """Note that it lives, and what holds for it. Raises `BadGuard`, also for another's."""
        for _ in range(TRIES):
            answer = await self._heard(door.token, beat)
            if answer is not None:
                return answer
        raise ChangedMeanwhile(beat.experiment)

    async def _heard(self, token: GuardToken, beat: Beat) -> GuardAnswer | None:
        """One transaction; None when somebody else wrote the run in the meantime."""
        now = self._clock.now()
        async with self._store() as uow:
            _, run = await _good(uow, token.sha256)
            x = await uow.plans.by_id(run.team, run.experiment) if run.experiment else None
            if beat.experiment not in (guard_label(run, x), guard_label(run, None)):
                raise BadGuard
            kept = await self._keep.keep(uow, run, heard(run, beat, now), now)
            if kept is None:
                return None
            await self._noted(uow, run, kept, now)
            await uow.commit()
        log.info("guard.heard", gpu=run.id, failed=beat.failed)
        return GuardAnswer(kept.deadline.at if kept.deadline else beat.until, now)

    async def _noted(self, uow: UnitOfWork, before: GpuRun, after: GpuRun, now: datetime) -> None:
        """What it changed is in the audit; that it cannot stop the machine is told."""
        if after.deadline != before.deadline and after.deadline is not None:
            was = before.deadline.at.isoformat() if before.deadline else ""
            told = after.deadline.at.isoformat()
            what = after.audited
            await uow.audit.add(
                None, after.team, "guard.stop_time", what, now, before=was, after=told
            )
        if after.guard_failed is not None and before.guard_failed is None:
            await uow.audit.add(None, after.team, "guard.failed", after.audited, now)
            await self._tell.guard_failed(uow, after, now)


class GuardFellSilent:
    """A guard was not heard of in time: from now on its stop time is only a promise."""

    def __init__(self, *, store: Store, clock: Clock, keep: KeepWatch) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep

    async def __call__(self, row: ClaimedDue) -> None:
        """Re-read: one that was heard since is waited for again."""
        now = self._clock.now()
        async with self._store() as uow:
            run = await uow.gpus.taken(row.due.team, row.due.gpu)
            ours = run is not None and run.is_live and is_current(run, row.due.key)
            if run is not None and ours and run.guard_seen is not None and run.is_guarded(now):
                await uow.due.defer(row, run.guard_seen + HEARTBEAT)
            elif not await uow.due.settle(row, now):
                return
            elif run is not None and ours:
                if await self._keep.keep(uow, run, run.replanned(now), now) is None:
                    return  # somebody else was first: the row comes back
                log.info("guard.silent", gpu=run.id)
            await uow.commit()


async def _good(uow: UnitOfWork, sha256: str) -> tuple[GuardToken, GpuRun]:
    """The token and the run it is for; `BadGuard` where it opens nothing."""
    token = await uow.guards.by_hash(sha256)
    if token is not None and not hmac.compare_digest(token.sha256, sha256):
        raise BadGuard
    run = await uow.gpus.by_id(token.team, token.gpu) if token is not None else None
    if token is None or run is None or not token.is_good(run):
        raise BadGuard
    if not await uow.workspaces.is_active(token.team):
        raise BadGuard
    return token, run
