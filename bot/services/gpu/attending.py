"""When a live run was in nobody's charge, and that a channel has something to digest."""

from datetime import datetime

from bot.domain.gpu import GpuRun
from bot.ports import UnitOfWork


async def attended(uow: UnitOfWork, before: GpuRun | None, after: GpuRun, now: datetime) -> None:
    """Note from when to when nothing was going to end it; in the transaction of its change.

    That is `planless_since`: a promised time that passed counts from that time on, even where
    nobody wrote then, and a plan that cannot be read just now changes nothing.
    """
    if after.channel is not None and (before is None or before.channel != after.channel):
        await uow.digests.begin(after.team, after.channel, now)
    since = planless_since(after)
    if since is not None and (before is None or planless_since(before) is None):
        await uow.unattended.begin(after.team, after.id, since)
    if since is None and before is not None and planless_since(before) is not None:
        await uow.unattended.end(after.id, now if after.is_live else after.ended_at or now)


def planless_since(run: GpuRun) -> datetime | None:
    """Since when a run that is this workspace's business costs with nobody in charge."""
    ours = run.is_live and not run.disowned and run.merged_into is None
    return run.planless_since if ours else None
