"""A channel's settings: who may change them, and what a change brings with it."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.cards import settings as cards
from bot.cards import settings_said as said
from bot.clock import Clock
from bot.domain.audit import differing
from bot.domain.delivery import Op, Outgoing
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.reminders import ReminderRules
from bot.domain.watch import Budget, BudgetScope, MonthlyCap, Watching, monthly
from bot.domain.workspace import Actor, Channel, Person
from bot.ports import Store, UnitOfWork
from bot.services.people import Rights
from bot.services.reminders import KeepReminders

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenSettings:
    """A channel's settings before somebody who may change them."""

    channel: Channel
    cap: MonthlyCap
    watching: Watching
    person: Person
    rules: ReminderRules

    @property
    def zone(self) -> str:
        """The time zone to begin with: where nothing was ever set, the person's own."""
        untouched = self.channel == Channel(self.channel.team, self.channel.channel)
        return (self.person.zone if untouched else None) or self.channel.tz

    @property
    def names_lead(self) -> bool:
        """Who leads a channel is for admins to say."""
        return self.person.administers


class ChangeSettings:
    """Change what holds in a channel: its lead and admins."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights, keep: KeepReminders) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._keep = keep

    @property
    def rules(self) -> ReminderRules:
        """What the installation decides where a channel sets nothing."""
        return self._keep.rules

    async def look(self, actor: Actor, place: ChannelId) -> OpenSettings:
        """The settings, for somebody who may change them; else `NotLead`."""
        person = await self._rights.require_lead(actor, place)
        return await self._opened(actor, person, place)

    async def to_read(self, actor: Actor, place: ChannelId) -> OpenSettings:
        """What holds in a channel, for any full member; else `NotMember`."""
        return await self._opened(actor, await self._rights.require_member(actor), place)

    async def _opened(self, actor: Actor, person: Person, place: ChannelId) -> OpenSettings:
        async with self._store(read_only=True) as uow:
            channel, cap = await _settled(uow, actor.team, place)
            watching = await uow.watch.settings(actor.team)
        return OpenSettings(channel, cap, watching, person, self._keep.rules)

    async def __call__(
        self, actor: Actor, place: ChannelId, edit: cards.Edit, delivery: str
    ) -> Channel:
        """Make an edit, say so in the channel, and arm its next reminder; again changes nothing.

        What somebody else has saved since the form was opened stays, save for the fields of the
        edit. Raises `NotLead`, and `LeadGone` for a lead who cannot be one.
        """
        now = self._clock.now()
        opened = await self.look(actor, place)
        edit = {n: text for n, text in edit.items() if n != "lead" or opened.names_lead}
        lead = edit.get("lead")
        if lead and lead != opened.channel.lead:
            await self._rights.require_lead_to_be(actor.team, UserId(lead))
        async with self._store() as uow:
            await uow.reminders.standing(actor.team, [place])
            before = await _settled(uow, actor.team, place)
            after = cards.applied(before, edit)
            if not await uow.inbound.first_time(delivery, now) or after == before:
                return before[0]
            await self._save(uow, actor, before, after, now)
            found = said.changes(before, after, self._keep.rules, "en")
            if found:
                await self._announce(uow, opened.person, before, after, delivery, now)
            old, new = differing(cards.typed(before), cards.typed(after), cards.READ_AS_ONE)
            await uow.audit.add(
                actor, actor.team, "channel.settings", place, now, before=old, after=new
            )
            await uow.commit()
        log.info("channel.settings", channel=place, changed=[c[0] for c in found])
        return after[0]

    async def _save(
        self,
        uow: UnitOfWork,
        actor: Actor,
        before: cards.Settled,
        after: cards.Settled,
        now: datetime,
    ) -> None:
        here, cap = after
        await uow.channels.put(here)
        uow.homes.changed(here.team, now, users=(before[0].lead, here.lead))
        if cap != before[1]:
            await uow.watch.put_budget(_budget(actor, here, cap, now))
        if replace(before[0], defaults=here.defaults) != here:
            await self._keep.rearm(uow, here, now)

    async def _announce(
        self,
        uow: UnitOfWork,
        person: Person,
        before: cards.Settled,
        after: cards.Settled,
        delivery: str,
        now: datetime,
    ) -> None:
        here = after[0]
        lang = here.language or person.language
        out = Outgoing(
            key=f"post:{delivery}",
            team=here.team,
            channel=here.channel,
            op=Op.POST,
            subject=delivery,
            message=said.changed_note(person.user, before, after, self._keep.rules, lang),
            fallback=person.user,
        )
        await uow.outbox.add(out, now)


async def _settled(uow: UnitOfWork, team: TeamId, place: ChannelId) -> cards.Settled:
    """All that holds in a channel."""
    budgets = await uow.watch.budgets(team)
    return await uow.channels.get(team, place), monthly(budgets, BudgetScope.CHANNEL, place)


def _budget(actor: Actor, here: Channel, cap: MonthlyCap, now: datetime) -> Budget:
    scope = BudgetScope.CHANNEL
    return Budget(here.team, scope, here.channel, cap.cap, cap.stops, actor.user, now)
