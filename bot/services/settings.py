"""A channel's settings: who may change them, and what a change brings with it."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.cards import settings as cards
from bot.clock import Clock
from bot.domain.delivery import Op, Outgoing
from bot.domain.ids import ChannelId, TeamId
from bot.domain.reminders import ReminderRules
from bot.domain.watch import Budget, BudgetScope, MonthlyCap, monthly
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
    person: Person
    rules: ReminderRules

    @property
    def zone(self) -> str:
        """The time zone to begin with: where nothing was ever set, the person's own."""
        untouched = self.channel == Channel(self.channel.team, self.channel.channel)
        return (self.person.tz if untouched else None) or self.channel.tz

    @property
    def names_lead(self) -> bool:
        """Who leads a channel is for admins to say."""
        return self.person.is_admin


class ChangeSettings:
    """Change what holds in a channel: its lead and admins."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights, keep: KeepReminders) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._keep = keep

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
        return OpenSettings(channel, cap, person, self._keep.rules)

    async def __call__(
        self, actor: Actor, wanted: Channel, cap: MonthlyCap, delivery: str
    ) -> Channel:
        """Save, say so in the channel, and arm its next reminder; the same again changes nothing.

        Raises `NotLead`, and `OwnerGone` for a lead who cannot be one.
        """
        now = self._clock.now()
        opened = await self.look(actor, wanted.channel)
        if wanted.lead is not None and wanted.lead != opened.channel.lead:
            await self._rights.require_lead_to_be(actor.team, wanted.lead)
        async with self._store() as uow:
            await uow.reminders.standing(actor.team, [wanted.channel])
            before, after = await _settled(uow, actor.team, wanted.channel), (wanted, cap)
            if not await uow.inbound.first_time(delivery, now) or after == before:
                return before[0]
            await uow.channels.put(wanted)
            if cap != before[1]:
                await uow.watch.put_budget(_budget(actor, wanted, cap, now))
            await self._keep.rearm(uow, wanted, now)
            await self._announce(uow, opened, before, after, delivery, now)
            changes = cards.changes(before, after, self._keep.rules, "en")
            await uow.audit.add(
                actor,
                actor.team,
                "channel.settings",
                wanted.channel,
                now,
                before="; ".join(f"{name}={old}" for name, old, _ in changes),
                after="; ".join(f"{name}={new}" for name, _, new in changes),
            )
            await uow.commit()
        log.info("channel.settings", channel=wanted.channel, changed=[c[0] for c in changes])
        return wanted

    async def _announce(
        self,
        uow: UnitOfWork,
        opened: OpenSettings,
        before: cards.Settled,
        after: cards.Settled,
        delivery: str,
        now: datetime,
    ) -> None:
        here = after[0]
        lang = here.language or opened.person.language
        message = cards.changed_note(opened.person.user, before, after, self._keep.rules, lang)
        out = Outgoing(
            key=f"post:{delivery}",
            team=here.team,
            channel=here.channel,
            op=Op.POST,
            subject=delivery,
            message=message,
            fallback=opened.person.user,
        )
        await uow.outbox.add(out, now)


async def _settled(uow: UnitOfWork, team: TeamId, place: ChannelId) -> cards.Settled:
    """All that holds in a channel."""
    budgets = await uow.watch.budgets(team)
    return await uow.channels.get(team, place), monthly(budgets, BudgetScope.CHANNEL, place)


def _budget(actor: Actor, here: Channel, cap: MonthlyCap, now: datetime) -> Budget:
    scope = BudgetScope.CHANNEL
    return Budget(here.team, scope, here.channel, cap.cap, cap.stops, actor.user, now)
