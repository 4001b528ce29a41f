"""Which caps hold in a workspace just now, and what of them is spent."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from bot.cards.derived import cap_of
from bot.domain.budgets import (
    ALL_TIME,
    Limit,
    Period,
    counts,
    month_of,
    own_cap,
    spent_by,
)
from bot.domain.costs import Accrual
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, ExperimentId, GpuId, TeamId
from bot.domain.watch import Budget, BudgetScope
from bot.ports import UnitOfWork

UTC_ZONE = "UTC"


class FindLimits:
    """Looks up all caps of a workspace: those set, those of its plans, those of single runs."""

    async def __call__(self, uow: UnitOfWork, team: TeamId, now: datetime) -> Sequence[Limit]:
        """One per cap that anything counts for."""
        running = [r for r in await uow.gpus.watched(team) if counts(r)]
        budgets = await uow.watch.budgets(team)
        found = [
            *await self._shared(uow, team, budgets, running, now),
            *await self._of_experiments(uow, team, budgets, running, now),
            *await self._own(uow, running, now),
        ]
        return [limit for limit in found if limit.runs]

    async def of_run(self, uow: UnitOfWork, run: GpuRun, now: datetime) -> Sequence[Limit]:
        """The caps of one run and of its experiment."""
        budgets = await uow.watch.budgets(run.team)
        mine = await self._of_experiments(uow, run.team, budgets, [run], now)
        return [*mine, *await self._own(uow, [run], now)]

    async def _shared(
        self,
        uow: UnitOfWork,
        team: TeamId,
        budgets: Sequence[Budget],
        running: Sequence[GpuRun],
        now: datetime,
    ) -> list[Limit]:
        """Months of channels and of the workspace."""
        periods = {b: await _month(uow, b, now) for b in budgets if _is_shared(b)}
        if not periods:
            return []
        first = min(p.start for p in periods.values())
        accruals = _by_run(await uow.accruals.since(team, first))
        known = {r.id for r in running}
        over = await uow.gpus.by_ids(team, [gpu for gpu in accruals if gpu not in known])
        runs = [*running, *(r for r in over if counts(r))]
        found = []
        for budget, period in periods.items():
            mine = tuple(r for r in runs if _covers(budget, r))
            found.append(Limit(budget, period, mine, spent_by(mine, accruals, period, now)))
        return found

    async def _of_experiments(
        self,
        uow: UnitOfWork,
        team: TeamId,
        budgets: Sequence[Budget],
        running: Sequence[GpuRun],
        now: datetime,
    ) -> list[Limit]:
        """What was set for an experiment in all, and what its card allows for a month."""
        found: list[Limit] = []
        own = {b.subject: b for b in budgets if b.scope is BudgetScope.EXPERIMENT}
        for experiment in dict.fromkeys(r.experiment for r in running if r.experiment):
            x = await uow.plans.by_id(team, experiment)
            if x is None:
                continue
            caps = [(own[str(x.id)], ALL_TIME)] if str(x.id) in own else []
            monthly = cap_of(x.shown.card)
            if monthly:
                scope = BudgetScope.EXPERIMENT
                caps.append((Budget(team, scope, str(x.id), monthly), month_of(now, UTC_ZONE)))
            if not caps:
                continue
            runs, accruals = await _costs(uow, experiment)
            for budget, period in caps:
                cost = spent_by(runs, accruals, period, now)
                found.append(Limit(budget, period, runs, cost, x.label, x.owner))
        return found

    async def _own(self, uow: UnitOfWork, running: Sequence[GpuRun], now: datetime) -> list[Limit]:
        """What was set for one run."""
        capped = [(r, r.cap) for r in running if r.cap]
        accruals = _by_run(await uow.accruals.of([r.id for r, _ in capped]))
        return [
            Limit(
                own_cap(run, cap),
                ALL_TIME,
                (run,),
                spent_by([run], accruals, ALL_TIME, now),
                run.label,
                run.owner,
            )
            for run, cap in capped
        ]


def _is_shared(budget: Budget) -> bool:
    return budget.scope is not BudgetScope.EXPERIMENT


async def _month(uow: UnitOfWork, budget: Budget, now: datetime) -> Period:
    """By the channel's calendar; the workspace has that of its ops channel."""
    place: ChannelId | None = ChannelId(budget.subject)
    if budget.scope is BudgetScope.WORKSPACE:
        place = (await uow.watch.settings(budget.team)).ops
    zone = (await uow.channels.get(budget.team, place)).tz if place else UTC_ZONE
    return month_of(now, zone)


def _covers(budget: Budget, run: GpuRun) -> bool:
    return budget.scope is BudgetScope.WORKSPACE or run.channel == budget.subject


async def _costs(
    uow: UnitOfWork, experiment: ExperimentId
) -> tuple[tuple[GpuRun, ...], dict[GpuId, list[Accrual]]]:
    runs = tuple(r for r in await uow.gpus.of_experiments([experiment]) if counts(r))
    return runs, _by_run(await uow.accruals.of([r.id for r in runs]))


def _by_run(accruals: Sequence[Accrual]) -> dict[GpuId, list[Accrual]]:
    found: dict[GpuId, list[Accrual]] = defaultdict(list)
    for accrual in accruals:
        found[accrual.run].append(accrual)
    return dict(found)
