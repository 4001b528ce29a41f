"""A person's own settings: their own business, and nobody else's."""

from collections.abc import Mapping

import structlog

from bot.cards import personal as cards
from bot.clock import Clock
from bot.domain.audit import differing
from bot.domain.personal import Own
from bot.domain.schedule import QuietHours
from bot.domain.workspace import Actor, Person
from bot.ports import Store
from bot.services.people import Rights

log = structlog.get_logger(__name__)


class ChangeOwn:
    """Change when and of what somebody is told; full members, each for themselves."""

    def __init__(
        self, *, store: Store, clock: Clock, rights: Rights, quiet: QuietHours | None
    ) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self.quiet = quiet
        """The installation's quiet hours."""

    async def look(self, actor: Actor) -> Person:
        """The person with their settings; else `NotMember`."""
        return await self._rights.require_member(actor)

    async def __call__(
        self, actor: Actor, edit: Mapping[str, str], delivery: str
    ) -> tuple[Own, Own]:
        """Make an edit: what held before and what holds now. The same again changes nothing.

        Raises `NotMember`.
        """
        now, person = self._clock.now(), await self.look(actor)
        async with self._store() as uow:
            known = await uow.people.get(actor.team, actor.user) or person
            after = cards.applied(known.own, edit)
            if not await uow.inbound.first_time(delivery, now) or after == known.own:
                return known.own, known.own
            await uow.people.settle(actor.team, actor.user, after)
            old, new = differing(cards.typed(known.own), cards.typed(after), (cards.QUIET,))
            await uow.audit.add(
                actor, actor.team, "person.settings", actor.user, now, before=old, after=new
            )
            await uow.commit()
        self._rights.know.forget(actor.team, actor.user)
        log.info("person.settings", user=actor.user, changed=sorted(edit))
        return known.own, after
