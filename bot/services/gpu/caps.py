"""How long a run may be extended: as long as it stays under the caps of its experiment."""

from datetime import datetime

from bot.domain.gpu import GpuRun
from bot.errors_gpu import OverCap
from bot.ports import UnitOfWork
from bot.services.gpu.limits import FindLimits


async def require_under_cap(
    uow: UnitOfWork, run: GpuRun, until: datetime, now: datetime, zone: str
) -> None:
    """Raise `OverCap` where running until then would cost more than is left.

    Counted with all that burns under the same cap. What has no price counts for nothing: the
    admins are told of it.
    """
    for limit in await FindLimits().of_run(uow, run, now):
        latest = limit.lasts_until(now)
        if latest is not None and until > latest:
            spent = limit.spent.known
            when = latest if latest > now else None
            raise OverCap(run.label, limit.budget.cap, spent, when, zone)
