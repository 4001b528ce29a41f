"""What stands on a Home in money: today, this month beside its budget, and an hour of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from bot.cards.gpus_view import GpuListing, Line
from bot.cards.home_view import Burn, Overview
from bot.domain.alerts import next_morning
from bot.domain.budgets import ALL_TIME, Period, counts, month_of, spent_by
from bot.domain.costs import NOTHING, Accrual, Spent, by_run
from bot.domain.gpu import GpuRun
from bot.domain.gpu_list import burns, totals
from bot.domain.home import PLACES
from bot.domain.ids import ChannelId, GpuId, TeamId
from bot.domain.schedule import local_to_utc, zone_of
from bot.domain.watch import Budget, BudgetScope, monthly
from bot.domain.workspace import Actor, Person
from bot.ports import UnitOfWork
from bot.services.digest.asking import lost_turn
from bot.services.digest.reading_runs import runs_of

Accrued = Mapping[GpuId, Sequence[Accrual]]


@dataclass(frozen=True, slots=True)
class HomeCosts:
    """The sums of one Home; `today` is of each of their own runs."""

    today: Mapping[GpuId, Spent]
    mine: Burn
    overviews: Sequence[Overview]

    def today_of(self, gpu: GpuId) -> Spent:
        """What a run of theirs has cost since midnight."""
        return self.today.get(gpu, NOTHING)


@dataclass(frozen=True, slots=True)
class _Book:
    """Runs and intervals that sums are made of, and the day of the reader."""

    runs: Sequence[GpuRun]
    accruals: Accrued
    day: Period
    now: datetime


@dataclass(frozen=True, slots=True)
class _Notes:
    """What else an overview tells, of all places."""

    budgets: Sequence[Budget]
    late: Mapping[ChannelId, int]
    lost: Mapping[ChannelId | None, str | None]


class SumHome:
    """Sums over accrual intervals: since midnight where the reader is, and of calendar months.

    A workspace may have tens of thousands: they are read in pieces and summed beside the loop, and
    for who answers for no place only their own are read.
    """

    async def __call__(
        self,
        uow: UnitOfWork,
        mine: Sequence[Line],
        found: GpuListing,
        led: Sequence[ChannelId],
        person: Person,
    ) -> HomeCosts:
        """All sums, of one read of the intervals."""
        day, now = day_of(found.now, found.zone), found.now
        months = await _months(uow, person, led[:PLACES], now)
        first = min((day.start, *(month.start for month in months.values())))
        team = person.team
        read = (
            await uow.weeks.accruals(team, None, first)
            if months
            else await uow.accruals.of_owner(team, person.user, first)
        )
        accruals = await asyncio.to_thread(by_run, read)
        book = _Book(await _runs(uow, team, found, accruals), accruals, day, now)
        notes = await _notes(uow, person, list(months))

        def summed() -> HomeCosts:
            own = [run for run in book.runs if run.owner == person.user]
            return HomeCosts(
                today={run.id: spent_by([run], accruals, day, now) for run in own},
                mine=_burn(mine, own, book),
                overviews=[_overview(x, month, found, notes, book) for x, month in months.items()],
            )

        return await asyncio.to_thread(summed)


def day_of(now: datetime, zone: str) -> Period:
    """The day that it is there."""
    today = now.astimezone(zone_of(zone)).date()
    return Period(f"{today:%Y-%m-%d}", local_to_utc(today, time(), zone))


def whole(runs: Sequence[GpuRun], accruals: Accrued, now: datetime) -> Spent:
    """What some runs have cost in all."""
    return spent_by([run for run in runs if counts(run)], accruals, ALL_TIME, now)


def live_price(run: GpuRun) -> Decimal:
    """What a run costs per hour as it burns now, as far as is known."""
    return (run.price_per_hour or Decimal(0)) if burns(run) else Decimal(0)


async def _months(
    uow: UnitOfWork, person: Person, led: Sequence[ChannelId], now: datetime
) -> dict[ChannelId | None, Period]:
    """By the calendars that the budgets have; None is the workspace, for an admin."""
    ops = (await uow.watch.settings(person.team)).ops if person.administers else None
    channels = await uow.channels.of(person.team, [*led, *([ops] if ops else [])])
    whole_: dict[ChannelId | None, Period] = {}
    if person.administers:
        whole_[None] = month_of(now, channels[ops].tz if ops else "UTC")
    return whole_ | {place: month_of(now, channels[place].tz) for place in led}


async def _runs(
    uow: UnitOfWork, team: TeamId, found: GpuListing, accruals: Accrued
) -> list[GpuRun]:
    """The runs that are shown, and those that are over and have cost something."""
    shown = [line.run for line in found.lines]
    known = {run.id for run in shown}
    over = [
        gpu
        for gpu, of in accruals.items()
        if gpu not in known and all(a.until is not None for a in of)
    ]
    return [run for run in shown if counts(run)] + await runs_of(uow, team, over)


async def _notes(uow: UnitOfWork, person: Person, places: Sequence[ChannelId | None]) -> _Notes:
    if not places:
        return _Notes((), {}, {})
    team = person.team
    budgets, late = await uow.watch.budgets(team), await uow.homes.late(team)
    return _Notes(budgets, late, await _lost(uow, person, places))


async def _lost(
    uow: UnitOfWork, person: Person, places: Sequence[ChannelId | None]
) -> dict[ChannelId | None, str | None]:
    """The turns of last digests of which nobody can say whether they arrived."""
    known = await uow.digests.of(person.team, places)
    reader = Actor(person.team, person.user, person.team)
    return {p: await lost_turn(uow, reader, p, found.posted_week) for p, found in known.items()}


def _overview(
    place: ChannelId | None,
    month: Period,
    found: GpuListing,
    notes: _Notes,
    book: _Book,
) -> Overview:
    lines = [x for x in found.lines if place in (None, x.run.channel)]
    runs = [run for run in book.runs if place in (None, run.channel)]
    scope = BudgetScope.CHANNEL if place else BudgetScope.WORKSPACE
    return Overview(
        place,
        _burn(lines, runs, book),
        spent_by(runs, book.accruals, month, book.now),
        monthly(notes.budgets, scope, place or ""),
        notes.late.get(place, 0) if place else sum(notes.late.values()),
        lost=notes.lost.get(place),
    )


def _burn(lines: Sequence[Line], runs: Sequence[GpuRun], book: _Book) -> Burn:
    """How some runs burn now, and what they and those that are over have cost today."""
    burning = [(x.run, x.view.plan, x.view.spent) for x in lines if burns(x.run)]
    sums = totals(burning, book.now, next_morning("UTC", book.now))
    today = spent_by(runs, book.accruals, book.day, book.now)
    return Burn(len(burning), sums.per_hour, sums.unpriced, sums.planless, today)
