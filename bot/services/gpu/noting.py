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

    In the thread of the run's experiment; to an owner that somebody else chose, who is told of a
    run in new hands also where it has a thread.
    """
    subject = f"gpu_note:{run.id}:{run.generation}:{run.version}"
    x = await uow.plans.by_id(run.team, run.experiment) if run.experiment else None
    direct = run.owner is not None and run.owner != by
    if x is not None:
        lang, zone = await language_of_card(uow, x), (await uow.channels.get(x.team, x.channel)).tz
        note = await _drawn(keep, uow, run, WORDS[kind], by, lang, zone, now)
        await _said(uow, run, subject, x.channel, note, now, thread=card_subject(x))
    if run.owner is not None and direct and _is_for_owner(kind, threaded=x is not None):
        place = ChannelId(run.owner)
        lang, zone = await keep.reader(uow, run, place)
        note = await _drawn(keep, uow, run, WORDS[kind], by, lang, zone, now)
        await _said(uow, run, f"{subject}:{place}", place, note, now)


def _is_for_owner(kind: Noted, *, threaded: bool) -> bool:
    match kind:
        case Noted.REASSIGNED:
            return True
        case Noted.REGISTERED:
            return not threaded
        case Noted.SHUTDOWN:
            return False


async def _drawn(
    keep: KeepWatch,
    uow: UnitOfWork,
    run: GpuRun,
    words: Callable[[RunView, UserId, str], Message],
    by: UserId,
    lang: str,
    zone: str,
    now: datetime,
) -> Message:
    seen = await keep.look(uow, run, now)
    return words(await keep.view(uow, run, seen, zone, now), by, lang)


async def _said(
    uow: UnitOfWork,
    run: GpuRun,
    subject: str,
    place: ChannelId,
    message: Message,
    now: datetime,
    *,
    thread: str | None = None,
) -> None:
    out = Outgoing(
        key=f"post:{subject}",
        team=run.team,
        channel=place,
        op=Op.POST,
        subject=subject,
        message=message,
        thread=thread,
    )
    await uow.outbox.add(out, now)
