"""Files for the thread of an experiment's card: each content once, however often it is asked for.

Always called inside a transaction, and committed before whoever asked is answered: from then on
the outbox brings them, whatever happens to this process.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.delivery import Handed, HandedOver, Message, Op, Outgoing
from bot.domain.ids import ChannelId
from bot.domain.plans import Experiment
from bot.domain.workspace import Actor
from bot.ports import UnitOfWork
from bot.services.shows import card_subject


@dataclass(frozen=True, slots=True)
class Parcel:
    """Files with the words above them.

    `subject` is what the outbox calls their sort (`record:12:`), `content` names what is in them:
    the same name is the same files. `action` is the audit's word for handing them out.
    """

    subject: str
    content: str
    message: Message
    action: str


async def hand_over(
    uow: UnitOfWork, actor: Actor, x: Experiment, parcel: Parcel, delivery: str, now: datetime
) -> HandedOver:
    """Queue the files unless these very ones are there or on their way.

    A thread that was posted anew elsewhere gets them again, and so does, when somebody asks
    again, an upload that failed.
    """
    card = await uow.outbox.where(x.team, card_subject(x))
    place = card.channel if card else x.channel
    early = f"{parcel.subject}:{parcel.content}"  # asked for before the thread was there
    subject = f"{parcel.subject}{card.ts}:{parcel.content}" if card else early
    if card and (found := await _there(uow, x, early, place)):
        return HandedOver(found, place)
    upload = Outgoing(
        key=f"upload:{subject}",
        team=x.team,
        channel=place,
        op=Op.UPLOAD,
        subject=subject,
        message=parcel.message,
        version=x.version,
        thread=card_subject(x),
        fallback=actor.user,
        repeatable=False,
    )
    if await uow.outbox.add(upload, now):
        await uow.audit.add(actor, x.team, parcel.action, x.label, now, after=parcel.content)
        return HandedOver(Handed.QUEUED, place)
    if found := await _there(uow, x, subject, place):
        return HandedOver(found, place)
    if await uow.outbox.add(replace(upload, key=f"{upload.key}:{delivery}"), now):
        await uow.audit.add(actor, x.team, parcel.action, x.label, now, after=parcel.content)
    return HandedOver(Handed.AGAIN, place)


async def _there(uow: UnitOfWork, x: Experiment, subject: str, place: ChannelId) -> Handed | None:
    """Whether the files of a subject are on their way or in this place; None for neither."""
    if await uow.outbox.is_open(x.team, subject):
        return Handed.ON_ITS_WAY
    arrived = await uow.outbox.where(x.team, subject)
    return Handed.THERE if arrived is not None and arrived.channel == place else None
