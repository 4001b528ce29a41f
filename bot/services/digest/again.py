"""*Send again*: a digest of which nobody knows whether it arrived."""

from dataclasses import replace
from enum import StrEnum

import structlog

from bot.clock import Clock
from bot.domain.digest_when import Subject
from bot.domain.ids import ChannelId
from bot.domain.workspace import Actor
from bot.ports import Store
from bot.services.digest.posting import picture_row
from bot.services.people import Rights

log = structlog.get_logger(__name__)


class SentAgain(StrEnum):
    """What became of the wish."""

    QUEUED = "queued"
    KNOWN = "known"  # there, on its way, refused, or sent as often as it may be


class SendDigestAgain:
    """Its channel's lead and the admins may; an admin's own copy is theirs."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights

    async def __call__(self, actor: Actor, channel: ChannelId | None, week: str) -> SentAgain:
        """Queue the same message once more, whoever presses and however often.

        `week` is the one of its turn. Raises `NotLead` or `AdminOnly`.
        """
        if channel is not None:
            await self._rights.require_lead(actor, channel)
        else:
            await self._rights.require_admin(actor)
        own = None if channel is not None else actor.user
        subject, now = Subject(actor.team, channel, week, own), self._clock.now()
        async with self._store() as uow:
            lost = await uow.outbox.undecided(subject.posts)
            if lost is None or lost.key not in subject.repeatable:
                return SentAgain.KNOWN
            key = subject.posts[subject.posts.index(lost.key) + 1]
            await uow.outbox.add(replace(lost, key=key), now)
            await uow.due.add(picture_row(key, actor.team, channel, now))
            await uow.audit.add(actor, actor.team, "digest.sent_again", str(subject), now)
            await uow.commit()
        log.info("digest.sent_again", key=key)
        return SentAgain.QUEUED
