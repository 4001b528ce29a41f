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
from bot.domain.costs import by_run
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, ExperimentId, TeamId
from bot.domain.plans import Experiment
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
        periods = await _months(uow, team, [b for b in budgets if _is_shared(b)], now)
        if not periods:
            return []
        first = min(p.start for p in periods.values())
        accruals = by_run(await uow.accruals.since(team, first))
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
        accruals = by_run(await uow.accruals.of([r.id for mine in runs.values() for r in mine]))
        found = []
        for x, budget, period in caps:
            mine = tuple(runs[x.id])
            cost = spent_by(mine, accruals, period, now)
            found.append(Limit(budget, period, mine, cost, x.label, x.owner))
        return found

    async def _own(self, uow: UnitOfWork, running: Sequence[GpuRun], now: datetime) -> list[Limit]:
        """What was set for one run."""
        capped = [(r, r.cap) for r in running if r.cap]
        accruals = by_run(await uow.accruals.of([r.id for r, _ in capped]))
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
