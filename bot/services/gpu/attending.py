"""When a live run was in nobody's charge, and that a channel has something to digest."""

from datetime import datetime

from bot.domain.gpu import GpuRun
from bot.ports import UnitOfWork


async def attended(
    uow: UnitOfWork,
    before: GpuRun | None,
    after: GpuRun,
    now: datetime,
    *,
    was: datetime | None,
    since: datetime | None,
) -> None:
    """Note from when to when nothing was going to end it; in the transaction of its change.

    `was` and `since`: since when nothing is, as it stood before the change and as it stands after
    (`forsaken_since`). A stop time that passed counts from then on, even where nobody wrote at that
    moment and though somebody is in charge again by this change, or it is over.
    """
    if after.channel is not None and (before is None or before.channel != after.channel):
        await uow.digests.begin(after.team, after.channel, now)
    until = now if after.is_live else after.ended_at or now
    if was is not None and (since is not None or was < until):
        await uow.unattended.begin(after.team, after.id, was)
    if since is not None and was is None:
        await uow.unattended.begin(after.team, after.id, since)
    if since is None and was is not None:
        await uow.unattended.end(after.id, until)
