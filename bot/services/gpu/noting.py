"""What is said of an act on a run: a line in its experiment's thread, else to its new owner."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

from bot.cards import gpu_notes as cards
from bot.cards.gpu_view import RunView
from bot.domain.delivery import Message, Op, Outgoing
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, UserId
from bot.ports import UnitOfWork
from bot.services.gpu.watch import KeepWatch
from bot.services.shows import card_subject, language_of_card


class Noted(StrEnum):
    """Kinds of lines."""

    REGISTERED = "registered"
    SHUTDOWN = "shutdown"
    REASSIGNED = "reassigned"


WORDS: Mapping[Noted, Callable[[RunView, UserId, str], Message]] = {
    Noted.REGISTERED: cards.registered_note,
    Noted.SHUTDOWN: cards.shutdown_note,
    Noted.REASSIGNED: cards.reassigned_note,
}


async def note_run(
    keep: KeepWatch, uow: UnitOfWork, run: GpuRun, kind: Noted, by: UserId, now: datetime
) -> None:
    """Say it where those look whom it concerns; nobody is told of what they did themselves.

    In the thread of the run's experiment; where it has none, to an owner that somebody else chose.
    """
    subject = f"gpu_note:{run.id}:{run.generation}:{run.version}"
    x = await uow.plans.by_id(run.team, run.experiment) if run.experiment else None
    if x is not None:
        place, thread, lang = x.channel, card_subject(x), await language_of_card(uow, x)
        zone = (await uow.channels.get(x.team, x.channel)).tz
    elif run.owner is not None and run.owner != by and kind is not Noted.SHUTDOWN:
        place, thread = ChannelId(run.owner), None
        lang, zone = await keep.reader(uow, run, place)
    else:
        return
    seen = await keep.look(uow, run, now)
    view = await keep.view(uow, run, seen, zone, now)
    message = WORDS[kind](view, by, lang)
    await uow.outbox.add(
        Outgoing(
            key=f"post:{subject}",
            team=run.team,
            channel=place,
            op=Op.POST,
            subject=subject,
            message=message,
            thread=thread,
        ),
        now,
    )
