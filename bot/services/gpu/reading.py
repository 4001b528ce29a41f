"""GPU runs as somebody looks at them: the list of a place, and one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from bot.cards.gpu_view import RunView
from bot.cards.gpus_view import GpuListing, Line
from bot.clock import Clock
from bot.domain.alerts import next_morning
from bot.domain.costs import Accrual
from bot.domain.gpu import GpuRun
from bot.domain.gpu_list import Asked, totals
from bot.domain.ids import ChannelId, ExperimentId, GpuId, UserId
from bot.domain.troubles import shut_out, unlisted
from bot.domain.watch import Account
from bot.domain.workspace import Actor, Person
from bot.errors import NoSuchGpu
from bot.ports import Fleet, Store, UnitOfWork
from bot.services.gpu.limits import set_cap
from bot.services.gpu.seeing import seen_of, view_of
from bot.services.people import Rights

EVERY = Asked()
"""No words: all that belongs to the place."""


class ReadGpus:
    """Reads only; what is not shown to somebody is not there for them."""

    def __init__(
        self, *, store: Store, clock: Clock, rights: Rights, fleets: Sequence[Fleet]
    ) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._watched = tuple(dict.fromkeys(f.provider for f in fleets))

    async def __call__(
        self, actor: Actor, place: ChannelId | None, asked: Asked = EVERY
    ) -> GpuListing:
        """The list of a channel with one's own, or in a direct message one's own.

        With *all*: everything that is shown to somebody. Raises `NotMember`.
        """
        person = await self._rights.require_member(actor)
        now = self._clock.now()
        async with self._store(read_only=True) as uow:
            runs = await uow.gpus.watched(actor.team)
        powers = await self._rights.over_gpus(actor, runs, place)
        shown = [run for run in runs if run.id in powers]
        async with self._store(read_only=True) as uow:
            accounts = await uow.watch.accounts(actor.team)
            watching = await uow.watch.settings(actor.team)
            views = await self._views(uow, shown, accounts, person, now)
            names = await _owners(uow, shown)
        lines = [
            Line(view, powers[view.run.id])
            for view in views
            if asked.wants(view.run, _texts(view, names), actor.user, place)
        ]
        lines.sort(key=_dearest)
        zone = person.zone or "UTC"
        burning = [x for x in lines if x.run.is_live and not x.run.disowned]
        sums = [(x.run, x.view.plan, x.view.spent) for x in burning]
        return GpuListing(
            lines=lines,
            totals=totals(sums, now, next_morning(zone, now)),
            asked=asked,
            watched=self._watched,
            troubles=unlisted(accounts),
            closed=shut_out(accounts),
            names=names,
            hold=watching.hold,
            zone=zone,
            now=now,
        )

    async def one(self, actor: Actor, gpu: GpuId, place: ChannelId | None) -> Line:
        """One run; `NoSuchGpu` where it is not shown to them."""
        person = await self._rights.require_member(actor)
        async with self._store(read_only=True) as uow:
            run = await uow.gpus.by_id(actor.team, gpu)
        powers = await self._rights.over_gpus(actor, [run] if run else [], place)
        if run is None or gpu not in powers:
            raise NoSuchGpu
        now = self._clock.now()
        async with self._store(read_only=True) as uow:
            accounts = await uow.watch.accounts(actor.team)
            (view,) = await self._views(uow, [run], accounts, person, now)
            cap = await set_cap(uow, actor.team, run.experiment)
        return Line(replace(view, reader=actor.user, cap=cap), powers[gpu])

    async def _views(
        self,
        uow: UnitOfWork,
        runs: Sequence[GpuRun],
        accounts: Sequence[Account],
        person: Person,
        now: datetime,
    ) -> list[RunView]:
        """All of them with a few queries, however many there are."""
        watching = await uow.watch.settings(person.team)
        accruals = await uow.accruals.of([run.id for run in runs])
        costs: dict[GpuId, list[Accrual]] = {run.id: [] for run in runs}
        for accrual in accruals:
            costs[accrual.run].append(accrual)
        labels = await _labels(uow, runs)
        places = await uow.channels.of(person.team, [r.channel for r in runs if r.channel])
        zone, views = person.zone or "UTC", []
        for run in runs:
            seen = seen_of(run, watching, accounts, now)
            label = labels.get(run.experiment) if run.experiment else None
            here = places.get(run.channel) if run.channel else None
            views.append(view_of(run, seen, costs[run.id], label, zone, now, here))
        return views


async def _labels(uow: UnitOfWork, runs: Sequence[GpuRun]) -> Mapping[ExperimentId, str]:
    """OW-n of the experiments they belong to."""
    wanted = {run.experiment for run in runs if run.experiment is not None}
    found = await uow.plans.by_ids(runs[0].team, wanted) if wanted else {}
    return {x.id: x.label for x in found.values()}


async def _owners(uow: UnitOfWork, runs: Sequence[GpuRun]) -> Mapping[UserId, str]:
    """What those are called who own them."""
    wanted = {run.owner for run in runs if run.owner is not None}
    found = await uow.people.of(runs[0].team, wanted) if wanted else {}
    return {user: person.name for user, person in found.items()}


def _texts(view: RunView, names: Mapping[UserId, str]) -> tuple[str | None, ...]:
    """The words of a run that somebody may look for."""
    run = view.run
    who = run.machine
    owner = names.get(run.owner) if run.owner else None
    return (
        run.name, who.instance_id, who.provider.value, who.account, who.region, run.gpu,
        run.state.value, view.experiment, owner, run.owner,
    )  # fmt: skip


def _dearest(line: Line) -> tuple[bool, bool, Decimal, GpuId]:
    """What runs before what is stopped; an unknown price before a known one, it may be any."""
    run = line.run
    price = run.price_per_hour
    return not run.is_live, price is not None, -(price or Decimal(0)), run.id
