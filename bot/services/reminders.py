"""Evidence reminders: one message per channel and cadence, which lists what is still missing.

A channel has one due row that waits; the message of a slot has a key of its own, so that a slot is
told once however many rows there are. What stands in the channel is edited without a sound whenever
an experiment changes, and deleted when nothing is missing any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.cards import reminders as cards
from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, Due, DueKind, Message, Op, Outgoing
from bot.domain.ids import ExperimentId
from bot.domain.plans import Experiment, State
from bot.domain.reminders import (
    SNOOZE_UNTIL,
    Chosen,
    Listing,
    Owing,
    ReminderRules,
    Reminding,
    Standing,
    chosen,
)
from bot.domain.schedule import (
    Cadence,
    Slot,
    catch_up,
    last_slot,
    local_to_utc,
    next_slot,
    zone_of,
)
from bot.domain.workspace import Act, Actor, Channel
from bot.ports import Store, UnitOfWork
from bot.services.due import LeaseLost
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


class KeepReminders:
    """Keeps a channel's reminder in step with its experiments, inside their transactions."""

    def __init__(self, rules: ReminderRules | None = None) -> None:
        self.rules = rules or ReminderRules()

    async def after(self, uow: UnitOfWork, x: Experiment, now: datetime) -> None:
        """Arm the next reminder once something runs; bring the standing one up to date."""
        standing = await uow.reminders.standing(x.team, x.channel)
        channel = await uow.channels.get(x.team, x.channel)
        if x.state is State.RUNNING:
            channel = await self._settled(uow, x, channel)
        place = await self.look(uow, channel, now)
        if x.state is State.RUNNING:
            await self.arm(uow, place, now)
        await self.refresh(uow, place, standing, now)

    async def rearm(self, uow: UnitOfWork, channel: Channel, now: datetime) -> None:
        """After a channel's settings were changed: one row waits, at the hour they say."""
        standing = await uow.reminders.standing(channel.team, channel.channel)
        place = await self.look(uow, channel, now)
        row = await self.arm(uow, place, now)
        if row is not None:
            await uow.due.end_others(row, now)
        await self.refresh(uow, place, standing, now)

    async def look(self, uow: UnitOfWork, channel: Channel, now: datetime) -> Place:
        """The channel as it is now."""
        owing = await uow.reminders.owing(channel.team, channel.channel)
        return Place(channel, self.rules.cadence(channel), owing, chosen(owing, self.rules, now))

    async def arm(self, uow: UnitOfWork, place: Place, now: datetime) -> Due | None:
        """The row of the next slot that was not told yet; none where there is nothing to tell."""
        if place.channel.muted or not place.owing:
            return None
        slot = next_slot(now, place.cadence)
        for _ in range(SLOTS):
            row = Due(
                key=place.slot_key(slot),
                kind=DueKind.REMIND_EVIDENCE,
                team=place.channel.team,
                channel=place.channel.channel,
                due_at=slot.at,
            )
            if await uow.due.arm(row):
                return row
            slot = next_slot(slot.at, place.cadence)
        return None

    async def refresh(
        self, uow: UnitOfWork, place: Place, standing: Standing | None, now: datetime
    ) -> None:
        """Edit what stands, silently; delete it when nothing that it could list is missing."""
        if standing is None:
            return
        here = place.channel
        if here.muted or not (place.listed.asked or place.listed.quiet):
            await remove(uow, here, standing, now)
            await uow.reminders.stand(here.team, here.channel, None)
            return
        shown = tuple(replace(x, known=x.known.unlisted()) for x in place.listed.asked)
        listed = replace(place.listed, asked=shown)
        message = (await drawn(uow, here, listed, place.cadence)).message
        newer = replace(standing, version=standing.version + 1)
        await uow.outbox.supersede_updates(here.team, newer.subject, newer.version)
        await uow.outbox.add(_outgoing(here, Op.UPDATE, newer, message), now)
        await uow.reminders.stand(here.team, here.channel, newer)

    async def _settled(self, uow: UnitOfWork, x: Experiment, channel: Channel) -> Channel:
        """Settings to go by: where nobody has made any, the first owner's time zone is kept."""
        owner = await uow.people.get(x.team, x.owner)
        if owner is None or not owner.tz:
            return channel
        return await uow.channels.begin(replace(channel, tz=owner.tz))


