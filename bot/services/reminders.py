"""Evidence reminders: one message per channel and cadence, which lists what is still missing.

A channel has one due row that waits; the message of a slot has a key of its own, so that a slot is
told once however many rows there are. What stands in the channel is edited without a sound whenever
an experiment changes, and deleted when nothing is missing any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.cards import reminders as cards
from bot.clock import Clock
from bot.domain.alerts import quiet_until
from bot.domain.delivery import Due, DueKind, Message, Op, Outgoing
from bot.domain.ids import ExperimentId, UserId
from bot.domain.personal import Mute
from bot.domain.plans import Experiment, State
from bot.domain.reminders import (
    SNOOZE_UNTIL,
    Chosen,
    Listing,
    Owed,
    Owing,
    ReminderRules,
    Reminding,
    Standing,
    chosen,
)
from bot.domain.schedule import (
    Cadence,
    Slot,
    local_to_utc,
    next_slot,
    zone_of,
)
from bot.domain.workspace import Act, Actor, Channel, Person
from bot.ports import Store, UnitOfWork
from bot.services.plans import FindPlan

log = structlog.get_logger(__name__)

SLOTS = 10
"""So many slots ahead one is looked for that was not told yet, after a setting was changed."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel with its settings and cadence, and what its running experiments owe."""

    channel: Channel
    cadence: Cadence
    owing: tuple[Owing, ...]
    listed: Chosen

    def slot_key(self, slot: Slot) -> str:
        """The name of one of its reminders."""
        return f"evidence:{self.channel.team}:{self.channel.channel}:{slot.key}"

    def due(self, slot: Slot) -> Due:
        """The row that waits for one of them."""
        return Due(
            key=self.slot_key(slot),
            kind=DueKind.REMIND_EVIDENCE,
            team=self.channel.team,
            channel=self.channel.channel,
            due_at=slot.at,
        )


class KeepReminders:
    """Keeps a channel's reminder in step with its experiments, inside their transactions."""

    def __init__(self, rules: ReminderRules | None = None) -> None:
        self.rules = rules or ReminderRules()

    async def after(self, uow: UnitOfWork, x: Experiment, now: datetime) -> None:
        """Arm the next reminder once something runs; bring the standing one up to date."""
        standing = await uow.reminders.standing(x.team, [x.channel])
        channel = await uow.channels.get(x.team, x.channel)
        if x.state is State.RUNNING:
            channel = await self._settled(uow, x, channel)
        place = await self.look(uow, channel, now)
        if x.state is State.RUNNING:
            await self.arm(uow, place, now)
        await self.refresh(uow, place, standing.get(x.channel), now)

    async def rearm(self, uow: UnitOfWork, channel: Channel, now: datetime) -> None:
        """After a channel's settings were changed: one row waits, at the hour they say."""
        standing = await uow.reminders.standing(channel.team, [channel.channel])
        place = await self.look(uow, channel, now)
        row = await self.arm(uow, place, now)
        if row is not None:
            await uow.due.end_others(row, now)
        await self.refresh(uow, place, standing.get(channel.channel), now)

    async def look(self, uow: UnitOfWork, channel: Channel, now: datetime) -> Place:
        """The channel as it is now."""
        owing = await uow.reminders.owing(channel.team, [channel.channel])
        return self.place(channel, owing[channel.channel], now)

    def place(self, channel: Channel, owing: tuple[Owing, ...], now: datetime) -> Place:
        """The channel, with what is to be said of what is owed there."""
        return Place(channel, self.rules.cadence(channel), owing, chosen(owing, self.rules, now))

    async def arm(self, uow: UnitOfWork, place: Place, now: datetime) -> Due | None:
        """The row of the next slot that was not told yet; none where there is nothing to tell."""
        if not (place.channel.reminds and place.owing):
            return None
        slot = next_slot(now, place.cadence)
        for _ in range(SLOTS):
            row = place.due(slot)
            if await uow.due.arm(row):
                return row
            slot = next_slot(slot.at, place.cadence)
        return None

    async def arm_all(self, uow: UnitOfWork, places: Sequence[Place], now: datetime) -> None:
        """The same for several; what cannot simply be added is looked at one by one."""
        owing = [place for place in places if place.owing and place.channel.reminds]
        rows = [place.due(next_slot(now, place.cadence)) for place in owing]
        added = await uow.due.add_all(rows)
        for place, row in zip(owing, rows, strict=True):
            if row.key not in added:
                await self.arm(uow, place, now)

    async def refresh(
        self, uow: UnitOfWork, place: Place, standing: Standing | None, now: datetime
    ) -> None:
        """Edit what stands, silently; delete it when nothing that it could list is missing.

        What stands where owroute is no more is left alone: it could not be reached.
        """
        here = place.channel
        if standing is None or here.gone:
            return
        if here.muted or not (place.listed.asked or place.listed.quiet):
            await remove(uow, here, standing, now)
            await uow.reminders.fall(here.team, here.channel)
            return
        shown = tuple(replace(x, known=x.known.unlisted()) for x in place.listed.asked)
        seen = replace(place, listed=replace(place.listed, asked=shown))
        [made] = await drawn(uow, [seen], now)
        newer = replace(standing, version=standing.version + 1)
        await uow.outbox.supersede_updates(here.team, newer.subject, newer.version)
        await uow.outbox.add(outgoing(here, Op.UPDATE, newer, made.message), now)
        await uow.reminders.stand(here.team, {here.channel: newer})

    async def _settled(self, uow: UnitOfWork, x: Experiment, channel: Channel) -> Channel:
        """Settings to go by: where nobody has made any, the first owner's time zone is kept."""
        owner = await uow.people.get(x.team, x.owner)
        if owner is None or not owner.zone:
            return channel
        return await uow.channels.begin(replace(channel, tz=owner.zone))


