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
    spent_by,
)
from bot.domain.costs import Accrual
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, ExperimentId, GpuId, TeamId
from bot.domain.plans import Experiment
from bot.domain.watch import Budget, BudgetScope, MonthlyCap, monthly
from bot.ports import UnitOfWork

UTC_ZONE = "UTC"


class FindLimits:
    """Looks up the caps of a workspace: those that were set, and those of its plans."""

    async def __call__(self, uow: UnitOfWork, team: TeamId, now: datetime) -> Sequence[Limit]:
        """One per cap that anything counts for."""
        running = [r for r in await uow.gpus.watched(team) if counts(r)]
        budgets = await uow.watch.budgets(team)
        found = [
            *await self._shared(uow, team, budgets, running, now),
            *await self._of_experiments(uow, team, budgets, running, now),
        ]
        return [limit for limit in found if limit.runs]

    async def of_run(self, uow: UnitOfWork, run: GpuRun, now: datetime) -> Sequence[Limit]:
        """The caps that one run counts for: its experiment's, its channel's, the workspace's."""
        budgets = await uow.watch.budgets(run.team)
        shared = [b for b in budgets if _is_shared(b) and _covers(b, run)]
        running = [r for r in await uow.gpus.watched(run.team) if counts(r)] if shared else []
        found = [
            *await self._of_experiments(uow, run.team, budgets, [run], now),
            *await self._shared(uow, run.team, shared, running, now),
        ]
        return [limit for limit in found if any(r.id == run.id for r in limit.runs)]

    async def _shared(
        self,
        uow: UnitOfWork,
        team: TeamId,
        budgets: Sequence[Budget],
        running: Sequence[GpuRun],
        now: datetime,
    ) -> list[Limit]:
        """Months of channels and of the workspace."""
        periods = await _months(uow, team, [b for b in budgets if _is_shared(b)], now)
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
        caps = await _caps(uow, team, budgets, running, now)
        runs: dict[ExperimentId, list[GpuRun]] = defaultdict(list)
        for run in await uow.gpus.of_experiments(list(dict.fromkeys(x.id for x, _, _ in caps))):
            if run.experiment is not None and counts(run):
                runs[run.experiment].append(run)
        accruals = _by_run(await uow.accruals.of([r.id for mine in runs.values() for r in mine]))
        found = []
        for x, budget, period in caps:
            mine = tuple(runs[x.id])
            cost = spent_by(mine, accruals, period, now)
            found.append(Limit(budget, period, mine, cost, x.label, x.owner))
        return found


async def set_cap(uow: UnitOfWork, team: TeamId, experiment: ExperimentId | None) -> MonthlyCap:
    """What somebody has set for an experiment in all."""
    budgets = await uow.watch.budgets(team) if experiment is not None else ()
    return monthly(budgets, BudgetScope.EXPERIMENT, str(experiment))


def _is_shared(budget: Budget) -> bool:
    return budget.scope is not BudgetScope.EXPERIMENT


async def _months(
    uow: UnitOfWork, team: TeamId, budgets: Sequence[Budget], now: datetime
) -> dict[Budget, Period]:
    """By the channel's calendar; the workspace has that of its ops channel."""
    if not budgets:
        return {}
    ops = (await uow.watch.settings(team)).ops
    places = {b: ops if b.scope is BudgetScope.WORKSPACE else ChannelId(b.subject) for b in budgets}
    channels = await uow.channels.of(team, [place for place in places.values() if place])
    return {b: month_of(now, channels[p].tz if p else UTC_ZONE) for b, p in places.items()}


def _covers(budget: Budget, run: GpuRun) -> bool:
    return budget.scope is BudgetScope.WORKSPACE or run.channel == budget.subject


async def _caps(
    uow: UnitOfWork,
    team: TeamId,
    budgets: Sequence[Budget],
    running: Sequence[GpuRun],
    now: datetime,
) -> list[tuple[Experiment, Budget, Period]]:
    """The caps of the experiments that something runs for."""
    own = {b.subject: b for b in budgets if b.scope is BudgetScope.EXPERIMENT}
    wanted = list(dict.fromkeys(r.experiment for r in running if r.experiment))
    known = await uow.plans.by_ids(team, wanted) if wanted else {}
    found = []
    for x in (known[experiment] for experiment in wanted if experiment in known):
        subject = str(x.id)
        if subject in own:
            found.append((x, own[subject], ALL_TIME))
        if monthly := cap_of(x.shown.card):
            budget = Budget(team, BudgetScope.EXPERIMENT, subject, monthly)
            found.append((x, budget, month_of(now, UTC_ZONE)))
    return found


def _by_run(accruals: Sequence[Accrual]) -> dict[GpuId, list[Accrual]]:
    found: dict[GpuId, list[Accrual]] = defaultdict(list)
    for accrual in accruals:
        found[accrual.run].append(accrual)
    return dict(found)
