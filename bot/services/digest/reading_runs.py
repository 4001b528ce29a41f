"""Runs with what they cost, as a digest needs them: some at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from bot.domain.budgets import counts
from bot.domain.costs import Accrual, by_run
from bot.domain.digest_facts import ProvenStop, RunFacts
from bot.domain.digest_week import Span, Week
from bot.domain.ending import EndOp, OpState, op_key
from bot.domain.fleet import SKEW, Billing, Ending
from bot.domain.gpu import GpuRun
from bot.domain.ids import GpuId, TeamId, UserId
from bot.domain.shutdown import forsaken_since
from bot.domain.watch import Account, Watching
from bot.domain.workspace import Person
from bot.ports import UnitOfWork
from bot.services.gpu.seeing import seen_of

Of = TypeVar("Of")

PIECE = 200
"""Runs, experiments or stops that are asked for at once."""


@dataclass(frozen=True, slots=True)
class Book:
    """What holds for all runs of a workspace."""

    team: TeamId
    watching: Watching
    accounts: Sequence[Account]

    @classmethod
    async def of(cls, uow: UnitOfWork, team: TeamId) -> "Book":
        """As it is written now."""
        return cls(team, await uow.watch.settings(team), await uow.watch.accounts(team))


@dataclass(frozen=True, slots=True)
class Runs:
    """Some runs by number, with what was read beside them."""

    runs: Sequence[GpuRun]
    accruals: Mapping[GpuId, Sequence[Accrual]]
    unattended: Mapping[GpuId, Sequence[Span]]
    ends: Mapping[GpuId, Sequence[EndOp]]
    owners: Mapping[UserId, Person]

    def facts(self, run: GpuRun, week: Week) -> RunFacts:
        """What a digest of the week says of one of them."""
        owner = self.owners.get(run.owner) if run.owner else None
        accruals = self.accruals[run.id]
        return RunFacts(
            run=run,
            accruals=tuple(accruals),
            unattended=tuple(self.unattended.get(run.id, ())),
            stop=_stop(self.ends.get(run.id, ()), accruals, week),
            zone=(owner.zone if owner else None) or "",
        )


async def read_runs(
    uow: UnitOfWork,
    book: Book,
    found: Sequence[Accrual],
    since: datetime,
    ends: datetime,
    now: datetime,
) -> Runs:
    """The runs of accruals since then; of their stops those since `ends`."""
    accruals = await asyncio.to_thread(by_run, found)
    runs = sorted(await runs_of(uow, book.team, accruals), key=lambda run: run.id)
    return Runs(
        runs=runs,
        accruals=accruals,
        unattended=await _unattended(uow, book, runs, since, now),
        ends=await _ends(uow, accruals, ends),
        owners=await uow.people.of(book.team, {run.owner for run in runs if run.owner}),
    )


async def runs_of(uow: UnitOfWork, team: TeamId, gpus: Iterable[GpuId]) -> list[GpuRun]:
    """Those of these runs that count here, however many."""
    found = [r for some in pieces(gpus) for r in await uow.gpus.by_ids(team, some)]
    return [run for run in found if counts(run)]


def pieces(of: Iterable[Of]) -> Iterator[list[Of]]:
    """A workspace has thousands: no question is longer than a store takes, none takes long."""
    some = iter(of)
    while piece := list(islice(some, PIECE)):
        yield piece


async def _unattended(
    uow: UnitOfWork, book: Book, runs: Sequence[GpuRun], start: datetime, now: datetime
) -> dict[GpuId, list[Span]]:
    """Those noted, and what nobody has noted yet: a promised time may just have passed."""
    found: dict[GpuId, list[Span]] = {}
    for some in pieces(run.id for run in runs):
        noted = await uow.unattended.of(some, start)
        found |= {gpu: [Span(*ends) for ends in spans] for gpu, spans in noted.items()}
    for gpu, since in await asyncio.to_thread(_not_noted, runs, book, now):
        found.setdefault(gpu, []).append(Span(since))
    return found


def _not_noted(runs: Sequence[GpuRun], book: Book, now: datetime) -> list[tuple[GpuId, datetime]]:
    found = []
    for run in runs:
        if not run.is_live or run.planless_since is not None:
            continue
        since = forsaken_since(run, seen_of(run, book.watching, book.accounts, now).plan, now)
        if since is not None:
            found.append((run.id, since))
    return found


async def _ends(
    uow: UnitOfWork, accruals: Mapping[GpuId, Sequence[Accrual]], start: datetime
) -> dict[GpuId, list[EndOp]]:
    """What was ended through owroute since `start` and was seen to be off."""
    found: dict[GpuId, list[EndOp]] = defaultdict(list)
    for keys in pieces(await asyncio.to_thread(_end_keys, accruals, start)):
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
