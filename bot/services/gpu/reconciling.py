"""A listing becomes runs: adopted, changed, restarted, merged, gone.

What an incomplete listing shows is taken as far as it goes; only a complete one closes anything.
One machine is one run: an orchestrator's run on a machine that its provider lists is merged into
the provider's, which wins for state and price; the orchestrator knows name, user and plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.domain.fleet import Instance, Listing, Machine, PriceSource, joined_to
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import Claim
from bot.domain.ids import TeamId, UserId
from bot.domain.reconcile import (
    absent,
    adopted,
    orchestrated,
    orphaned,
    updated,
    worth_adopting,
)
from bot.domain.watch import with_prices
from bot.ports import Store, UnitOfWork
from bot.services.gpu.ending import EndGpu
from bot.services.gpu.registering import registered_twin
from bot.services.gpu.watch import KeepWatch

log = structlog.get_logger(__name__)

BATCH = 50
"""So many changes share a transaction: others get their turn between two of them."""

CARRIED = (
    "owner", "claim", "experiment", "channel", "disowned", "deadline", "keep", "snoozed_until",
    "guard_seen", "guard_failed", "console_url", "stop_command",
)  # fmt: skip
"""What another run of the same machine hands on where nothing is known here."""

Place = tuple[str, str]


def _key(machine: Machine) -> Place:
    return machine.provider.value, machine.instance_id


@dataclass(slots=True)
class Known:
    """The workspace's runs that are not over, by machine."""

    runs: dict[Place, GpuRun]
    below: dict[Place, GpuRun] = field(default_factory=dict)

    @classmethod
    def of(cls, runs: Iterable[GpuRun]) -> "Known":
        """By their own machine, and by the one below an orchestrator's run."""
        found = list(runs)
        return cls(
            {_key(r.machine): r for r in found},
            {_key(r.below): r for r in found if r.below is not None},
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A run before and after what a listing says; `before` None: it is new."""

    before: GpuRun | None
    after: GpuRun
    joined: Instance | None = None
    merges: GpuRun | None = None


class Reconcile:
    """Bring the runs of one scope in line with one listing. The same listing twice is once."""

    def __init__(self, *, store: Store, clock: Clock, keep: KeepWatch, end: EndGpu) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep
        self._end = end

    async def __call__(self, team: TeamId, listing: Listing, begun: datetime) -> int:
        """How many runs changed. A run that was changed since `begun` waits for the next listing.

        `begun` is when it was asked for: it may not yet show what has happened since.
        """
        async with self._store(read_only=True) as uow:
            known = Known.of(await uow.gpus.watched(team))
            prices = await uow.watch.prices(team)
        listing = replace(listing, instances=with_prices(listing.instances, prices))
        now = self._clock.now()
        found = [*self._seen(team, listing, known, now), *_missing(listing, known, now)]
        changes = [c for c in found if c.before is None or c.before.changed_at <= begun]
        kept = 0
        for first in range(0, len(changes), BATCH):
            async with self._store() as uow:
                for change in changes[first : first + BATCH]:
                    kept += await self._make(uow, change, begun, now)
                await uow.commit()
        if kept:
            log.info("fleet.reconciled", provider=listing.scope.provider.value, runs=kept)
        return kept

    def _seen(
        self, team: TeamId, listing: Listing, known: Known, now: datetime
    ) -> Iterable[Change]:
        for instance in listing.instances:
            run = known.runs.get(_key(instance.machine))
            host = _host(instance, known)
            if host is not None:
                after = orchestrated(host, instance, now)
                if after != host or run is not None:
                    yield Change(host, after, instance, merges=run)
                continue
            if run is None:
                if worth_adopting(instance):
                    yield Change(
                        None,
                        adopted(team, instance, now),
                        instance,
                        merges=known.below.get(_key(instance.machine)),
                    )
                continue
            after = updated(run, instance, now)
            if after != run:
                yield Change(run, after, instance)

    async def _make(self, uow: UnitOfWork, change: Change, begun: datetime, now: datetime) -> bool:
        before, after = await self._met_before(uow, change, now)
        if before is not None and after == before and change.merges is None:
            return False
        if before is not None and before.changed_at > begun:
            return False
        if change.joined is not None and (before is None or after.owner is None):
            after = await self._joined(uow, after, change.joined)
        if before is None and change.merges is None:
            change = replace(change, merges=await registered_twin(uow, after))
        other = await self._other(uow, change.merges)
        if other is not None:
            after = _merged(other, after)
            if before is not None and after.version == before.version:
                after = after.changed(now)
        kept = await self._keep.keep(uow, before, after, now)
        if kept is not None and other is not None:
            await self._absorb(uow, other, kept, now)
        return kept is not None

    async def _met_before(
        self, uow: UnitOfWork, change: Change, now: datetime
    ) -> tuple[GpuRun | None, GpuRun]:
        """A machine that is not watched just now may have been: it is the same run then."""
        seen = change.joined
        if change.before is not None or seen is None:
            return change.before, change.after
        known = await uow.gpus.by_machine(change.after.team, change.after.machine)
        return (known, updated(known, seen, now)) if known is not None else (None, change.after)

    async def _other(self, uow: UnitOfWork, known: GpuRun | None) -> GpuRun | None:
        """The other run of the same machine as it stands now; None where it has ended."""
        found = await uow.gpus.taken(known.team, known.id) if known is not None else None
        return found if found is not None and found.state is not RunState.ENDED else None

    async def _joined(self, uow: UnitOfWork, run: GpuRun, instance: Instance) -> GpuRun:
        """Whose it is: by the machine's name, label or tag `ow-12-ada`, else by a Slack id."""
        if run.disowned:
            return run
        found = joined_to((*instance.joined, instance.name or ""))
        x = await uow.plans.by_number(run.team, found[0]) if found else None
        if x is not None:
            return replace(run, experiment=x.id, channel=x.channel, owner=x.owner, claim=Claim.NAME)
        hint = instance.owner_hint
        person = await uow.people.get(run.team, UserId(hint)) if hint else None
        if person is not None and person.is_full_member:
            return replace(run, owner=person.user, claim=Claim.TAG)
        return run

    async def _absorb(self, uow: UnitOfWork, other: GpuRun, into: GpuRun, now: datetime) -> None:
        """The other run ends without a word; what it costs from here on is counted here alone.

        Somebody's order to end it goes on here.
        """
        ended = other.replanned(
            now, state=RunState.ENDED, ended_at=now, merged_into=into.id, proven=False
        )
        if await self._keep.keep(uow, other, ended, now) is None:
            return
        await uow.accruals.drop(other.id, into.started_at)
        await uow.guards.move(other.id, into.id, into.generation)
        order = other.stopping if other.is_live else None
        if order is not None and into.stopping is None and into.is_live:
            await self._end.go_on(uow, order, into, now)


def _merged(other: GpuRun, run: GpuRun) -> GpuRun:
    """What people decided about the other run of the same machine goes on here."""
    kept = {
        name: getattr(other, name)
        for name in CARRIED
        if getattr(run, name) in (None, False) and getattr(other, name) not in (None, False)
    }
    if other.price_source is PriceSource.OVERRIDE:
        kept |= {"price_per_hour": other.price_per_hour, "price_source": other.price_source}
    return replace(run, **kept) if kept else run


def _host(instance: Instance, known: Known) -> GpuRun | None:
    """The provider's own run of the machine below an orchestrator's."""
    at = instance.at_provider
    return known.runs.get(_key(at)) if at is not None else None


def _missing(listing: Listing, known: Known, now: datetime) -> Iterable[Change]:
    """Runs of this scope that a complete listing does not show."""
    if not listing.complete:
        return
    scope, listed = listing.scope, {_key(i.machine) for i in listing.instances}
    for run in known.runs.values():
        here = run.machine
        if run.orchestrator is not None and _is_of(run.orchestrator.machine, listing):
            if _key(run.orchestrator.machine) not in listed:
                yield Change(run, orphaned(run, now))
            continue
        if not _is_of(here, listing) or _key(here) in listed:
            continue
        if scope.region and scope.region != here.region:
            continue
        after = absent(run, now)
        if after != run:
            yield Change(run, after)


def _is_of(machine: Machine, listing: Listing) -> bool:
    scope = listing.scope
    return (machine.provider, machine.account) == (scope.provider, scope.account)
