"""Direct messages of the watch that are about no single run: one stands, and the older goes."""

from dataclasses import replace
from datetime import datetime

from bot.domain.delivery import Message, Op, Outgoing
from bot.domain.ids import ChannelId, TeamId
from bot.ports import UnitOfWork


async def post_letter(
    uow: UnitOfWork, team: TeamId, place: ChannelId, subject: str, message: Message, now: datetime
) -> None:
    """Queue it, once per subject."""
    await uow.outbox.add(_outgoing(team, place, subject, Op.POST, message), now)


async def edit_letter(
    uow: UnitOfWork,
    team: TeamId,
    place: ChannelId,
    subject: str,
    message: Message,
    version: int,
    now: datetime,
) -> None:
    """It says something else from now on, without a sound; of several edits the last counts."""
    await uow.outbox.supersede_updates(team, subject, version)
    edit = _outgoing(team, place, subject, Op.UPDATE, message)
    await uow.outbox.add(replace(edit, key=f"{edit.key}:{version}", version=version), now)


async def take_back(
    uow: UnitOfWork, team: TeamId, place: ChannelId, subject: str, now: datetime
) -> None:
    """It goes, or is never sent; nothing where it never was."""
    await uow.outbox.withdraw(team, subject)
    on_its_way = await uow.outbox.is_open(team, subject)
    if on_its_way or await uow.outbox.where(team, subject) is not None:
        await uow.outbox.add(_outgoing(team, place, subject, Op.DELETE, Message("")), now)


def _outgoing(team: TeamId, place: ChannelId, subject: str, op: Op, message: Message) -> Outgoing:
    return Outgoing(
        key=f"{op.value}:{subject}",
        team=team,
        channel=place,
        op=op,
        subject=subject,
        message=message,
    )
