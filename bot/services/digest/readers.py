"""Who reads a digest, in which language, and by which clock."""

from bot.domain.digest_when import Subject, WeekTime, week_named
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Channel
from bot.ports import UnitOfWork
from bot.services.digest.arming import hours_of
from bot.services.digest.reading import Wanted


async def wanted_of(uow: UnitOfWork, subject: Subject, usual: WeekTime) -> Wanted:
    """The digest that a subject is: of the week before its turn, by the place's own clock."""
    place = subject.channel
    zone = (await hours_of(uow, subject.team, [place], usual))[place][1]
    return await wanted_in(
        uow, subject.team, place, week_named(subject.week, zone).back(1).name, zone
    )


async def wanted_in(
    uow: UnitOfWork, team: TeamId, place: ChannelId | None, week: str, zone: str
) -> Wanted:
    """The digest of a place and a named week; ValueError where no week is named so."""
    known = (await uow.digests.of(team, [place])).get(place)
    return Wanted(place, week_named(week, zone), since=known.since if known else None)


async def language_of(uow: UnitOfWork, subject: Subject) -> str:
    """The reader's: an admin's own, or a channel's."""
    if subject.channel is None:
        return await _theirs(uow, subject.team, subject.user)
    here: Channel = await uow.channels.get(subject.team, subject.channel)
    return here.spoken


async def _theirs(uow: UnitOfWork, team: TeamId, user: UserId | None) -> str:
    person = await uow.people.get(team, user) if user else None
    return person.language if person else "en"


async def answering(uow: UnitOfWork, team: TeamId, place: ChannelId) -> tuple[UserId, ...]:
    """Who is told what became of a channel's digest: its lead, else the admins."""
    lead = (await uow.channels.get(team, place)).lead
    return (lead,) if lead else tuple(await uow.watch.admins(team))
