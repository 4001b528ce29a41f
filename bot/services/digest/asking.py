"""Digests for whoever asks: a preview, what stands behind one, its CSV, and how it is set."""

import asyncio
from dataclasses import replace
from datetime import datetime

from bot.cards.digest_csv import csv_name, csv_text
from bot.cards.digest_status import csv_words
from bot.clock import Clock
from bot.domain.delivery import File, Message, Op, Outgoing, digest_of
from bot.domain.digest import Digest
from bot.domain.digest_status import DigestStatus
from bot.domain.digest_week import Week
from bot.domain.digest_when import (
    DigestMode,
    DigestPlace,
    Subject,
    WeekTime,
    look,
    told_in,
)
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Act, Actor, Person, may
from bot.errors import OldButton
from bot.ports import Store, UnitOfWork
from bot.services.digest.arming import hours_of
from bot.services.digest.readers import wanted_in
from bot.services.digest.reading import digests_of
from bot.services.people import Rights


class ReadDigests:
    """Any full member sees the digest of the channel they ask in; others' are their leads'."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights, at: WeekTime) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._at = at

    async def may_read(
        self, actor: Actor, place: ChannelId | None, here: ChannelId | None
    ) -> Person:
        """Whoever may see the digest of `place` in `here`; else `NotLead` or `AdminOnly`."""
        if place is None:
            return await self._rights.require_admin(actor)
        if place == here:
            return await self._rights.require_member(actor)
        return await self._rights.require_lead(actor, place)

    async def preview(self, actor: Actor, place: ChannelId | None) -> Digest:
        """The week that runs, so far: what the next digest would say. None: the workspace's."""
        await self.may_read(actor, place, place)
        now = self._clock.now()
        async with self._store(read_only=True) as uow:
            zone = (await hours_of(uow, actor.team, [place], self._at))[place][1]
            week = Week.of(now, zone).name
            return await _digest(uow, actor.team, place, week, zone, now)

    async def of(
        self, actor: Actor, place: ChannelId | None, week: str, here: ChannelId | None
    ) -> Digest:
        """The digest of a week, as its figures are known now; `here` is where it is asked for.

        Raises `NotLead` or `AdminOnly` for what is not shown to them, `OldButton` for no week.
        """
        await self.may_read(actor, place, here)
        async with self._store(read_only=True) as uow:
            zone = (await hours_of(uow, actor.team, [place], self._at))[place][1]
            try:
                return await _digest(uow, actor.team, place, week, zone, self._clock.now())
            except ValueError:
                raise OldButton from None

    async def status(self, actor: Actor, place: ChannelId | None) -> DigestStatus:
        """How it stands, for any full member of the channel, or an admin for the workspace's."""
        person = await self.may_read(actor, place, place)
        now = self._clock.now()
        async with self._store(read_only=True) as uow:
            when, zone = (await hours_of(uow, actor.team, [place], self._at))[place]
            here = await uow.channels.get(actor.team, place) if place else None
            known = (await uow.digests.of(actor.team, [place])).get(place)
            found = known or DigestPlace(actor.team, place, next_at=now)
            found = look(found, when, zone, now).place
            return DigestStatus(
                place=place,
                mode=here.digest if here else DigestMode.ON,
                next_at=found.next_at,
                zone=zone,
                posted_week=found.posted_week,
                lost=await lost_turn(uow, actor, place, found.posted_week),
                leads=_leads(actor, person, place, here.lead if here else None),
            )

    async def csv(
        self,
        actor: Actor,
        place: ChannelId | None,
        week: str,
        here: ChannelId | None,
        delivery: str,
    ) -> None:
        """Queue the week's CSV: into the thread of the digest, or of a direct message to them."""
        digest = await self.of(actor, place, week, here)
        person = await self._rights.require_member(actor)
        message = await asyncio.to_thread(_csv, digest, delivery, person.language)
        subject = Subject(actor.team, place, told_in(digest.facts.week), _own(actor, place))
        now = self._clock.now()
        async with self._store() as uow:
            if not await uow.inbound.first_time(delivery, now):
                return
            above = str(subject)
            if await uow.outbox.where(actor.team, above) is None:
                above = f"csv_above:{delivery}"
                await uow.outbox.add(_above(actor, above, message), now)
            await uow.outbox.add(_upload(actor, delivery, above, message), now)
            await uow.audit.add(actor, actor.team, "digest.csv", str(subject), now)
            await uow.commit()


async def _digest(
    uow: UnitOfWork, team: TeamId, place: ChannelId | None, week: str, zone: str, now: datetime
) -> Digest:
    wanted = replace(await wanted_in(uow, team, place, week, zone), forced=True)
    [digest] = await digests_of(uow, team, [wanted], now)
    return digest


def _csv(digest: Digest, delivery: str, lang: str) -> Message:
    """The file; its name is its own, since history knows files by their names."""
    stem, _, end = csv_name(digest).rpartition(".")
    name, said = f"{stem}-{digest_of(delivery)}.{end}", csv_words(digest, lang)
    return Message(said, files=(File(name, said, csv_text(digest, lang)),))


def _above(actor: Actor, subject: str, message: Message) -> Outgoing:
    """A direct message for the file to stand below: an upload needs the conversation's own id."""
    return Outgoing(
        key=f"post:{subject}",
        team=actor.team,
        channel=ChannelId(actor.user),
        op=Op.POST,
        subject=subject,
        message=Message(message.text),
    )


def _upload(actor: Actor, delivery: str, above: str, message: Message) -> Outgoing:
    return Outgoing(
        key=f"upload:csv:{delivery}",
        team=actor.team,
        channel=ChannelId(actor.user),
        op=Op.UPLOAD,
        subject=f"csv:{delivery}",
        message=message,
        thread=above,
        fallback=actor.user,
        repeatable=False,
    )


def _own(actor: Actor, place: ChannelId | None) -> UserId | None:
    return None if place else actor.user


async def lost_turn(
    uow: UnitOfWork, actor: Actor, place: ChannelId | None, week: str | None
) -> str | None:
    """The turn of the last digest, if nobody can say whether it arrived and it may go again."""
    if week is None:
        return None
    subject = Subject(actor.team, place, week, _own(actor, place))
    lost = await uow.outbox.undecided(subject.posts)
    return week if lost is not None and lost.key in subject.repeatable else None


def _leads(actor: Actor, person: Person, place: ChannelId | None, lead: UserId | None) -> bool:
    if place is not None and place.startswith("D"):
        return True
    return may(actor, person, Act.LEAD, owner=None, lead=lead)
