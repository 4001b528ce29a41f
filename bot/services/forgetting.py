"""What is over is kept for a while, and then forgotten: a bounded number at once, every hour."""

from datetime import datetime, timedelta

from bot.ports import UnitOfWork

INBOUND = timedelta(days=7)
DONE = timedelta(days=30)
"""Rows that say only that something was done: due rows, edits, alerts that stand no more."""


async def forget_old(uow: UnitOfWork, now: datetime) -> None:
    """Of the installation what is done; of each workspace what it wants kept no longer."""
    await uow.inbound.forget_before(now - INBOUND)
    await uow.due.forget_done(now - DONE)
    await uow.outbox.forget_edits(now - DONE)
    await uow.alerts.forget_fallen(now - DONE)
    for team in await uow.workspaces.active():
        keep = (await uow.watch.settings(team)).keep
        if keep is None:
            continue
        await uow.outbox.forget_posts(team, now - keep)
        await uow.audit.forget(team, now - keep)
        await uow.gpus.forget_ended(team, now - keep)
