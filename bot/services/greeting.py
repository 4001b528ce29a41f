"""owroute comes into a channel, goes, and comes back: one message of introduction, then silence."""

from dataclasses import replace
from datetime import datetime

import structlog

from bot.cards import greeting as cards
from bot.clock import Clock
from bot.domain.delivery import Op, Outgoing
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Actor, Channel, Person
from bot.errors import CannotCheck
from bot.ports import Store, UnitOfWork
from bot.services.people import FOR_RIGHTS, Rights
from bot.services.reminders import KeepReminders

log = structlog.get_logger(__name__)


class GreetChannel:
    """Says once in a channel what it does there; who brought it in leads the channel, until set.

    Without the optional permission Slack tells nothing of all this, and nothing happens.
    """

    def __init__(self, *, store: Store, clock: Clock, rights: Rights, keep: KeepReminders) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._keep = keep

    async def __call__(
        self, team: TeamId, place: ChannelId, who: UserId, inviter: UserId | None, delivery: str
    ) -> None:
        """Somebody came into a channel: of owroute itself it is noted, and said there once."""
        if not await self._is_bot(team, who):
            return
        now, person = self._clock.now(), await self._member(team, inviter)
        async with self._store() as uow:
            await uow.reminders.standing(team, [place])
            if not await uow.inbound.first_time(delivery, now):
                return
            known = await uow.channels.get(team, place)
            here = _begun(known, person)
            await self._write(uow, known, here, now)
            if not known.greeted:
                await self._greet(uow, here, inviter, person, now)
            actor = Actor(team, inviter, team) if inviter else None
            await uow.audit.add(actor, team, "channel.joined", place, now, after=here.lead or "")
            await uow.commit()
        log.info("channel.joined", channel=place, greeted=not known.greeted)

    async def left(self, team: TeamId, place: ChannelId, delivery: str) -> None:
        """Owroute was removed from the channel, or the channel was archived."""
        await self._turn(team, place, delivery, gone=True)

    async def back(self, team: TeamId, place: ChannelId, delivery: str) -> None:
        """The channel was taken out of the archive."""
        await self._turn(team, place, delivery, gone=False)

    async def _turn(self, team: TeamId, place: ChannelId, delivery: str, *, gone: bool) -> None:
        """Reminders and digests of the channel end, or begin again."""
        now = self._clock.now()
        async with self._store() as uow:
            await uow.reminders.standing(team, [place])
            known = await uow.channels.get(team, place)
            if not await uow.inbound.first_time(delivery, now) or known.gone == gone:
                return
            await self._write(uow, known, replace(known, gone=gone), now)
            action = "channel.left" if gone else "channel.back"
            await uow.audit.add(None, team, action, place, now)
            await uow.commit()
        log.info("channel.turned", channel=place, gone=gone)

    async def _write(self, uow: UnitOfWork, known: Channel, here: Channel, now: datetime) -> None:
        await uow.channels.put(here)
        if known.gone != here.gone:
            await self._keep.rearm(uow, here, now)

    async def _is_bot(self, team: TeamId, who: UserId) -> bool:
        async with self._store(read_only=True) as uow:
            return await uow.workspaces.bot_user(team) == who

    async def _member(self, team: TeamId, inviter: UserId | None) -> Person | None:
        """Who brought it in, where that is a full member and Slack says so in time."""
        if inviter is None:
            return None
        try:
            person = await self._rights.know.surely(team, inviter, FOR_RIGHTS)
        except CannotCheck:
            return None
        return person if person is not None and person.is_full_member else None

    async def _greet(
        self,
        uow: UnitOfWork,
        here: Channel,
        inviter: UserId | None,
        person: Person | None,
        now: datetime,
    ) -> None:
        lang = here.language or (person.language if person else "en")
        subject = f"greeting:{here.team}:{here.channel}"
        cadence = self._keep.rules.cadence(here)
        out = Outgoing(
            key=f"post:{subject}",
            team=here.team,
            channel=here.channel,
            op=Op.POST,
            subject=subject,
            message=cards.greeting(here, inviter, cadence, lang),
            fallback=person.user if person else None,
        )
        await uow.outbox.add(out, now)


def _begun(known: Channel, person: Person | None) -> Channel:
    """The channel as it is from now on; its first settings are those of who brought owroute in."""
    untouched = known == Channel(known.team, known.channel)
    here = replace(known, greeted=True, gone=False)
    if person is None:
        return here
    zone = (person.zone if untouched else None) or known.tz
    return replace(here, lead=known.lead or person.user, tz=zone)