class RemindEvidence:
    """What a channel's due row does: tell what is missing, once per slot, or nothing."""

    def __init__(self, *, store: Store, clock: Clock, keep: KeepReminders) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep

    async def __call__(self, rows: Sequence[ClaimedDue]) -> None:
        """Those of several channels in one transaction: it is all or nothing.

        Raises `LeaseLost` when somebody else holds one of the rows by now.
        """
        now, told = self._clock.now(), []
        async with self._store() as uow:
            for row in sorted(rows, key=lambda r: (r.due.team, r.due.place)):
                listed = await self._told(uow, row, now)
                told += [] if listed is None else [(row.due.place, listed)]
            await uow.commit()
        for channel, experiments in told:
            log.info("evidence.reminded", channel=channel, experiments=experiments)

    async def _told(self, uow: UnitOfWork, row: ClaimedDue, now: datetime) -> int | None:
        """Re-read the truth; wait, settle silently, or settle with the message.

        How many experiments the message lists; None: it waits.
        """
        standing = await uow.reminders.standing(row.due.team, row.due.place)
        channel = await uow.channels.get(row.due.team, row.due.place)
        place = await self._keep.look(uow, channel, now)
        slot = last_slot(now, place.cadence)
        wait = _wait(row, place, slot, now) if place.owing and not channel.muted else None
        if wait is not None:
            await uow.due.defer(row, wait)
            return None
        if not await uow.due.settle(row, now):
            raise LeaseLost(row.due.key)
        await self._keep.arm(uow, place, now)
        return await self._tell(uow, place, slot, standing, now)

    async def _tell(
        self, uow: UnitOfWork, place: Place, slot: Slot, standing: Standing | None, now: datetime
    ) -> int:
        """One new message, then the older one goes; how many experiments it lists."""
        here, asked = place.channel, place.listed.asked
        if here.muted or not asked:
            await self._keep.refresh(uow, place, standing, now)
            return 0
        new = Standing(place.slot_key(slot), 0)
        made = await drawn(uow, here, place.listed, place.cadence)
        post = _outgoing(here, Op.POST, new, made.message)
        if not await uow.outbox.add(replace(post, fallback=made.asked[0].owner), now):
            return 0  # this slot was told already
        await uow.reminders.listed([x.experiment for x in made.asked], now)
        if standing is not None:
            await remove(uow, here, standing, now)
        await uow.reminders.stand(here.team, here.channel, new)
        return len(made.asked)


def _wait(row: ClaimedDue, place: Place, slot: Slot, now: datetime) -> datetime | None:
    """Until when a row waits; None: it is told now, on time or late."""
    upcoming = next_slot(now, place.cadence)
    if row.due.key == place.slot_key(upcoming):  # the cadence was changed since it was armed
        return upcoming.at
    if row.due.key == place.slot_key(slot) and place.cadence.is_open(now):
        return None
    moment = catch_up(now, place.cadence)
    return moment if moment > now else None


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
            await uow.reminders.standing(x.team, x.channel)
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


async def drawn(
    uow: UnitOfWork, channel: Channel, found: Chosen, cadence: Cadence
) -> cards.Reminder:
    """The reminder in the channel's language, else in that of the first owner it names."""
    lang = channel.language
    if lang is None:
        first = (*found.asked, *found.quiet)[0].owner
        owner = await uow.people.get(channel.team, first)
        lang = owner.language if owner else "en"
    return cards.reminder(await _shown(uow, found), channel.lead, lang, cadence)


async def _shown(uow: UnitOfWork, found: Chosen) -> Listing:
    """The items of what a message can show; the rest of a long list is counted without them."""
    first = found.first(cards.LISTED)
    beyond = found.asked[len(first.asked) :]
    owed = await uow.reminders.owed((*first.asked, *first.quiet))
    quiet = {x.experiment for x in first.quiet}
    return Listing(
        asked=tuple(x for x in owed if x.experiment not in quiet),
        quiet=tuple(x for x in owed if x.experiment in quiet),
        beyond_asked=len(beyond),
        beyond_quiet=len(found.quiet) - len(first.quiet),
        beyond_lacks=any(x.lacks for x in beyond),
    )


async def remove(uow: UnitOfWork, channel: Channel, standing: Standing, now: datetime) -> None:
    """Take a reminder away: what was not sent yet is not sent any more."""
    await uow.outbox.withdraw(channel.team, standing.subject)
    await uow.outbox.add(_outgoing(channel, Op.DELETE, standing, Message("")), now)


def _outgoing(channel: Channel, op: Op, standing: Standing, message: Message) -> Outgoing:
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
