"""What digests are made of, read for many places of a workspace at once."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import TypeVar

from bot.domain.budgets import counts
from bot.domain.costs import Accrual, by_run
from bot.domain.digest_facts import (
    DecidedFacts,
    DigestFacts,
    EvidenceFacts,
    ExperimentFacts,
    ProvenStop,
    RunFacts,
    reach,
)
from bot.domain.digest_week import Span, Week
from bot.domain.ending import EndOp, OpState, op_key
from bot.domain.fleet import SKEW, Billing, Ending
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, ExperimentId, GpuId, TeamId, UserId
from bot.domain.shutdown import nobody_since
from bot.domain.watch import Account, Budget, BudgetScope, Watching, monthly
from bot.domain.workspace import Person
from bot.ports import UnitOfWork
from bot.services.gpu.attending import planless_since
from bot.services.gpu.seeing import seen_of

Of = TypeVar("Of")

PIECE = 200
"""Runs, experiments or stops that are asked for at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A digest of a place and a week; `due_at` and `late` where its time has come."""

    channel: ChannelId | None
    week: Week
    since: datetime | None = None
    due_at: datetime | None = None
    late: bool = False
    forced: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a workspace for some places: by place, as each asks for its own only."""

    runs: Mapping[ChannelId | None, Sequence[GpuRun]]
    accruals: Mapping[GpuId, Sequence[Accrual]]
    unattended: Mapping[GpuId, Sequence[Span]]
    ends: Mapping[GpuId, Sequence[EndOp]]
    overdue: Mapping[ExperimentId, int]
    called: Mapping[ChannelId | None, Mapping[ExperimentId, ExperimentFacts]]
    known: Mapping[UserId, Person]
    names: Mapping[UserId, str]
    budgets: Sequence[Budget]
    weeks: Mapping[Week, "_InWeek"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _InWeek:
    closed: Mapping[ExperimentId, int]
    decided: Sequence[DecidedFacts]


async def facts_of(
    uow: UnitOfWork, team: TeamId, wanted: Sequence[Wanted], now: datetime
) -> list[DigestFacts]:
    """The facts of each, in order; as many questions for ten places as for one.

    Either channels or the workspace as a whole. Weeks that begin at different instants, in
    different time zones, are asked for one by one.
    """
    named = [w.channel for w in wanted if w.channel is not None]
    places = named if len(named) == len(wanted) else None
    read = await _read(uow, team, places, wanted, now)
    return await asyncio.to_thread(lambda: [_facts(team, w, read, now) for w in wanted])


async def _read(
    uow: UnitOfWork,
    team: TeamId,
    places: Sequence[ChannelId] | None,
    wanted: Sequence[Wanted],
    now: datetime,
) -> _Read:
    start = min(reach(w.week, now).start for w in wanted)
    accruals = await asyncio.to_thread(by_run, await uow.weeks.accruals(team, places, start))
    runs = await runs_of(uow, team, accruals)
    weeks = {}
    for week in dict.fromkeys(w.week for w in wanted):
        within = Span(week.start, week.end)
        weeks[week] = _InWeek(
            await uow.weeks.closed(team, places, within),
            await uow.weeks.decided(team, places, within),
        )
    overdue = await uow.weeks.overdue(team, places)
    decided = [d for found in weeks.values() for d in found.decided]
    closed = chain.from_iterable(found.closed for found in weeks.values())
    experiments = {*closed, *overdue, *(d.experiment for d in decided)}
    experiments |= {r.experiment for r in runs if r.experiment is not None}
    people = {r.owner for r in runs if r.owner} | {d.by for d in decided if d.by}
    called = [
        (place, (experiment, facts))
        for some in _pieces(experiments)
        for experiment, (place, facts) in (await uow.weeks.called(team, some)).items()
    ]
    known = await uow.people.of(team, people)
    return _Read(
        runs=_by_place(places, ((r.channel, r) for r in sorted(runs, key=lambda r: r.id))),
        accruals=accruals,
        unattended=await _unattended(uow, team, runs, start, now),
        ends=await _ends(uow, accruals, min(w.week.start for w in wanted)),
        overdue=overdue,
        called={place: dict(theirs) for place, theirs in _by_place(places, called).items()},
        known=known,
        names={user: person.name for user, person in known.items()},
        budgets=await uow.watch.budgets(team),
        weeks=weeks,
    )


def _by_place(
    places: Sequence[ChannelId] | None, found: Iterable[tuple[ChannelId | None, Of]]
) -> Mapping[ChannelId | None, list[Of]]:
    """What belongs to each place; all of it to the workspace as a whole, which is `None`."""
    by: dict[ChannelId | None, list[Of]] = defaultdict(list)
    for place, one in found:
        by[place if places is not None else None].append(one)
    return by


async def runs_of(uow: UnitOfWork, team: TeamId, gpus: Iterable[GpuId]) -> list[GpuRun]:
    """Those of these runs that count here, however many."""
    found = [r for some in _pieces(gpus) for r in await uow.gpus.by_ids(team, some)]
    return [run for run in found if counts(run)]


def _pieces(of: Iterable[Of]) -> Iterator[list[Of]]:
    """A workspace has thousands: no question is longer than a store takes, none takes long."""
    some = iter(of)
    while piece := list(islice(some, PIECE)):
        yield piece


async def _unattended(
    uow: UnitOfWork, team: TeamId, runs: Sequence[GpuRun], start: datetime, now: datetime
) -> dict[GpuId, list[Span]]:
    """Those noted, and what nobody has noted yet: a promised time may just have passed."""
    found: dict[GpuId, list[Span]] = {}
    for some in _pieces(run.id for run in runs):
        noted = await uow.unattended.of(some, start)
        found |= {gpu: [Span(*ends) for ends in spans] for gpu, spans in noted.items()}
    watching, accounts = await uow.watch.settings(team), await uow.watch.accounts(team)
    for gpu, since in await asyncio.to_thread(_not_noted, runs, watching, accounts, now):
        found.setdefault(gpu, []).append(Span(since))
    return found


def _not_noted(
    runs: Sequence[GpuRun], watching: Watching, accounts: Sequence[Account], now: datetime
) -> list[tuple[GpuId, datetime]]:
    found = []
    for run in runs:
        if not run.is_live or planless_since(run) is not None:
            continue
        since = nobody_since(run, seen_of(run, watching, accounts, now).plan, now)
        if since is not None:
            found.append((run.id, since))
    return found


async def _ends(
    uow: UnitOfWork, accruals: Mapping[GpuId, Sequence[Accrual]], start: datetime
) -> dict[GpuId, list[EndOp]]:
    """What was ended through owroute since `start` and was seen to be off."""
    found: dict[GpuId, list[EndOp]] = defaultdict(list)
    for keys in _pieces(await asyncio.to_thread(_end_keys, accruals, start)):
        for op in await uow.ends.by_keys(keys):
            if op.state is OpState.PROVEN:
                found[op.gpu].append(op)
    return found


def _end_keys(accruals: Mapping[GpuId, Sequence[Accrual]], start: datetime) -> list[str]:
    over = {
        (gpu, a.generation)
        for gpu, mine in accruals.items()
        for a in mine
        if a.until is not None and a.until >= start
    }
    return [op_key(way, *one) for one in sorted(over) for way in (Ending.STOP, Ending.TERMINATE)]


def _facts(team: TeamId, wanted: Wanted, read: _Read, now: datetime) -> DigestFacts:
    here, week = wanted.channel, wanted.week
    called, within = read.called.get(here, {}), read.weeks[week]
    closed, overdue = within.closed, read.overdue
    scope = BudgetScope.WORKSPACE if here is None else BudgetScope.CHANNEL
    return DigestFacts(
        team=team,
        channel=here,
        week=week,
        now=now,
        runs=tuple(_run(run, read, week) for run in read.runs.get(here, ())),
        evidence=tuple(
            EvidenceFacts(x, closed.get(x, 0), overdue.get(x, 0))
            for x in sorted(x for x in called if x in closed or x in overdue)
        ),
        decided=tuple(d for d in within.decided if d.experiment in called),
        experiments=called,
        names=read.names,
        cap=monthly(read.budgets, scope, here or ""),
        since=wanted.since,
        late=wanted.late,
        due_at=wanted.due_at,
        forced=wanted.forced,
    )


def _run(run: GpuRun, read: _Read, week: Week) -> RunFacts:
    owner = read.known.get(run.owner) if run.owner else None
    accruals = read.accruals[run.id]
    return RunFacts(
        run=run,
        accruals=tuple(accruals),
        unattended=tuple(read.unattended.get(run.id, ())),
        stop=_stop(read.ends.get(run.id, ()), accruals, week),
        zone=(owner.zone if owner else None) or "",
    )


def _stop(ends: Iterable[EndOp], accruals: Sequence[Accrual], week: Week) -> ProvenStop | None:
    """The first of the week; it was off when its GPU time ended.

    What was off before anybody asked for it here was not stopped by that.
    """
    stops = []
    for op in ends:
        ran = [
            a for a in accruals if a.generation == op.generation and a.kind is not Billing.STORAGE
        ]
        over = [a.until for a in ran if a.until is not None]
        asked = bool(over) and op.asked_at <= max(over) + SKEW
        if asked and len(over) == len(ran) and week.start <= max(over) < week.end:
            stops.append(ProvenStop(max(over), op.why, op.by))
    return min(stops, key=lambda stop: stop.at, default=None)