class QuietReminders:
    """Snooze, mute and wake an experiment: owner, lead, admin. The standing reminder shows it."""

    def __init__(self, *, store: Store, clock: Clock, find: FindPlan, keep: KeepReminders) -> None:
        self._store = store
        self._clock = clock
        self._find = find
        self._keep = keep

    async def snooze(
        self, actor: Actor, experiment: ExperimentId, days: int, delivery: str
    ) -> Experiment:
        """Quiet until nine in the morning, so many days from now in the channel's zone."""
        return await self._change(actor, experiment, "reminder.snoozed", days, delivery)

    async def mute(self, actor: Actor, experiment: ExperimentId, delivery: str) -> Experiment:
        """Quiet until somebody wants it otherwise."""
        return await self._change(actor, experiment, "reminder.muted", 0, delivery)

    async def wake(self, actor: Actor, experiment: ExperimentId, delivery: str) -> Experiment:
        """Listed again from the next reminder on."""
        return await self._change(actor, experiment, "reminder.woken", 0, delivery)

    async def _change(
        self, actor: Actor, experiment: ExperimentId, action: str, days: int, delivery: str
    ) -> Experiment:
        now = self._clock.now()
        x = await self._find.to_do(actor, Act.STEER, experiment)
        async with self._store() as uow:
            if not await uow.inbound.first_time(delivery, now):
                return x
            await uow.reminders.standing(x.team, [x.channel])
            known = (await uow.reminders.of([x.id]))[x.id]
            channel = await uow.channels.get(x.team, x.channel)
            changed = _changed(known, action, days, channel, now)
            await uow.reminders.put(x.id, changed)
            await self._keep.after(uow, x, now)
            until = changed.snoozed_until
            after = until.isoformat() if until and not changed.muted else ""
            await uow.audit.add(actor, x.team, action, x.label, now, after=after)
            await uow.commit()
        log.info(action, plan=x.label)
        return x


def _changed(
    known: Reminding, action: str, days: int, channel: Channel, now: datetime
) -> Reminding:
    if action == "reminder.muted":
        return replace(known, muted=True)
    if action == "reminder.woken":
        return known.awake()
    day = now.astimezone(zone_of(channel.tz)).date() + timedelta(days=days)
    return known.snoozed(local_to_utc(day, SNOOZE_UNTIL, channel.tz))


async def drawn(uow: UnitOfWork, places: Sequence[Place], now: datetime) -> list[cards.Reminder]:
    """The reminders of some channels of a workspace, in their order.

    Each is in its channel's language, else in that of the first owner it names. The items are read
    of what a message can show; the rest of a long list is counted without them. Who is not to be
    disturbed is named without a mention.
    """
    team = places[0].channel.team
    first = [place.listed.first(cards.LISTED) for place in places]
    owing = [x for found in first for x in (*found.asked, *found.quiet)]
    owed = {x.experiment: x for x in await uow.reminders.owed(owing)}
    asked = {user for x in owed.values() for user in x.asked()}
    owners = {x.owner for place in places for x in (*place.listed.asked, *place.listed.quiet)[:1]}
    leads = {place.channel.lead for place in places if place.channel.lead}
    known = await uow.people.of(team, asked | owners | leads)
    silent = {user: person.name for user, person in known.items() if not _disturbs(person, now)}
    return [_drawn(place, of, owed, known, silent) for place, of in zip(places, first, strict=True)]


def _disturbs(person: Person, now: datetime) -> bool:
    """Whether a mention may notify somebody: not muted, and no quiet hours of their own."""
    asleep = not person.own.usual and quiet_until(person, None, now) is not None
    return person.hears(Mute.EVIDENCE) and not asleep


def _drawn(
    place: Place,
    first: Chosen,
    owed: Mapping[ExperimentId, Owed],
    known: Mapping[UserId, Person],
    silent: cards.Silent,
) -> cards.Reminder:
    here, found = place.channel, place.listed
    owner = known.get((*found.asked, *found.quiet)[0].owner)
    beyond = found.asked[len(first.asked) :]
    listed = Listing(
        asked=_with_items(first.asked, owed),
        quiet=_with_items(first.quiet, owed),
        beyond_asked=len(beyond),
        beyond_quiet=len(found.quiet) - len(first.quiet),
        beyond_lacks=any(x.lacks for x in beyond),
    )
    lang = here.language or (owner.language if owner else "en")
    return cards.reminder(listed, here.lead, lang, place.cadence, silent)


def _with_items(owing: Sequence[Owing], owed: Mapping[ExperimentId, Owed]) -> tuple[Owed, ...]:
    """With what is known of each here and now: a standing message counts one reminder less."""
    return tuple(replace(owed[x.experiment], known=x.known) for x in owing if x.experiment in owed)


async def remove(uow: UnitOfWork, channel: Channel, standing: Standing, now: datetime) -> None:
    """Take a reminder away: what was not sent yet is not sent any more."""
    await uow.outbox.withdraw(channel.team, standing.subject)
    await uow.outbox.add(outgoing(channel, Op.DELETE, standing, Message("")), now)


def outgoing(channel: Channel, op: Op, standing: Standing, message: Message) -> Outgoing:
    """A reminder, or what becomes of one, on its way to its channel."""
    key = f"{op.value}:{standing.subject}"
    return Outgoing(
        key=f"{key}:{standing.version}" if op is Op.UPDATE else key,
        team=channel.team,
        channel=channel.channel,
        op=op,
        subject=standing.subject,
        message=message,
        version=standing.version,
    )
