"""How long a run may go on: as long as every cap that it counts for lasts."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun
from bot.domain.ids import GpuId
from bot.errors_gpu import OverCap
from bot.ports import UnitOfWork
from bot.services.gpu.limits import FindLimits
from bot.services.gpu.seeing import seen_of


async def require_under_cap(
    uow: UnitOfWork, run: GpuRun, until: datetime, now: datetime, zone: str
) -> None:
    """Raise `OverCap` where running until then would cost more than is left of a cap.

    Counted with all that burns under the same cap, each to the stop that is sure. What has no price
    counts for nothing: the admins are told of it. A run that had no stop time is no worse off with
    any, so a cap that is spent already does not keep it from having one.
    """
    limits = await FindLimits().of_run(uow, run, now)
    others = {r.id: r for limit in limits for r in limit.live if r.id != run.id}
    ends = await _ends(uow, list(others.values()), now)
    lasts = [(limit.lasts_until(now, ends), limit) for limit in limits]
    first = run.deadline is None
    over = [
        (at, x) for at, x in lasts if at is not None and at < until and not (first and at <= now)
    ]
    if over:
        at, limit = min(over, key=lambda found: found[0])
        latest, spent = at if at > now else None, limit.spent.known
        raise OverCap(run.label, limit.kind, limit.label, limit.budget.cap, spent, latest, zone)


async def _ends(uow: UnitOfWork, runs: Sequence[GpuRun], now: datetime) -> dict[GpuId, datetime]:
    """When those stop of which it is sure; a stop that somebody may still take away is not."""
    if not runs:
        return {}
    watching = await uow.watch.settings(runs[0].team)
    accounts = await uow.watch.accounts(runs[0].team)
    found = {}
    for run in runs:
        plan = seen_of(run, watching, accounts, now).plan
        if plan.grade is Grade.ENFORCED and plan.stops_at is not None and not plan.proposed:
            found[run.id] = plan.stops_at
    return found
