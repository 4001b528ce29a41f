"""How long a run may be extended: as long as it stays under the caps of its experiment."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.cards.derived import cap_of
from bot.domain.costs import Accrual, spent
from bot.domain.gpu import GpuRun
from bot.domain.plans import Experiment
from bot.domain.steering import Cap, reached_at, tightest
from bot.domain.watch import BudgetScope
from bot.errors_gpu import OverCap
from bot.ports import UnitOfWork


async def require_under_cap(
    uow: UnitOfWork, run: GpuRun, until: datetime, now: datetime, zone: str
) -> None:
    """Raise `OverCap` where running until then would cost more than is left.

    Counted with all that the experiment runs just now. What has no price counts for nothing: the
    budgets tell the admins of it.
    """
    x = await uow.plans.by_id(run.team, run.experiment) if run.experiment else None
    runs = list(await uow.gpus.of_experiments([x.id])) if x else [run]
    accruals = await uow.accruals.of([r.id for r in runs])
    burn = sum((r.price_per_hour or Decimal(0) for r in runs if r.is_live), Decimal(0))
    cap = tightest([*_own(run, accruals, now), *(await _caps(uow, x, accruals, now) if x else [])])
    if cap is None or not burn:
        return
    latest = reached_at(cap, burn, now)
    if until > latest:
        raise OverCap(run.label, cap.most, cap.spent, latest if latest > now else None, zone)


def _own(run: GpuRun, accruals: Sequence[Accrual], now: datetime) -> list[Cap]:
    """The run's own cap."""
    if run.cap is None:
        return []
    return [Cap(run.cap, spent([a for a in accruals if a.run == run.id], now).known)]


async def _caps(
    uow: UnitOfWork, x: Experiment, accruals: Sequence[Accrual], now: datetime
) -> list[Cap]:
    """The experiment's budget, and what its card allows for a month."""
    budgets = await uow.watch.budgets(x.team)
    mine = (BudgetScope.EXPERIMENT, str(x.id))
    caps = [Cap(b.cap, spent(accruals, now).known) for b in budgets if (b.scope, b.subject) == mine]
    monthly = cap_of(x.shown.card)
    if monthly is not None:
        first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        caps.append(Cap(monthly, spent(accruals, now, first).known))
    return caps
