"""What stands in Slack about a run: how it gets there, goes, and who reads it."""

from datetime import datetime

from bot.domain.alerts import Alert
from bot.domain.delivery import Message, Op, Outgoing
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, UserId
from bot.domain.workspace import Person
from bot.ports import UnitOfWork

PEOPLE = ("U", "W")
"""What the id of a person begins with, who is a place for direct messages."""


def outgoing(alert: Alert, op: Op, message: Message, version: int) -> Outgoing:
    """An alert on its way: posted, edited or taken away."""
    key = f"{op.value}:{alert.subject}"
    return Outgoing(
        key=f"{key}:{version}" if op is Op.UPDATE else key,
        team=alert.team,
        channel=alert.place,
        op=op,
        subject=alert.subject,
        message=message,
        version=version,
    )


async def take_away(uow: UnitOfWork, alert: Alert, now: datetime) -> None:
    """An alert goes: what was not sent yet is not sent any more, and counts for nothing."""
    if await uow.outbox.withdraw(alert.team, alert.subject):
        await uow.alerts.forget(alert.subject)
        return
    await uow.outbox.add(outgoing(alert, Op.DELETE, Message(""), 0), now)
    await uow.alerts.fell([alert.subject])


async def person_at(uow: UnitOfWork, run: GpuRun, place: ChannelId) -> Person | None:
    """Who reads a direct message; None for a channel."""
    user = user_at(place)
    return await uow.people.get(run.team, user) if user is not None else None


def user_at(place: ChannelId) -> UserId | None:
    """Whose direct message a place is; None for a channel."""
    return UserId(place) if place.startswith(PEOPLE) else None
