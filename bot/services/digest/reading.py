"""What digests are made of, read for many places of a workspace at once."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import TypeVar

from bot.domain.digest import Digest, summary
from bot.domain.digest_facts import (
    DecidedFacts,
    DigestFacts,
    EvidenceFacts,
    ExperimentFacts,
    RunFacts,
    reach,
)
from bot.domain.digest_sums import Sums, sums_of
from bot.domain.digest_week import Span, Week
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.watch import Budget, BudgetScope, monthly
from bot.domain.workspace import Person
from bot.ports import UnitOfWork
from bot.services.digest.reading_runs import Book, Runs, pieces, read_runs

Of = TypeVar("Of")


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
class _Around:
    """What was read of a workspace besides its runs; what is called how, by place."""

    called: Mapping[ChannelId | None, Mapping[ExperimentId, ExperimentFacts]]
    names: Mapping[UserId, str]
    overdue: Mapping[ExperimentId, int]
    weeks: Mapping[Week, "_InWeek"]
    budgets: Sequence[Budget]


@dataclass(frozen=True, slots=True)
class _InWeek:
    closed: Mapping[ExperimentId, int]
    decided: Sequence[DecidedFacts]


@dataclass(slots=True)
class _Named:
    """Whatever runs name: what an experiment is called is asked for afterwards."""

    experiments: set[ExperimentId] = field(default_factory=set)
    owners: dict[UserId, Person] = field(default_factory=dict)

    def by(self, read: Runs) -> "_Named":
        """And these."""
        self.experiments |= {r.experiment for r in read.runs if r.experiment is not None}
        self.owners |= read.owners
        return self


async def digests_of(
    uow: UnitOfWork, team: TeamId, wanted: Sequence[Wanted], now: datetime
) -> list[Digest]:
    """The digest of each, in order; as many questions for ten channels as for one.

    Weeks that begin at different instants, in different time zones, are asked for one by one.
    """
    named = [w.channel for w in wanted if w.channel is not None]
    if len(named) < len(wanted):
        return [
            (await _of_all(uow, team, w, now))
            if w.channel is None
            else (await _of_channels(uow, team, [w.channel], [w], now))[0]
            for w in wanted
        ]
    return await _of_channels(uow, team, named, wanted, now)


async def _of_channels(
    uow: UnitOfWork,
    team: TeamId,
    places: Sequence[ChannelId],
    wanted: Sequence[Wanted],
    now: datetime,
) -> list[Digest]:
    start = min(reach(w.week, now).start for w in wanted)
    found = await uow.weeks.accruals(team, places, start)
    ends = min(w.week.start for w in wanted)
    read = await read_runs(uow, await Book.of(uow, team), found, start, ends, now)
    around = await _around(uow, team, places, [w.week for w in wanted], _Named().by(read))
    theirs = _by_place(places, ((run.channel, run) for run in read.runs))

    def summed(w: Wanted) -> Digest:
        runs = tuple(read.facts(run, w.week) for run in theirs.get(w.channel, ()))
        return summary(_facts(team, w, around, runs, now))

    return await asyncio.to_thread(lambda: [summed(w) for w in wanted])


async def _of_all(uow: UnitOfWork, team: TeamId, w: Wanted, now: datetime) -> Digest:
    """The workspace's: of its accruals no more than a piece is held at once.

    Its cells hold each run of the week, and go on doing so.
    """
    book, start = await Book.of(uow, team), reach(w.week, now).start
    sums, named = Sums(), _Named()
    for some in pieces(await uow.weeks.gpus(team, start)):
        found = await uow.weeks.accruals_of(some, start)
        read = await read_runs(uow, book, found, start, w.week.start, now)
        sums += await asyncio.to_thread(_sums, read, w, now)
        named.by(read)
    around = await _around(uow, team, None, [w.week], named)
    facts = _facts(team, w, around, (), now)
    return await asyncio.to_thread(summary, facts, sums)


def _sums(read: Runs, w: Wanted, now: datetime) -> Sums:
    return sums_of(w.week, now, w.since, (read.facts(run, w.week) for run in read.runs))


async def _around(
    uow: UnitOfWork,
    team: TeamId,
    places: Sequence[ChannelId] | None,
    of: Iterable[Week],
    named: _Named,
) -> _Around:
    weeks = {}
    for week in dict.fromkeys(of):
        within = Span(week.start, week.end)
        weeks[week] = _InWeek(
            await uow.weeks.closed(team, places, within),
            await uow.weeks.decided(team, places, within),
        )
    overdue = await uow.weeks.overdue(team, places)
    decided = [d for found in weeks.values() for d in found.decided]
    closed = chain.from_iterable(found.closed for found in weeks.values())
    experiments = {*named.experiments, *closed, *overdue, *(d.experiment for d in decided)}
    called = [
        (place, (experiment, facts))
        for some in pieces(experiments)
        for experiment, (place, facts) in (await uow.weeks.called(team, some)).items()
    ]
    others = {d.by for d in decided if d.by} - named.owners.keys()
    people = named.owners | await uow.people.of(team, others)
    return _Around(
        called={place: dict(theirs) for place, theirs in _by_place(places, called).items()},
        names={user: person.name for user, person in people.items()},
        overdue=overdue,
        weeks=weeks,
        budgets=await uow.watch.budgets_of(team, _scope(places is None), places or [""]),
    )


def _by_place(
    places: Sequence[ChannelId] | None, found: Iterable[tuple[ChannelId | None, Of]]
) -> Mapping[ChannelId | None, list[Of]]:
    """What belongs to each place; all of it to the workspace as a whole, which is `None`."""
    by: dict[ChannelId | None, list[Of]] = defaultdict(list)
    for place, one in found:
        by[place if places is not None else None].append(one)
    return by


def _facts(
    team: TeamId, wanted: Wanted, around: _Around, runs: tuple[RunFacts, ...], now: datetime
) -> DigestFacts:
    here, week = wanted.channel, wanted.week
    called, within = around.called.get(here, {}), around.weeks[week]
    closed, overdue = within.closed, around.overdue
    return DigestFacts(
        team=team,
        channel=here,
        week=week,
        now=now,
        runs=runs,
        evidence=tuple(
            EvidenceFacts(x, closed.get(x, 0), overdue.get(x, 0))
            for x in sorted(x for x in called if x in closed or x in overdue)
        ),
        decided=tuple(d for d in within.decided if d.experiment in called),
        experiments=called,
        names=around.names,
        cap=monthly(around.budgets, _scope(here is None), here or ""),
        since=wanted.since,
        late=wanted.late,
        due_at=wanted.due_at,
        forced=wanted.forced,
    )


def _scope(whole: bool) -> BudgetScope:
    return BudgetScope.WORKSPACE if whole else BudgetScope.CHANNEL
