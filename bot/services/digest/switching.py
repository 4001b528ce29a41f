"""Pause and resume: a channel's lead and admins say whether there is a weekly digest."""

from dataclasses import replace

import structlog

from bot.cards.digest_status import switched_note
from bot.clock import Clock
from bot.domain.delivery import Op, Outgoing
from bot.domain.ids import ChannelId
from bot.domain.workspace import Actor, Channel
from bot.ports import Store
from bot.services.people import Rights

log = structlog.get_logger(__name__)


class SwitchDigest:
    """The same again changes nothing, and is told to nobody."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights

    async def __call__(self, actor: Actor, place: ChannelId, delivery: str, *, on: bool) -> Channel:
        """Save it, say so in the channel, note it; raises `NotLead`.

        A week whose time has passed meanwhile is not made up for.
        """
        person = await self._rights.require_lead(actor, place)
        now = self._clock.now()
        async with self._store() as uow:
            await uow.reminders.standing(actor.team, [place])  # whoever saves settings waits
            here = await uow.channels.get(actor.team, place)
            if here.digest.is_paused != on or not await uow.inbound.first_time(delivery, now):
                return here
            wanted = replace(here, digest=here.digest.resumed if on else here.digest.paused)
            await uow.channels.put(wanted)
            action = "digest.resumed" if on else "digest.paused"
            await uow.audit.add(
                actor, actor.team, action, place, now,
                before=here.digest.value, after=wanted.digest.value,
            )  # fmt: skip
            lang = here.language or person.language
            await uow.outbox.add(
                Outgoing(
                    key=f"post:{delivery}",
                    team=actor.team,
                    channel=place,
                    op=Op.POST,
                    subject=delivery,
                    message=switched_note(actor.user, lang, on=on),
                    fallback=actor.user,
                ),
                now,
            )
            await uow.commit()
        log.info(action, channel=place)
        return wanted
